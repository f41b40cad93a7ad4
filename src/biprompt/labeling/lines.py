"""A result as one line of JSON that tells whether it is whole."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HEAD = re.compile(rb'\{"crc":"([0-9a-f]{8})","item":(\d+),"ok":(true|false),')
_CRC_CHARS = len(b'{"crc":"00000000",')


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a line says.

    Attributes:
        item: number of the item.
        ok: whether there are answers.
    """

    item: int
    ok: bool


def encode_line(item: int, ok: bool, values: Mapping[str, Any]) -> bytes:
    """Return a line: a checksum of what follows it, the item's number, then the values.

    Args:
        item: number of the item.
        ok: whether there are answers; False for a failure.
        values: JSON values, at least one; no NaN.
    """
    numbered = {"item": item, "ok": ok, **values}
    body = json.dumps(numbered, allow_nan=False, separators=(",", ":")).encode()[1:]
    return b'{"crc":"%08x",%s\n' % (zlib.crc32(body), body)


def head_of(line: bytes) -> Head | None:
    """Return what the beginning of a line says; None for a line that is not whole."""
    found = _HEAD.match(line)
    if found is None or not line.endswith(b"}\n"):
        return None
    if zlib.crc32(line[_CRC_CHARS:-1]) != int(found[1], 16):
        return None
    return Head(int(found[2]), found[3] == b"true")


def decode_line(line: bytes) -> dict[str, Any]:
    """Return the values of a whole line, the item's number and `ok` among them."""
    values: dict[str, Any] = json.loads(line)
    del values["crc"]
    return values
