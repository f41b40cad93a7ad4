from __future__ import annotations

from typing import Any

import pytest

from biprompt.errors import InputError
from biprompt.evaluation.biprompt.asking import PAPER_TEMPLATES, TEMPLATES, Asking, phrase
from biprompt.evaluation.published import find_table


def test_the_paper_s_words_to_the_letter() -> None:
    rows = {row.name for row in find_table("biprompt-sam", "Table 4").rows}
    assert {each.replace("{}", "[class name]") for each in PAPER_TEMPLATES} == rows
    assert TEMPLATES[: len(PAPER_TEMPLATES)] == PAPER_TEMPLATES


def test_every_point_with_the_main_words_and_all_words_with_the_main_point() -> None:
    asking = Asking(("edge", "centre", "edge"), ("{}", "the  {}", "thing", "{}"), 0.5, 7)
    assert asking.pairs == (("edge", "{}"), ("centre", "{}"), ("edge", "the {}"), ("edge", "thing"))
    assert len(asking.grid) == 6
    assert asking.settings() == {
        "points": ["edge", "centre"],
        "templates": ["{}", "the {}", "thing"],
        "step": 0.5,
        "seed": 7,
    }
    assert phrase("the {}", "left {}") == "the left {}"
    assert phrase("thing", "cup") == "thing"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"points": ()}, "points: expected some of centre, random, jittered, edge, got none"),
        ({"points": ("centre", "nod")}, "points: expected some of .*, got nod"),
        ({"templates": ()}, "templates: expected words"),
        ({"templates": ("{}", " ")}, "template: expected words"),
        ({"templates": ("{name}",)}, "template: .* no other braces, got '{name}'"),
        ({"step": 0.3}, "step of the weights"),
        ({"seed": -1}, "seed: expected 0 or more"),
    ],
)
def test_what_cannot_be_asked(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Asking(**given)
