from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.data.readers._stream import START, _Cursor, _lists, stream_lists
from biprompt.errors import DataError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def gathered(pairs: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, element in pairs:
        if element is START:
            found[key] = []
        else:
            found[key].append(element)
    return found


@given(st.dictionaries(st.text(), JSON, max_size=5), st.sampled_from([None, 0, 3]))
def test_the_lists_are_those_of_the_json_module(document: Any, indent: int | None) -> None:
    text = "\n " + json.dumps(document, indent=indent) + "\r\n"
    expected = {key: value for key, value in document.items() if isinstance(value, list)}
    assert gathered(_lists(_Cursor(text))) == expected


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", "{", '{"a"}', '{"a": [1,]}', '{"a": [1 2]}', '{"a": [1}', '{"a": [1], }',
     '{"a": [1]} x', '{"a": 1', "{'a': 1}", '{"a": [' + "[" * 100_000],
)  # fmt: skip
def test_what_is_no_json_object(tmp_path: Path, text: str) -> None:
    path = tmp_path / "instances.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"instances\.json: annotations: expected JSON"):
        list(stream_lists(path))


def test_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_bytes('{"a": ["\xe9"]}'.encode("latin-1"))
    with pytest.raises(DataError, match="expected JSON"):
        list(stream_lists(path))


def test_an_error_of_the_caller_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text('{"a": [1]}')
    with pytest.raises(ValueError, match="mine"):
        for _ in stream_lists(path):
            raise ValueError("mine")
