"""Objects drawn anew, and what the model makes of the drawings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.composing.collecting import grouped, largest_part
from biprompt.data.drawings import DRAWINGS
from biprompt.experts.drawn import Drawn, refinements
from biprompt.experts.pair import decode
from biprompt.experts.plan import Asked, Batch
from biprompt.masks import iou_matrix
from biprompt.prompts import Prompt
from biprompt.segmenter import Segmenter
from biprompt.selection.keeping import refinement_evidence

Bool = NDArray[np.bool_]
LEAST = 400
"""Pixels of the smallest object."""


def objects_of(folder: Path, count: int, per_image: int, seed: int = 0) -> Iterator[Any]:
    """Yield photograph and mask of objects; of training folders, those kept out of training."""
    rng, done = np.random.default_rng(seed), 0
    for samples in grouped(folder, rng):
        for sample in samples[:per_image]:
            truth = largest_part(sample.mask())
            if truth.sum() >= LEAST and done < count:
                done += 1
                yield sample.picture.path, truth


def drawings_of(truth: Bool, rng: np.random.Generator, ways: int | None = None) -> dict[str, Bool]:
    """The mask drawn exactly and in other ways, all or some of them; none that is nearly empty."""
    others = [name for name in DRAWINGS if name != "exact"]
    chosen = others if ways is None else list(rng.choice(others, ways, replace=False))
    drawn = {name: DRAWINGS[name](truth, rng) for name in ["exact", *map(str, chosen)]}
    return {name: mask for name, mask in drawn.items() if mask.sum() >= 50}


def cases_of(model: Segmenter, folder: Path, objects: int, per_image: int) -> Iterator[Any]:
    """Yield for every drawing what speaks for each refinement, and its gain in IoU."""
    rng, frame = np.random.default_rng(1), None
    for path, truth in objects_of(folder, objects, per_image):
        scene = model.embed(path)
        drawn = drawings_of(truth, rng, 4)
        batch, frame = Batch(), scene.frame
        asked = [Asked.of(Prompt.build(mask=mask), model.reader, frame) for mask in drawn.values()]
        plans = [batch.add(one, wide=False) for one in asked]
        planned = [Drawn.of(plan, batch) for plan in plans]
        rows = decode(model.runtime, scene, batch.rows, None)
        for (way, mask), one in zip(drawn.items(), planned, strict=True):
            if one is not None:
                yield {"way": way, "image": path.name, **_case(one, rows, mask, truth, scene)}


def _case(drawn: Drawn, rows: Any, mask: Bool, truth: Bool, scene: Any) -> dict[str, Any]:
    proposals, origins = refinements(drawn, rows)
    masks = np.stack([proposal.mask for proposal in proposals])
    scores, softs = [p.score for p in proposals], [p.soft for p in proposals]
    spoken = refinement_evidence(masks, scores, softs, origins, mask, scene.pixels)
    before = float(iou_matrix(mask[None], truth[None])[0, 0])
    return {"before": before, "after": iou_matrix(masks, truth[None])[:, 0], "spoken": spoken}
