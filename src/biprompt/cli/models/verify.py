"""`biprompt models verify`: is a checkpoint whole, and the one that was published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from biprompt.cli import options as o
from biprompt.cli.models.common import NameOrPath, needs_torch, network_line
from biprompt.cli.progress import Progress
from biprompt.cli.table import size, table

if TYPE_CHECKING:
    from biprompt.zoo.hub import HubFolder
    from biprompt.zoo.verify import Verified, VerifiedFile

HELP = """Check that a checkpoint is whole.

Reads every byte, compares the SHA-256 with the published one where it is known, and every key
with those of the network; ends with status 0 when all is well.
"""


def verify(name: NameOrPath, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Check, and say what was found."""
    from biprompt.zoo.folders import find_checkpoint
    from biprompt.zoo.hub import find_hub, is_hub

    if is_hub(name):
        return _verify_hub(find_hub(name), as_json)
    located = find_checkpoint(name)
    with needs_torch("checking a checkpoint"):
        from biprompt.zoo.verify import verify as check
    with Progress() as progress:
        progress.step(f"reading {located.path}")
        verified = check(located)
    print(json.dumps(_facts(verified)) if as_json else _text(verified))


def _verify_hub(folder: HubFolder, as_json: bool) -> None:
    """Check the files of a model that transformers runs."""
    with needs_torch("checking a model"):
        from biprompt.zoo.verify import verify_files
    with Progress() as progress:
        progress.step(f"reading {folder.path}")
        files = verify_files(folder.path)
    facts = {"family": folder.family.value, "files": _file_facts(files)}
    told = f"{folder.family.value}: keys are compared when it is loaded"
    print(json.dumps(facts) if as_json else "\n".join([_file_text(files), told]))


def _facts(verified: Verified) -> dict[str, Any]:
    return {
        "family": verified.recognised.family.value,
        "tensors": verified.tensors,
        "files": _file_facts(verified.files),
    }


def _file_facts(files: Sequence[VerifiedFile]) -> list[dict[str, Any]]:
    return [
        {
            "path": str(file.path),
            "bytes": file.nbytes,
            "sha256": file.sha256,
            "compared": file.compared,
        }
        for file in files
    ]


def _text(verified: Verified) -> str:
    keys = f"all {verified.tensors} keys are there"
    return "\n".join([_file_text(verified.files), f"{network_line(verified.recognised)}; {keys}"])


def _file_text(files: Sequence[VerifiedFile]) -> str:
    rows = [
        (
            str(file.path),
            size(file.nbytes),
            f"sha256 {file.sha256}",
            "as published" if file.compared else "no published digest is known",
        )
        for file in files
    ]
    return table(rows)
