"""Candidates of sets of prompts, what speaks for each, and how good each is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.clicks import uniform_click
from biprompt.data.readers.registry import Kind
from biprompt.data.samples import InteractiveObject
from biprompt.evaluation.composition.prompts import KINDS, draw
from biprompt.evaluation.samples import open_samples
from biprompt.experts.composing import Composed, Composition, compose_all, told_of
from biprompt.experts.deciding import measured
from biprompt.experts.pair import decode, ground
from biprompt.experts.plan import Asked, Batch
from biprompt.experts.pool import Pool
from biprompt.masks import components, iou_matrix
from biprompt.metrics.composition import JOIN
from biprompt.prompts import Box, Points, Prompt
from biprompt.results import Verdict
from biprompt.segmenter import Segmenter
from biprompt.selection import Policy

Bool = NDArray[np.bool_]
AS_DRAWN = 0.65
"""Share of the objects whose prompts are the protocol's; the others are clicked anywhere and
boxed loosely."""
SETS = 6
"""Sets of prompts that each object is asked with, of those of two or more."""
LEAST = 250
"""Pixels of the smallest object."""


def cases_of(
    model: Segmenter, folder: Path, objects: int, per_image: int, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield one case for every set of prompts of every object.

    Args:
        model: answers.
        folder: of training photographs; those that are kept out of training are taken.
        objects: how many.
        per_image: at most so many of one photograph.
        seed: fixes which objects, and their prompts.
    """
    rng, done = np.random.default_rng(seed), 0
    for samples in grouped(folder, rng):
        scene = None
        for sample in samples[:per_image]:
            truth = largest_part(sample.mask())
            if truth.sum() < LEAST or done == objects:
                continue
            scene = scene or model.embed(sample.picture.path)
            done += 1
            for case in _cases(model, scene, truth, sample.label, rng):
                yield case | {"image": f"{folder.name}/{sample.picture.path.name}", "object": done}


def grouped(folder: Path, rng: np.random.Generator) -> Iterator[list[InteractiveObject]]:
    """Yield the objects of one photograph after the other, in a random order."""
    found: dict[Path, list[InteractiveObject]] = {}
    for sample in open_samples(folder, kinds=(Kind.INTERACTIVE,)).samples:
        found.setdefault(sample.picture.path, []).append(sample)
    paths = sorted(found)
    for index in rng.permutation(len(paths)):
        samples = found[paths[index]]
        yield [samples[i] for i in rng.permutation(len(samples))]


def largest_part(truth: Bool) -> Bool:
    """One connected thing: masks of a whole class cannot be meant by a click."""
    labels, count = components(truth)
    if count < 2:
        return truth
    sizes = np.bincount(labels.ravel())[1:]
    return truth if sizes.max() > 0.7 * sizes.sum() else labels == 1 + int(sizes.argmax())


def _prompts(truth: Bool, label: str | None, rng: np.random.Generator) -> dict[str, Prompt]:
    kinds = [kind for kind in KINDS if kind != "text" or label is not None]
    prompts = draw(truth, None, label, kinds)
    if rng.random() < AS_DRAWN:
        return prompts
    click, loose = uniform_click(truth, rng), rng.uniform(-0.03, 0.09, 4)
    return {name: _loosened(p, click[:2], loose, truth.shape) for name, p in prompts.items()}


def _loosened(prompt: Prompt, click: Any, loose: Any, hw: tuple[int, ...]) -> Prompt:
    points, box = prompt.points, prompt.box
    if box is not None:
        x0, y0, x1, y1 = box.xyxy
        shift = loose * np.array([x1 - x0, y1 - y0] * 2) * (-1, -1, 1, 1)
        box = Box(np.clip(np.round(box.xyxy + shift), 0, [hw[1], hw[0]] * 2))
    return Prompt(
        None if points is None else Points([click], [1]), box, prompt.scribbles, text=prompt.text
    )


def _cases(
    model: Segmenter, scene: Any, truth: Bool, label: str | None, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    prompts = _prompts(truth, label, rng)
    alone = {name: p for name, p in prompts.items() if JOIN not in name}
    answers = model.segment_many(scene, list(alone.values()), policy=Policy())
    single = {n: _iou(answer.mask, truth) for n, answer in zip(alone, answers, strict=True)}
    names = [name for name in prompts if JOIN in name]
    chosen = rng.permutation(len(names))[:SETS]
    several = {names[i]: prompts[names[i]] for i in sorted(chosen)}
    for name, kind, spoken, ious, own, words in _composed(model, scene, several, truth):
        best = max(single[each] for each in name.split(JOIN))
        yield {"name": name, "kinds": kind, "spoken": spoken, "ious": ious, "own": own,
               "best": best, "words": words}  # fmt: skip


def _composed(
    model: Segmenter, scene: Any, prompts: dict[str, Prompt], truth: Bool
) -> Iterator[tuple[Any, ...]]:
    runtime, frame, batch = model.runtime, scene.frame, Batch()
    asked = [Asked.of(prompt, model.reader, frame) for prompt in prompts.values()]
    plans = [batch.add(one, wide=True) for one in asked]
    sets = [Composition.of(plan, batch) for plan in plans]
    grounding = ground(runtime, scene, batch.phrases)
    rows = decode(runtime, scene, batch.rows, grounding)
    for words in (True, False):
        for name, plan, one in zip(prompts, plans, sets, strict=True):
            pool = Pool.of(plan, rows, grounding, Policy())
            choice = pool.choose(frame.original_hw, Policy())
            # Words count where the gate says found; where they disagree, both ways are kept.
            agreed = choice.verdict is Verdict.FOUND and pool.text is not None
            if one is None or (words is False and (pool.text is None or agreed)):
                continue
            heard = words and pool.text is not None
            (found,) = compose_all(runtime, scene, [one], rows, [heard])
            mask = pool.text.mask if heard and pool.text is not None else None
            told = told_of(plan.asked.prompt, mask, pool.presence)
            said = "heard" if agreed else "unasked" if pool.text is None else f"disagree-{words}"
            yield (name, told.kinds, measured(found, told), _ious(found, truth),
                   _iou(choice.mask, truth), said)  # fmt: skip


def _ious(found: Composed, truth: Bool) -> NDArray[np.float64]:
    masks = np.stack([proposal.mask for proposal in found.proposals])
    return np.asarray(iou_matrix(masks, truth[None])[:, 0])


def _iou(mask: Bool, truth: Bool) -> float:
    return float(iou_matrix(mask[None], truth[None])[0, 0])
