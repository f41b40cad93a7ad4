"""What ``model.json`` says of an exported model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biprompt.errors import WeightsError

MANIFEST = "model.json"
GRAPHS = ("encoder", "text", "decoder")
_WORDING: Mapping[type, str] = {
    str: "a string",
    int: "a whole number above 0",
    list: "a list",
    dict: "an object",
}
_FIELDS: Mapping[str, type] = {
    "name": str,
    "long_side": int,
    "known_words": list,
    "config": dict,
    "sha256": dict,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts of an exported model that using it needs.

    Attributes:
        name: of the model.
        long_side: model pixels of the longer side of an image.
        known_words: words that it was trained on.
        text_dim: length of a prompt embedding.
        sha256: hexadecimal digest of each graph's file.
    """

    name: str
    long_side: int
    known_words: tuple[str, ...]
    text_dim: int
    sha256: Mapping[str, str]

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with any weight."""
        joined = "".join(self.sha256[name] for name in GRAPHS)
        return hashlib.sha256(joined.encode()).hexdigest()[:16]


def read_manifest(folder: Path) -> Manifest:
    """Read ``model.json``.

    Raises:
        WeightsError: it is missing, is not JSON, or lacks a field.
    """
    path = folder / MANIFEST
    fields = _json_object(path)
    for name, kind in _FIELDS.items():
        _check(fields, name, kind, path)
    _check(fields["config"], "text_dim", int, path)
    for name in GRAPHS:
        _check(fields["sha256"], name, str, path)
    return Manifest(
        fields["name"],
        fields["long_side"],
        tuple(map(str, fields["known_words"])),
        fields["config"]["text_dim"],
        fields["sha256"],
    )


def _json_object(path: Path) -> dict[str, Any]:
    expected = "a JSON object"
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WeightsError("model", expected="a file", actual=error.strerror, path=path) from error
    except ValueError as error:
        raise WeightsError("model", expected=expected, actual=error, path=path) from error
    if not isinstance(fields, dict):
        raise WeightsError("model", expected=expected, actual=type(fields).__name__, path=path)
    return fields


def _check(fields: Mapping[str, Any], name: str, kind: type, path: Path) -> None:
    value = fields.get(name)
    if not isinstance(value, kind) or (isinstance(value, int) and value < 1):
        actual = "nothing" if value is None else repr(value)
        raise WeightsError(f"model, {name}", expected=_WORDING[kind], actual=actual, path=path)
