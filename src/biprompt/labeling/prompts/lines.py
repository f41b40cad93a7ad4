"""Prompt files with a prompt in each line: JSON Lines and CSV."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

from biprompt.errors import DataError
from biprompt.labeling.places import text_lines
from biprompt.labeling.prompts.values import FIELDS, Said, said_of

_CSV_FIELDS = tuple(name for name in FIELDS if name != "scribbles")
_NUMBERS = re.compile(r"[,\s]+")


def read_jsonl(place: str) -> Iterator[Said]:
    """Yield the prompts of a JSON Lines file: one object a line, empty lines are skipped.

    Raises:
        DataError: a line, which is named, is not UTF-8, no JSON object, or no prompt.
    """
    for number, line in text_lines(place):
        if not line.strip():
            continue
        what = f"line {number}"
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(what, expected="JSON", actual=error, path=place) from error
        if not isinstance(values, dict):
            actual = type(values).__name__
            raise DataError(what, expected="a JSON object", actual=actual, path=place)
        yield said_of(values, what, place)


def read_csv(place: str) -> Iterator[Said]:
    """Yield the prompts of a CSV file, whose first line names the columns.

    Points and outlines are `X,Y;X,Y;...`, labels `1;0;...`, a box `X0,Y0,X1,Y1`; an empty cell is
    not given. Strokes are for JSON Lines.

    Raises:
        DataError: a line, which is named, is not UTF-8, has more or fewer cells than the first, or
            is no prompt; a column that is none.
    """
    reader = csv.reader((line for _, line in text_lines(place)), strict=True)
    try:
        columns = _columns(next(reader, []), place)
        for cells in reader:
            what = f"line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                expected = f"{len(columns)} cells, as in its first line"
                raise DataError(what, expected=expected, actual=len(cells), path=place)
            values = {name: _value(name, cell) for name, cell in zip(columns, cells, strict=True)}
            yield said_of(values, what, place)
    except csv.Error as error:
        what = f"line {reader.line_num}"
        raise DataError(what, expected="CSV", actual=error, path=place) from error


def _columns(names: list[str], place: str) -> list[str]:
    columns = [name.strip() for name in names]
    wrong = [name for name in columns if name not in _CSV_FIELDS]
    if wrong or not columns or len(set(columns)) != len(columns):
        expected = f"different columns among {', '.join(_CSV_FIELDS)}"
        actual = repr(wrong[0]) if wrong else ", ".join(columns) or "an empty file"
        raise DataError("line 1", expected=expected, actual=actual, path=place)
    return columns


def _value(name: str, cell: str) -> Any:
    text = cell.strip()
    if not text:
        return None
    try:
        if name in ("points", "polygon"):
            return [_numbers(part) for part in text.strip(";").split(";")]
        if name == "labels":
            return [int(part) for part in text.strip(";").split(";")]
        return _numbers(text) if name == "box" else text
    except ValueError:
        return text  # which the prompt then refuses, in its own words


def _numbers(text: str) -> list[float]:
    return [float(part) for part in _NUMBERS.split(text.strip())]
