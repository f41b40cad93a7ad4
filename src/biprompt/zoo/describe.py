"""What a checkpoint is, as plain values for people and programs; no number of it is read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from biprompt.zoo.folders import Located
from biprompt.zoo.matching import used_keys
from biprompt.zoo.naming import open_published
from biprompt.zoo.recognise import is_parameter, preset_of, recognise, stated_by


def describe(located: Located) -> dict[str, Any]:
    """Everything that names, shapes and the checkpoint itself tell, as JSON values.

    Returns:
        path, family, prompts, parameters (of the network as it is built here), tensors, unused
        (how many of them no image needs), types, bytes, files, preset and sizes.

    Raises:
        WeightsError: it cannot be read, or is of no network that is known.
    """
    weights = open_published(located.path)
    stated = stated_by(weights)
    recognised = recognise(weights.shapes, stated, located.path)
    used = used_keys(weights, recognised).values()
    return {
        "path": str(located.path),
        "family": recognised.family.value,
        "prompts": list(recognised.family.prompts),
        "parameters": sum(weights.facts[key].count for key in used if is_parameter(key)),
        "tensors": len(weights),
        "unused": len(weights) - len(used),
        "types": sorted({fact.dtype for fact in weights.facts.values()}),
        "bytes": weights.nbytes,
        "files": [file.path.name for file in weights.files],
        "preset": asdict(preset_of(recognised.family, stated, located.spec)),
        "sizes": {name: part for name, part in recognised.plain().items() if name != "family"},
    }
