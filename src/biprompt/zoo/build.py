"""From files to a network: recognised, built without memory, and given its weights."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from biprompt.errors import ModelError, WeightsError
from biprompt.models.efficient_sam import EfficientSam, EfficientSamConfig
from biprompt.models.evf import EvfSam
from biprompt.models.sam import Sam, SamConfig, SamHq
from biprompt.models.sam2 import Sam2
from biprompt.zoo.checkpoints import CheckpointSpec
from biprompt.zoo.families import Family, Preset
from biprompt.zoo.folders import published_as, tokenizer_beside
from biprompt.zoo.matching import match_keys
from biprompt.zoo.memory import check_memory
from biprompt.zoo.naming import open_published
from biprompt.zoo.recognise import (
    Recognised,
    VisualConfig,
    must_stay_exact,
    preset_of,
    recognise,
    stated_by,
)
from biprompt.zoo.weights import TensorFacts

_SAMPLES = 16
"""Numbers of each tensor that its fingerprint looks at."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedCheckpoint:
    """A network with the weights of a checkpoint.

    Attributes:
        model: on the CPU, in evaluation mode. Its weights are pages of the files where those can
            be mapped, read when they are first used: the files may be replaced meanwhile, but not
            cut short.
        recognised: what it is.
        preset: how it expects its image, and how it answers words.
        path: where it came from.
        tokenizer: the file that cuts phrases into tokens; None where none lies beside it.
    """

    model: nn.Module
    recognised: Recognised
    preset: Preset
    path: Path
    tokenizer: Path | None

    @property
    def family(self) -> Family:
        """The family of the network."""
        return self.recognised.family

    @property
    def version(self) -> str:
        """Changes with the weights and the preset, not with the kind of file: for caches."""
        return fingerprint(self.model.state_dict(), repr(self.preset))


def load_checkpoint(
    path: str | os.PathLike[str],
    *,
    expect: CheckpointSpec | None = None,
    dtype: torch.dtype | None = None,
    working: torch.dtype | None = None,
) -> LoadedCheckpoint:
    """Build the network that a checkpoint holds, and give it the weights.

    Tensor by tensor, so that memory never holds more than the network and one tensor.

    Args:
        path: a file or folder of weights, see `open_published`.
        expect: the published checkpoint that it must be.
        dtype: type for floating-point weights; left out, each keeps that of the file. The
            frequencies that tell pixels apart keep it in any case.
        working: the type they are converted to afterwards, for the memory that will be needed.

    Raises:
        WeightsError: it is missing, damaged or incomplete, of another model than `expect` or of
            none that is known, or keys are missing or unexpected (they are listed).
        ModelError: it does not fit in memory.
    """
    path = Path(path)
    weights = open_published(path)
    stated = stated_by(weights)
    recognised = recognise(weights.shapes, stated, path)
    model = empty_model(recognised)
    if expect is not None:
        _check_expected(recognised.family, model, expect, path)
    sources = match_keys(model.state_dict(), weights.facts, recognised, path)
    types = {name: _type(name, weights.facts[key], dtype) for name, key in sources.items()}
    sizes = {name: max(kind.itemsize, 0 if working is None else working.itemsize)
             for name, kind in types.items()}  # fmt: skip
    needed = sum(weights.facts[sources[name]].count * size for name, size in sizes.items())
    check_memory(needed, str(path))
    with _out_of_memory(path):
        state = {name: weights[sources[name]].to(kind) for name, kind in types.items()}
    model.load_state_dict(state, assign=True)
    preset = preset_of(recognised.family, stated, expect or published_as(path))
    return LoadedCheckpoint(model.eval(), recognised, preset, path, tokenizer_beside(path))


def empty_model(recognised: Recognised) -> nn.Module:
    """The network without weights, on the meta device: it takes no memory."""
    with torch.device("meta"):
        visual = _visual_model(recognised.visual, recognised.family)
        return visual if recognised.evf is None else EvfSam(visual, recognised.evf)


def fingerprint(tensors: Mapping[str, Tensor], more: str = "") -> str:
    """A digest of names, shapes and some numbers of each tensor: 32 hexadecimal digits.

    It reads one page of each, so that it is quick; it is no proof against forgery.

    Args:
        tensors: the weights.
        more: what else makes a difference.
    """
    digest = hashlib.blake2b(more.encode(), digest_size=16)
    for name in sorted(tensors):
        flat = tensors[name].detach().reshape(-1)
        middle = flat[flat.numel() // 2 :][:_SAMPLES]
        digest.update(f"{name} {tuple(tensors[name].shape)}".encode())
        digest.update(middle.double().cpu().numpy().tobytes())
    return digest.hexdigest()


def _visual_model(config: VisualConfig, family: Family) -> nn.Module:
    if isinstance(config, SamConfig):
        return SamHq(config) if family is Family.SAM_HQ else Sam(config)
    return EfficientSam(config) if isinstance(config, EfficientSamConfig) else Sam2(config)


def _check_expected(family: Family, model: nn.Module, spec: CheckpointSpec, path: Path) -> None:
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if (family, parameters) != (spec.family, spec.parameters):
        raise WeightsError(
            "checkpoint",
            expected=f"{spec.name}, {spec.family} of {spec.parameters / 1e6:.1f}M parameters",
            actual=f"{family} of {parameters / 1e6:.1f}M",
            path=path,
        )


def _type(name: str, fact: TensorFacts, dtype: torch.dtype | None) -> torch.dtype:
    """The type that a tensor will have."""
    own: torch.dtype = getattr(torch, fact.dtype)
    return own if dtype is None or not own.is_floating_point or must_stay_exact(name) else dtype


@contextmanager
def _out_of_memory(path: Path) -> Iterator[None]:
    """Turn what Python and torch say when memory ends into one error."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        raise ModelError(f"{path}: out of memory while reading the weights") from error
