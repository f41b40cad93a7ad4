"""Names of files that are made from names of images and labels."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 100
"""Of one name; file systems take 255 bytes, and a name may be put together from two."""

_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_stem(name: str, otherwise: str = "image") -> str:
    """Return the name of a file, without folders and suffix, as every usual system takes it.

    Args:
        name: of a file, with or without folders and suffix.
        otherwise: what to return where nothing is left.

    Returns:
        Letters and digits of any script, "-", "_" and inner "."; at most MAX_BYTES + 1 bytes.
    """
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, _ = last.rpartition(".")
    return safe_word(stem if dot and stem else last, otherwise)


def safe_word(text: str, otherwise: str = "object") -> str:
    """Return a text, such as a label, as a part of a file name; see `safe_stem`."""
    plain = unicodedata.normalize("NFKC", text)
    word = re.sub(r"[^\w.-]+", "_", plain).strip("._-")
    word = word.encode()[:MAX_BYTES].decode(errors="ignore").rstrip("._-")
    if not word:
        return otherwise
    return f"_{word}" if _DEVICES.fullmatch(word.split(".")[0]) else word
