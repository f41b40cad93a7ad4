"""Question-mask pairs: what is chosen, what is written, what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.training.organ_seg import conftest as made

from biprompt.cli import main
from biprompt.data.readers.flare22 import ORGANS
from biprompt.errors import DataError
from biprompt.presence import load_domain
from biprompt.presence.bank import read_bank
from biprompt.training.organ_seg.choosing import Plan, Shown, choose_pairs, split_volumes
from biprompt.training.organ_seg.pairs import read_pairs

DOMAIN = load_domain("organs")
BANK = read_bank("organs", DOMAIN)
EVERYTHING = dict.fromkeys(ORGANS, 100)


def shown(volumes: int, slices: int, **areas: int) -> list[Shown]:
    return [
        Shown(f"v{v}", s, areas or {"liver": 90}) for v in range(volumes) for s in range(slices)
    ]


def test_pairs_say_what_is_on_the_slice(pairs: Path, phantoms: Path) -> None:
    found = read_pairs(pairs)
    assert found.classes == ORGANS
    kinds = [pair.kind for pair in found.pairs]
    assert kinds.count("present") == sum(len(s) for body in made.BODIES.values() for s in body)
    for pair in found.pairs:
        organs = made.BODIES[pair.volume][pair.index]
        labels = made.seen_labels(organs)
        if pair.kind == "present":
            assert pair.organ == pair.asked and pair.organ in organs
            truth = labels == 1 + ORGANS.index(pair.organ)
            np.testing.assert_array_equal(found.mask(pair), truth)
        else:
            assert pair.organ is None and not found.mask(pair).any()
            assert pair.asked is None if pair.kind == "off-topic" else pair.asked not in organs
            assert found.number(pair) == len(ORGANS)
        # Grey of the soft-tissue window, -160 to 240 HU; the two rows at the front are air.
        grey = found.pixels(pair)
        assert (grey[2:][labels[2:] == 0] == round(255 * 40 / 400)).all() and not grey[:2].any()


def test_questions_answer_and_training_sees_none_of_the_tests(pairs: Path) -> None:
    known = {question.text: question for question in BANK}
    for pair in read_pairs(pairs).pairs:
        question = known[pair.question]
        assert question.things == (frozenset() if pair.asked is None else {pair.asked})
        assert question.held_back == (pair.split == "test")


def test_a_fifth_of_the_volumes_is_for_testing() -> None:
    names = [f"case{number}" for number in range(50)]
    splits = split_volumes(names, 0)
    assert sorted(splits.values()).count("test") == 10
    assert splits == split_volumes(names[::-1], 0)
    assert splits != split_volumes(names, 1)
    assert sorted(split_volumes(["a", "b"], 0).values()) == ["test", "train"]
    assert split_volumes(["a"], 0) == {"a": "train"}


def test_shares_of_false_premises() -> None:
    found = choose_pairs(shown(10, 40), ORGANS, BANK, Plan(absent=0.3, off_topic=0.2))
    for split, count in (("train", 320), ("test", 80)):
        kinds = [pair.kind for pair in found if pair.split == split]
        assert [kinds.count(kind) for kind in ("present", "absent", "off-topic")] == [
            count, round(count * 0.6), round(count * 0.4),
        ]  # fmt: skip
    volumes = {split: {p.volume for p in found if p.split == split} for split in ("train", "test")}
    assert not volumes["train"] & volumes["test"]


def test_nothing_is_absent_where_everything_is_there() -> None:
    slices = [replace(one, areas=EVERYTHING) for one in shown(5, 4)]
    found = choose_pairs(slices, ORGANS, BANK, Plan(absent=0.4))
    assert not [pair for pair in found if pair.kind == "absent"]


def test_a_few_pixels_are_neither_present_nor_absent() -> None:
    slices = [replace(one, areas={"liver": 90, "aorta": 3}) for one in shown(5, 40)]
    found = choose_pairs(slices, ORGANS, BANK, Plan(pixels=50, absent=0.5))
    assert "aorta" not in {pair.asked for pair in found}


def test_at_most_so_many_slices_of_an_organ() -> None:
    found = choose_pairs(shown(5, 100), ORGANS, BANK, Plan(per_organ=50))
    counted = [p.split for p in found if p.kind == "present"]
    assert (counted.count("train"), counted.count("test")) == (40, 10)
    indices = sorted(p.index for p in found if p.kind == "present" and p.split == "test")
    assert indices[0] == 0 and indices[-1] == 99


def test_the_same_seed_gives_the_same_pairs(phantoms: Path, pairs: Path, tmp_path: Path) -> None:
    argv = ["data", "pairs", "flare22", str(phantoms), "--pixels", "9"]
    assert main([*argv, "-o", str(tmp_path / "again")]) == 0
    assert main([*argv, "-o", str(tmp_path / "other"), "--seed", "1"]) == 0
    lines = [(root / "pairs.jsonl").read_bytes()
             for root in (pairs, tmp_path / "again", tmp_path / "other")]  # fmt: skip
    assert lines[0] == lines[1] != lines[2]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert not captured.out
    (line,) = captured.err.splitlines()
    return line


def test_nothing_is_overwritten(
    phantoms: Path, pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "pairs", "flare22", str(phantoms), "-o", str(pairs)]) == 2
    assert "no pairs in it (--force replaces)" in said(capsys)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--absent", "0.7", "--off-topic", "0.3"], "shares below 1 together"),
        (["--slices", "0"], "at least 1"),
        (["--pixels", "5000"], "an organ covers 5000 pixels"),
        (["--domain", "coco", "--questions", "coco"], "organs of the domain coco"),
        (["--questions", "nowhere"], "nowhere"),
    ],
)
def test_bad_options(
    phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    options: list[str], words: str,
) -> None:  # fmt: skip
    argv = ["data", "pairs", "flare22", str(phantoms), "-o", str(tmp_path / "out"), *options]
    assert main(argv) == 2
    assert words in said(capsys)


def test_a_set_that_holds_no_volumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "pairs", "refcoco", str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    assert "one of flare22" in said(capsys)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("pairs.json", "{", "pairs.json"),
        ("pairs.json", '{"version": 9}', "version 1"),
        ("pairs.jsonl", "", "at least one"),
        ("pairs.jsonl", '{"key": "x"}\n', "line 1"),
        ("pairs.jsonl", None, "heart"),
    ],
)
def test_damaged_sets(
    pairs: Path, tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    for each in ("pairs.json", "pairs.jsonl"):
        (tmp_path / each).write_bytes((pairs / each).read_bytes())
    if content is None:
        first: dict[str, Any] = json.loads((pairs / name).read_text().splitlines()[0])
        content = json.dumps(first | {"organ": "heart"})
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=words):
        read_pairs(tmp_path)
