"""`biprompt models verify`: is a checkpoint whole, and the one that was published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from biprompt.cli import options as o
from biprompt.cli.models.common import NameOrPath, needs_torch, network_line
from biprompt.cli.progress import Progress
from biprompt.cli.table import size, table

if TYPE_CHECKING:
    from biprompt.zoo.verify import Verified

HELP = """Check that a checkpoint is whole.

Reads every byte, compares the SHA-256 with the published one where it is known, and every key
with those of the network; ends with status 0 when all is well.
"""


def verify(name: NameOrPath, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Check, and say what was found."""
    from biprompt.zoo.folders import find_checkpoint

    located = find_checkpoint(name)
    with needs_torch("checking a checkpoint"):
        from biprompt.zoo.verify import verify as check
    with Progress() as progress:
        progress.step(f"reading {located.path}")
        verified = check(located)
    print(json.dumps(_facts(verified)) if as_json else _text(verified))


def _facts(verified: Verified) -> dict[str, Any]:
    return {
        "family": verified.recognised.family.value,
        "tensors": verified.tensors,
        "files": [
            {
                "path": str(file.path),
                "bytes": file.nbytes,
                "sha256": file.sha256,
                "compared": file.compared,
            }
            for file in verified.files
        ],
    }


def _text(verified: Verified) -> str:
    rows = [
        (
            str(file.path),
            size(file.nbytes),
            f"sha256 {file.sha256}",
            "as published" if file.compared else "no published digest is known",
        )
        for file in verified.files
    ]
    keys = f"all {verified.tensors} keys are there"
    return "\n".join([table(rows), f"{network_line(verified.recognised)}; {keys}"])
