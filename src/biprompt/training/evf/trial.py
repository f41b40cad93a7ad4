"""`--dry-run`: what a run would take, as lines of text; nothing is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from biprompt.training.evf.clip import ClipSam, Network
from biprompt.training.evf.command import make_trainer
from biprompt.training.evf.data.stream import BLOCK
from biprompt.training.evf.estimate import PHRASE_TOKENS, PICTURE_HW, Estimate, estimate
from biprompt.training.evf.material import Material, data_specs, open_material
from biprompt.training.evf.networks import blank_network
from biprompt.training.evf.plan import RunPlan
from biprompt.training.evf.reading import open_words
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.sizes import Sizes, sizes_of
from biprompt.training.evf.wrapping import accelerator_for, precision_of

_PROCESSES = 4
"""Processes that the papers trained with."""
_GB, _MILLION = 1e9, 1e6
_MEASURED = 2
"""Steps that are timed, after one that is not."""


def dry_run(recipe: EvfRecipe, plan: RunPlan, *, timed: bool = False) -> list[str]:
    """What a run would take.

    Args:
        recipe: of the run.
        plan: where it reads; nothing is written.
        timed: make three steps too, with the weights, and say how long the run would take.

    Raises:
        DataError: the data are missing or damaged, or the folder holds a run already.
        WeightsError: a file of weights is missing, damaged, or of another model.
    """
    plan.check(recipe)
    accelerator = accelerator_for(recipe)
    processes = accelerator.num_processes
    passes = recipe.accumulation(processes)
    material = open_material(data_specs(plan.data, recipe.ratios), recipe)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        files = plan.first_files()
        words = open_words(recipe, files, own, material.stream, keep=False)
        sizes = sizes_of(recipe, files, words.vocabulary)
        model = blank_network(recipe, sizes, files, words.vocabulary)
        found = estimate(recipe, sizes, model, precision_of(recipe))
        lines = [*_shapes(recipe, sizes, model), *_parts(found), *_memory(recipe, found)]
        lines += _steps(recipe, material, processes, passes)
        if timed:
            trainer = make_trainer(recipe, plan, own, words, material, accelerator)
            lines.append(_time(recipe, trainer.timed(1 + _MEASURED)[1:]))
    return lines


def _shapes(recipe: EvfRecipe, sizes: Sizes, model: Network) -> Iterator[str]:
    view, visual = sizes.view, sizes.recognised.visual
    grid = view.side // 16
    start = "random start" if recipe.size == "tiny" else "weights from files"
    family = "clip" if isinstance(model, ClipSam) else sizes.recognised.family
    yield f"network: {family}, {start}"
    yield (
        f"  picture {view.side} x {view.side} ({view.resize}) -> image encoder -> "
        f"{visual.dim} x {grid} x {grid}"
    )
    side, reader = model.beit_size, _reader(sizes, model)
    yield f"  picture {side} x {side} and phrase -> {reader} -> projector -> 1 x {visual.dim}"
    yield f"  mask decoder -> {4 * grid} x {4 * grid} -> the picture's own size, where the loss is"


def _reader(sizes: Sizes, model: Network) -> str:
    if isinstance(model, ClipSam):
        return f"CLIP, {'image and text, concatenated' if model.concat else 'text alone'}"
    evf, beit3 = sizes.evf, sizes.evf.beit3
    return (
        f"BEiT-3, {beit3.layers} layers, {beit3.visual_tokens} + T tokens x {beit3.dim} "
        f"({evf.fusion} fusion) -> {evf.feature}, {evf.feature_dim}"
    )


def _parts(found: Estimate) -> Iterator[str]:
    yield f"{'parameters':<18}{'all':>12}{'learn':>12}"
    for part in found.parts:
        yield f"  {part.name:<16}{_millions(part.parameters):>12}{_millions(part.learn):>12}"
    every, learn = (sum(getattr(p, n) for p in found.parts) for n in ("parameters", "learn"))
    yield f"  {'together':<16}{_millions(every):>12}{_millions(learn):>12}"


def _memory(recipe: EvfRecipe, found: Estimate) -> Iterator[str]:
    memory, height, width = found.memory, *PICTURE_HW
    precision = precision_of(recipe)
    yield f"memory of a process, estimated ({precision if precision != 'no' else 'float32'}):"
    yield f"  weights          {_gb(memory.weights)}"
    yield f"  gradients        {_gb(memory.gradients)}"
    yield f"  AdamW            {_gb(memory.optimiser)}"
    kept = "layers worked out again" if recipe.checkpoint_activations else "all layers remembered"
    yield (
        f"  activations      {_gb(memory.activations)}  a pass over {recipe.micro_batch} pictures "
        f"of {width} x {height} with {recipe.phrases} phrases of {PHRASE_TOKENS} tokens, {kept}"
    )
    if memory.looking:
        yield f"  image encoder    {_gb(memory.looking)}  its attention; none with --embeddings"
    yield f"  together         {_gb(memory.total)}  and about 1 GB of the device's own"
    zero2, fsdp = (_gb(one(_PROCESSES)).strip() for one in (memory.zero2, memory.fsdp))
    yield f"  shared out over {_PROCESSES}: {zero2} each with ZeRO-2, {fsdp} with FSDP"


def _steps(recipe: EvfRecipe, material: Material, processes: int, passes: int) -> Iterator[str]:
    pictures = recipe.steps * recipe.batch
    yield (
        f"steps: {recipe.steps:,} of {recipe.batch} pictures ({_counted(processes)} x "
        f"{recipe.micro_batch} x {passes} passes) = {pictures:,} pictures"
    )
    for source, share in zip(material.stream.sources, material.stream.shares, strict=True):
        drawn = pictures * share / BLOCK
        yield f"  {source.name}: {len(source):,} pictures, {drawn / len(source):.1f} epochs"
    kept = len(material.measured)
    yield f"held out: {kept} pictures, measured every {recipe.validate_every} steps"


def _counted(processes: int) -> str:
    return "1 process" if processes == 1 else f"{processes} processes"


def _time(recipe: EvfRecipe, seconds: Sequence[float]) -> str:
    each = sum(seconds) / len(seconds)
    hours = each * recipe.steps / 3600
    return (
        f"time: {each:.2f} s a step, {recipe.batch / each:.3g} pictures a second, "
        f"{hours:.3g} hours in all (mean of {len(seconds)} steps, measurements not counted)"
    )


def _millions(count: int) -> str:
    return f"{count / _MILLION:,.2f} M"


def _gb(nbytes: int) -> str:
    return f"{nbytes / _GB:9.3f} GB"
