"""From the folder of a guided network to a runtime."""

from __future__ import annotations

import os
from pathlib import Path

from biprompt.guidance import Encoding
from biprompt.runtime.guided import GuidedRuntime
from biprompt.runtime.torch import Place
from biprompt.zoo.guided import read_guided


def load_guided(folder: str | os.PathLike[str], place: Place) -> GuidedRuntime:
    """Load what `biprompt train guided` wrote.

    Args:
        folder: of the run.
        place: device; the network works in float32 on any.

    Raises:
        WeightsError: a file is missing or damaged, or not of this network.
        ModelError: the device's memory is not enough.
    """
    network, facts = read_guided(Path(folder))
    encoding = Encoding(facts.encoding)
    return GuidedRuntime(facts.name, facts.digest, network, encoding, facts.long_side, place)
