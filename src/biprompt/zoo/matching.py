"""The keys of a checkpoint against those of the network that takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from torch import Tensor

from biprompt.errors import WeightsError
from biprompt.zoo.recognise import Recognised, is_unused
from biprompt.zoo.weights import TensorFacts

_LISTED = 3
"""How many keys of each kind an error lists."""


def match_keys(
    wanted: Mapping[str, Tensor],
    facts: Mapping[str, TensorFacts],
    recognised: Recognised,
    path: Path,
) -> dict[str, str]:
    """For every tensor of a network, the key of a checkpoint that holds it.

    What the network has no use for is left out: buffers that are made anew, SAM 2's memory of
    earlier frames, MobileSAM's classifier.

    Args:
        wanted: the network's state dict.
        facts: of the checkpoint's tensors.
        recognised: what the checkpoint holds.
        path: where it is, for the error.

    Raises:
        WeightsError: keys are missing or unexpected, or a tensor has another shape or kind;
            the first few are listed.
    """
    sources = used_keys(facts, recognised)
    common = sorted(wanted.keys() & sources.keys())
    faults = {
        "missing": sorted(wanted.keys() - sources.keys()),
        "unexpected": sorted(sources[name] for name in sources.keys() - wanted.keys()),
        "not fitting": [
            f"{name} {fact.dtype} {fact.shape}"
            for name, fact in ((name, facts[sources[name]]) for name in common)
            if not _fits(fact, wanted[name])
        ],
    }
    told = "; ".join(f"{_some(names)} {fault}" for fault, names in faults.items() if names)
    if told:
        expected = f"the {len(wanted)} keys of {recognised.family}; {told}"
        raise WeightsError("keys", expected=expected, actual=f"{len(sources)} keys", path=path)
    return sources


def used_keys(keys: Iterable[str], recognised: Recognised) -> dict[str, str]:
    """The keys of a checkpoint that an image needs, by their published names."""
    names = {key.removeprefix(recognised.prefix): key for key in keys}
    return {name: key for name, key in names.items() if not is_unused(name, recognised.family)}


def _fits(fact: TensorFacts, wanted: Tensor) -> bool:
    floating = "float" in fact.dtype
    return fact.shape == tuple(wanted.shape) and floating == wanted.is_floating_point()


def _some(names: list[str]) -> str:
    more = len(names) - _LISTED
    listed = ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
    return f"{len(names)} ({listed})"
