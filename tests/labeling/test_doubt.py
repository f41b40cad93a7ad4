from __future__ import annotations

from typing import Any

import pytest

from biprompt.labeling.doubt import doubt_of


def answer(**values: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("presence", "score", "margin", "rival", "understood"))
    return {"verdict": "found", **nothing, **values}


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({}, 0.0),
        ({"presence": 1.0}, 0.0),
        ({"presence": 0.5}, 1.0),
        ({"presence": 0.75}, 0.5),
        ({"verdict": "absent", "presence": 0.5}, 1.0),
        ({"verdict": "absent", "presence": 0.49}, 0.98),
        ({"verdict": "absent", "presence": 0.0}, 0.0),
        ({"verdict": "absent", "presence": 0.1}, 0.2),
        ({"verdict": "absent", "presence": 0.8}, 1.0),
        ({"presence": 0.25}, 0.75),
        ({"verdict": "disagree", "presence": 1.0}, 1.0),
        ({"score": 0.9}, 0.1),
        ({"verdict": "absent", "presence": 0.1, "score": 0.0}, 0.2),
        ({"margin": 0.02, "rival": 0.0}, 0.8),
        ({"margin": 0.02, "rival": 0.75}, 0.2),
        ({"margin": 0.02, "rival": 1.0}, 0.0),
        ({"margin": 0.5, "rival": 0.0, "score": 1.0}, 0.0),
        ({"score": 0.6, "presence": 0.9, "margin": 0.04, "rival": 0.1}, 0.54),
        ({"verdict": "absent", "understood": False}, 0.0),
        ({"understood": False, "score": 0.5}, 0.5),
    ],
)
def test_the_strongest_reason_counts(values: dict[str, Any], doubt: float) -> None:
    assert doubt_of(answer(**values)).value == pytest.approx(doubt)


def test_reasons_are_told_with_their_numbers_the_strongest_first() -> None:
    told = doubt_of(answer(verdict="disagree", presence=0.9, score=0.4, margin=0.5)).why
    assert told == ("words and pointing disagree", "predicted IoU 0.40", "disagree, presence 0.90")
    assert doubt_of(answer(score=1.0)).why == ()
