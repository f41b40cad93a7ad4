"""What was downloaded: kept beside the files, so that they can be verified without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from biprompt.errors import WeightsError
from biprompt.io.files import atomic_write

RECEIPT = "biprompt.json"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as its source describes it.

    Attributes:
        nbytes: its size.
        sha256: of its content, None where the source does not say.
    """

    nbytes: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A finished download.

    Attributes:
        checkpoint: its name.
        source: where it came from.
        files: what came.
        commit: of the repository, if it came from one.
    """

    checkpoint: str
    source: str
    files: Mapping[str, FileFacts]
    commit: str | None = None


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Keep a receipt in a folder, in place of an older one.

    Raises:
        OutputError: it cannot be written.
    """
    text = json.dumps(asdict(receipt), indent=2) + "\n"
    atomic_write(folder / RECEIPT, text.encode(), force=True)


def read_receipt(folder: Path) -> Receipt | None:
    """The receipt of a folder, None where there is none.

    Raises:
        WeightsError: it is damaged.
    """
    path = folder / RECEIPT
    if not path.is_file():
        return None
    try:
        plain = json.loads(path.read_bytes())
        files = {name: FileFacts(**facts) for name, facts in plain.pop("files").items()}
        return Receipt(files=files, **plain)
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        expected = "what biprompt wrote when it downloaded (remove it, and get the files again)"
        raise WeightsError("receipt", expected=expected, actual=error, path=path) from error
