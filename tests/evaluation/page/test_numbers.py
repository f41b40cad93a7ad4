from __future__ import annotations

import json
import math

import pytest

from biprompt.evaluation.page.markdown import markdown_table
from biprompt.evaluation.page.numbers import number, to_json


def test_markdown_table() -> None:
    assert markdown_table(["a", "b"], [["1", "x|y"]]) == "| a | b |\n| --- | --- |\n| 1 | x\\|y |"


@pytest.mark.parametrize(("value", "text"), [(0.12345, "0.123"), (None, "-"), (math.nan, "-")])
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


def test_json_is_valid_whatever_was_measured() -> None:
    content = to_json({"a": math.nan, "b": (1 / 3, 2), "c": {"d": None, 80: True}})
    assert json.loads(content) == {"a": None, "b": [0.333333, 2], "c": {"d": None, "80": True}}


def test_json_of_a_name_that_is_no_text() -> None:
    assert json.loads(to_json({"a": "b\udcff"})) == {"a": "b\udcff"}
