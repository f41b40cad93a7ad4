"""Open every part of a model before it is needed."""

from __future__ import annotations

import numpy as np

from biprompt.prompts import Prompt
from biprompt.segmenter.core import Segmenter


def warm_up(model: Segmenter) -> None:
    """Open every part of a model, so that the first answer is as fast as the others.

    Raises:
        WeightsError: a file of it is damaged.
        ModelError: it does not run.
    """
    scene, facts = model.embed(np.full((32, 32, 3), 128, np.uint8)), model.runtime.facts
    click = [Prompt.build(points=[(16, 16)])] if facts.points else []
    words = [Prompt.build(text="cat")] if facts.words else []
    model.segment_many(scene, [*click, *words])
