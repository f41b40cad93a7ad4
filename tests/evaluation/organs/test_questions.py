from __future__ import annotations

import pytest

from biprompt.data.readers.flare22 import ORGANS
from biprompt.errors import InputError
from biprompt.evaluation.organs import Question, questions_of


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("name", "spleen"),
        ("segment", "Segment the spleen."),
        ("Is that a {organ}?", "Is that a spleen?"),
    ],
)
def test_every_organ_is_asked_for_by_its_name(asked: str, said: str) -> None:
    questions = questions_of(asked, ORGANS)
    assert len(questions) == 13
    assert questions[2] == Question("spleen", said, ("spleen",))


def test_functions_mean_organs_of_the_data_set_and_one_means_none() -> None:
    questions = {each.name: each for each in questions_of("function", ORGANS)}
    assert questions["kidneys"].organs == ("right kidney", "left kidney")
    assert questions["breathing"].organs == ()
    assert {organ for each in questions.values() for organ in each.organs} <= set(ORGANS)


@pytest.mark.parametrize("asked", ["", "the liver", "{organ} or {organ}", "names"])
def test_another_text_is_refused(asked: str) -> None:
    with pytest.raises(InputError, match=r"question: expected name, segment, where, function, or"):
        questions_of(asked, ORGANS)
