"""`biprompt models get`: download a published checkpoint, or both of a pair."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from biprompt.cli import options as o
from biprompt.cli.models.common import Name
from biprompt.cli.progress import Progress
from biprompt.cli.table import size

if TYPE_CHECKING:
    from biprompt.zoo.checkpoints import Published
    from biprompt.zoo.download import Transfer

HELP = """Download a published checkpoint or foundation model, or both of a pair.

What is there already is not downloaded again, and what was interrupted goes on where it stopped.
BIPROMPT_MODELS names another folder for checkpoints.
"""


def get(name: Name, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Download, and print where it is."""
    from biprompt.zoo.download import get as download

    found = {}
    with Progress() as progress:
        for spec in _specs(name):
            found[spec.name] = str(download(spec, lambda moment: progress.step(_line(moment))))
    if as_json:
        checkpoints = [{"name": name, "path": path} for name, path in found.items()]
        print(json.dumps({"checkpoints": checkpoints}))
    else:
        print("\n".join(found.values()))


def _specs(name: str) -> list[Published]:
    from biprompt.errors import WeightsError
    from biprompt.zoo.checkpoints import CHECKPOINTS, PAIRS
    from biprompt.zoo.hub.table import HUB

    if pair := PAIRS.get(name):
        return [CHECKPOINTS[pair.points], CHECKPOINTS[pair.text]]
    spec = CHECKPOINTS.get(name) or HUB.get(name)
    if spec is None:
        expected = ", ".join((*CHECKPOINTS, *HUB, *PAIRS))
        raise WeightsError("checkpoint", expected=expected, actual=name)
    return [spec]


def _line(moment: Transfer) -> str:
    of = "" if moment.total is None else f" of {size(moment.total)}"
    return f"{moment.file}: {size(moment.done)}{of}"
