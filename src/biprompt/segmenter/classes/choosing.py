"""Choose a template by the sharpness of the scores that it gives, before anything is outlined."""

from __future__ import annotations

import math
from collections.abc import Sequence

from biprompt.segmenter.classes.asking import AT_ONCE, Ask, Said
from biprompt.segmenter.classes.names import NamedClass
from biprompt.segmenter.classes.sharpness import least_sharp
from biprompt.segmenter.classes.templates import worded

_EDGE = 1e-6
"""Confidences are kept this far from 0 and 1, where the logit ends."""


def choose_template(
    images: Sequence[Ask], classes: Sequence[NamedClass], templates: Sequence[str]
) -> str:
    """Return the template of the least sharpness over some images (survey, eq. 25).

    The score of a class in an image is the logit of its presence, or where the model gives none,
    of the predicted IoU of what it outlines.

    Args:
        images: each answers phrases about one image; outlines are not looked at.
        classes: what is asked for, by their names alone.
        templates: at least one.
    """
    if len(templates) == 1:
        return templates[0]
    scores = {
        template: [
            _scores(ask, [worded(template, each.name) for each in classes]) for ask in images
        ]
        for template in templates
    }
    return least_sharp(scores)


def _scores(ask: Ask, phrases: Sequence[str]) -> list[float]:
    found: list[float] = []
    for start in range(0, len(phrases), AT_ONCE):
        some = phrases[start : start + AT_ONCE]
        found += [_logit(Said.of(p, a, soft=False)) for p, a in zip(some, ask(some), strict=True)]
    return found


def _logit(said: Said) -> float:
    share = min(max(said.confidence, _EDGE), 1 - _EDGE)
    return math.log(share / (1 - share))
