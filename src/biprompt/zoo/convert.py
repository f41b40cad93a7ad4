"""Any readable checkpoint as one safetensors file that says what it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.errors import OutputError
from biprompt.io.files import atomic_write, check_writable
from biprompt.zoo.families import Preset
from biprompt.zoo.folders import TOKENIZER, published_as, tokenizer_beside
from biprompt.zoo.naming import open_published
from biprompt.zoo.recognise import (
    KEY,
    Recognised,
    is_constant,
    must_stay_exact,
    preset_of,
    recognise,
    stated_by,
)
from biprompt.zoo.weights import TensorFacts, write_safetensors

if TYPE_CHECKING:
    from torch import Tensor

DTYPES = ("float32", "float16", "bfloat16")
SUFFIX = ".safetensors"


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote.

    Attributes:
        path: the weights.
        tokenizer: the tokenizer beside them; None where the network takes no words, or the
            checkpoint came without one.
        recognised: what the weights are.
        nbytes: size of `path`.
    """

    path: Path
    tokenizer: Path | None
    recognised: Recognised
    nbytes: int


def convert(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    dtype: str | None = None,
    force: bool = False,
) -> Converted:
    """Write a checkpoint as one safetensors file, under the published names.

    The file's metadata holds the sizes that no shape tells, and the preset of its generation. Only
    one tensor is in memory at a time.

    Args:
        path: a file or folder of weights, see `open_published`.
        out: the file; its name ends in ``.safetensors``.
        dtype: type for floating-point weights, one of `DTYPES`; left out, each keeps its own.
        force: replace existing files.

    Raises:
        WeightsError: the checkpoint cannot be read, or is of no network that is known.
        OutputError: `out` is named otherwise, exists, or cannot be written.
    """
    path, out = Path(path), Path(out)
    _check_out(out, force)
    weights = open_published(path)
    stated = stated_by(weights)
    recognised = recognise(weights.shapes, stated, path)
    preset = preset_of(recognised.family, stated, published_as(path))
    keys = {key.removeprefix(recognised.prefix): key for key in weights if not is_constant(key)}
    tokenizer = _copied(tokenizer_beside(path), out, force)
    facts = {name: _converted(name, weights.facts[key], dtype) for name, key in keys.items()}
    write_safetensors(
        out,
        facts,
        lambda name: _read(weights, keys[name], facts[name]),
        {KEY: _description(recognised, preset)},
        force=force,
    )
    return Converted(out, tokenizer, recognised, out.stat().st_size)


def _check_out(out: Path, force: bool) -> None:
    if out.suffix != SUFFIX:
        raise OutputError(
            "output file", expected=f"a name that ends in {SUFFIX}", actual=out.name, path=out
        )
    check_writable(out, force=force)


def _converted(name: str, fact: TensorFacts, dtype: str | None) -> TensorFacts:
    """A tensor after the conversion."""
    if dtype is None or "float" not in fact.dtype or must_stay_exact(name):
        return fact
    return replace(fact, dtype=dtype)


def _read(weights: Mapping[str, Tensor], key: str, fact: TensorFacts) -> Tensor:
    import torch

    return weights[key].to(getattr(torch, fact.dtype))


def _description(recognised: Recognised, preset: Preset) -> str:
    return json.dumps(recognised.plain() | {"preset": asdict(preset)})


def _copied(tokenizer: Path | None, out: Path, force: bool) -> Path | None:
    """The tokenizer, copied beside the weights unless it is there already."""
    if tokenizer is None:
        return None
    target = out.with_name(TOKENIZER)
    content = tokenizer.read_bytes()
    if not target.is_file() or target.read_bytes() != content:
        atomic_write(target, content, force=force)
    return target
