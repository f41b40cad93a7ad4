from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.labeling.lines import Head, decode_line, encode_line, head_of


def test_a_line_says_which_item_and_whether_there_are_answers() -> None:
    line = encode_line(12, True, {"image": "a é.png", "objects": []})
    assert line.endswith(b"}\n") and line.count(b"\n") == 1 and line.isascii()
    assert head_of(line) == Head(12, True)
    assert decode_line(line) == {"item": 12, "ok": True, "image": "a é.png", "objects": []}
    assert head_of(encode_line(0, False, {"error": "no"})) == Head(0, False)
    assert list(json.loads(line)) == ["crc", "item", "ok", "image", "objects"]


@given(st.integers(0, 60), st.integers(0, 255))
def test_any_other_byte_is_noticed(place: int, byte: int) -> None:
    line = bytearray(encode_line(3, True, {"image": "name.png", "objects": [1, 2, 3]}))
    same = line[place] == byte
    line[place] = byte
    assert (head_of(bytes(line)) == Head(3, True)) == same


@given(st.data())
def test_a_part_of_a_line_is_none(data: st.DataObject) -> None:
    line = encode_line(3, True, {"image": "name.png"})
    cut = data.draw(st.integers(0, len(line) - 1))
    assert (head_of(line[:cut]) is None and head_of(line[:cut] + line) is None) or cut == 0


def test_no_number_that_json_does_not_know() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_line(1, True, {"score": math.nan})


def test_half_characters_of_file_names_come_back() -> None:
    line = encode_line(1, True, {"image": "\udce9.png"})
    assert decode_line(line)["image"] == "\udce9.png"
