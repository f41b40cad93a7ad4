"""Clicks on one object, one after the other: where each lies, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from biprompt.data.clicks import Click, jittered_click, next_click
from biprompt.data.outlines import BoolMask
from biprompt.errors import InputError
from biprompt.evaluation.seeding import generator
from biprompt.metrics.accumulate import CLICK_LIMIT
from biprompt.prompts import MAX_POINTS, MaskPrompt, Prompt
from biprompt.results import Segmentation

CLICKS = CLICK_LIMIT
CENTRE, JITTERED = "centre", "jittered"
SAMPLERS = (CENTRE, JITTERED)


class Sampler(Protocol):
    """Says where the next click lies; `biprompt.data.clicks.next_click` is one."""

    def __call__(
        self,
        truth: BoolMask,
        prediction: BoolMask,
        ignore: BoolMask | None = None,
        *,
        clicked: npt.ArrayLike | None = None,
    ) -> Click | None:
        """Return the click, None where no error is left to click on."""
        ...


@dataclass(frozen=True, slots=True)
class Clicking:
    """How objects are clicked.

    Attributes:
        sampler: "centre", the middle of the largest error; "jittered", as imprecise as a person.
        limit: clicks given at most.
        seed: fixes what is drawn.

    Raises:
        InputError: an unknown sampler, a limit that no prompt can hold, or a negative seed.
    """

    sampler: str = CENTRE
    limit: int = CLICKS
    seed: int = 0

    def __post_init__(self) -> None:
        """Check all three."""
        if self.sampler not in SAMPLERS:
            expected = f"one of {', '.join(SAMPLERS)}"
            raise InputError("clicks", expected=expected, actual=self.sampler)
        if not 1 <= self.limit <= MAX_POINTS:
            raise InputError("clicks", expected=f"from 1 to {MAX_POINTS}", actual=self.limit)
        if self.seed < 0:
            raise InputError("seed", expected="0 or more", actual=self.seed)

    def settings(self) -> dict[str, Any]:
        """Return what the answers hang on: the seed only where something is drawn."""
        drawn = {} if self.sampler == CENTRE else {"seed": self.seed}
        return {"clicks": self.sampler, "max_clicks": self.limit} | drawn

    def sampler_of(self, key: str) -> Sampler:
        """Return the sampler of one object: what it draws hangs on the seed and the key alone."""
        if self.sampler == CENTRE:
            return next_click
        rng = generator(self.seed, key)

        def sampler(
            truth: BoolMask,
            prediction: BoolMask,
            ignore: BoolMask | None = None,
            *,
            clicked: npt.ArrayLike | None = None,
        ) -> Click | None:
            return jittered_click(truth, prediction, rng, ignore, clicked=clicked)

        return sampler


class Turn(NamedTuple):
    """One answer.

    Attributes:
        clicks: all that were given so far.
        answer: what was answered to them.
    """

    clicks: tuple[Click, ...]
    answer: Segmentation


def turns(
    ask: Callable[[Prompt], Segmentation],
    truth: BoolMask,
    ignore: BoolMask | None,
    sampler: Sampler,
    limit: int,
) -> Iterator[Turn]:
    """Click on an object until the limit, or until no wrong pixel is left to click on.

    All clicks so far and the last answer are handed to the model, as the page and
    `segment(mask=answer)` do.

    Args:
        ask: answers a prompt.
        truth: (H, W) bool.
        ignore: (H, W) bool, pixels that are never clicked, or None.
        sampler: says where the next click lies.
        limit: clicks given at most.
    """
    clicks: tuple[Click, ...] = ()
    answer: Segmentation | None = None
    while len(clicks) < limit:
        mask = np.zeros_like(truth) if answer is None else answer.mask
        click = sampler(truth, mask, ignore, clicked=[(each.x, each.y) for each in clicks])
        if click is None:
            return
        clicks = (*clicks, click)
        answer = ask(_prompt(clicks, answer))
        yield Turn(clicks, answer)


def _prompt(clicks: tuple[Click, ...], before: Segmentation | None) -> Prompt:
    return Prompt.build(
        points=[(click.x, click.y) for click in clicks],
        labels=[click.label for click in clicks],
        mask=MaskPrompt(before.mask, before.soft) if before and before.mask.any() else None,
    )
