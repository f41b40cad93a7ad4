"""How long a person waits: for a look at a photograph, for the first click, for later ones."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject
from biprompt.evaluation.interactive.asking import Ask, Thing, asking, click_turns
from biprompt.evaluation.interactive.clicking import Clicking
from biprompt.evaluation.model import Contender
from biprompt.prompts import Prompt
from biprompt.results import Segmentation

TIMED_OBJECTS = 5
_CLICKS = 5


def seconds(
    contender: Contender, samples: Iterable[InteractiveObject], clicking: Clicking
) -> dict[str, float]:
    """Return medians over the first few objects of a set, each on a photograph of its own.

    The photographs are mirrored, so that no model remembers having looked at them; before them one
    object is clicked that does not count.

    Args:
        contender: who is asked.
        samples: objects to click.
        clicking: how they are clicked; five times at most here.

    Returns:
        Seconds of a `look` at a photograph in memory, of the `first_click` on it and of a
        `later_click`, and the number of `timed_objects`; of what never happened there is nothing.
    """
    few = replace(clicking, limit=min(clicking.limit, _CLICKS))
    chosen = list(islice(_one_a_picture(samples), TIMED_OBJECTS))
    for sample in chosen[:1]:
        _timed(contender, _flipped(sample, (0, 1)), few)
    times = [_timed(contender, _flipped(sample, (1,)), few) for sample in chosen]
    taken = {
        "look": [look for look, _ in times],
        "first_click": [each for _, clicks in times for each in clicks[:1]],
        "later_click": [each for _, clicks in times for each in clicks[1:]],
    }
    medians = {name: median(values) for name, values in taken.items() if values}
    return medians | {"timed_objects": len(chosen)} if chosen else {}


def _one_a_picture(samples: Iterable[InteractiveObject]) -> Iterator[InteractiveObject]:
    seen: set[Picture] = set()
    for sample in samples:
        if sample.picture not in seen and Thing.of(sample).can_be_clicked:
            seen.add(sample.picture)
            yield sample


def _flipped(
    sample: InteractiveObject, axes: tuple[int, ...]
) -> tuple[npt.NDArray[np.uint8], Thing]:
    thing, pixels = Thing.of(sample), sample.picture.load().pixels
    ignore = None if thing.ignore is None else np.flip(thing.ignore, axes)
    turned = replace(thing, truth=np.flip(thing.truth, axes), ignore=ignore)
    return np.ascontiguousarray(np.flip(pixels, axes)), turned


def _timed(
    contender: Contender, shown: tuple[Any, Thing], clicking: Clicking
) -> tuple[float, list[float]]:
    """Seconds of the look and of each click; finding where to click does not count."""
    pixels, thing = shown
    started = time.perf_counter()
    scene = contender.model.embed(pixels)
    looked = time.perf_counter() - started
    ask = _Clocked(asking(contender, scene, thing))
    click_turns(ask, thing, clicking)
    return looked, ask.taken


@dataclass(frozen=True, slots=True)
class _Clocked:
    ask: Ask
    taken: list[float] = field(default_factory=list)

    def __call__(self, prompt: Prompt) -> Segmentation:
        started = time.perf_counter()
        answer = self.ask(prompt)
        self.taken.append(time.perf_counter() - started)
        return answer
