"""The load benchmark on a real server, for a moment: it must notice what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.questions import PROMPTS, essence, photographs, questions

import biprompt
from benchmarks import load


def test_a_short_run_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "load.json"
    arguments = ["--clients", "4", "--images", "2", "--seconds", "2", "--json", str(out)]
    assert load.main(arguments) == 0
    assert "| wrong answers | 0 | 0 | 0 |" in capsys.readouterr().out
    for one in json.loads(out.read_text())["loads"]:
        assert one["images_looked_at"] == 2 and set(one["statuses"]) <= {"200", "503"}
        assert one["answers"] == one["statuses"]["200"] > 0
        assert 0 <= one.get("p50", 0) <= one.get("p95", 0) <= one.get("p99", 0)


def test_answers_of_another_photograph_are_wrong() -> None:
    files = photographs(2)
    asked = questions(biprompt.load(threads=1), files)
    assert len(asked) == 2 * PROMPTS and len({one.wanted for one in asked}) == len(asked)
    answer = biprompt.load(threads=1).segment(files[0], points=[(5, 5)]).to_dict()
    assert essence(answer) == essence(answer)
    answer["mask"] = {**answer["mask"], "counts": answer["mask"]["counts"][:-1] + "0"}
    assert essence(answer) not in {one.wanted for one in asked}


@pytest.mark.parametrize(
    "wrong",
    [
        {"wrong_answers": 1},
        {"refusals_without_retry_after": 1},
        {"afterwards": {"200": 19, "503": 1}},
        {"images_looked_at": 3.0},
    ],
)
def test_what_is_not_sound(wrong: dict[str, object]) -> None:
    sound: dict[str, object] = {
        "wrong_answers": 0, "refusals_without_retry_after": 0, "afterwards": {"200": 20},
        "images_looked_at": 2.0,
    }  # fmt: skip
    assert load._is_sound(sound, 2)
    assert not load._is_sound({**sound, **wrong}, 2)
