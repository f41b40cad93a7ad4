"""The pool of a set of prompts: what each says alone, all of them together, and their mean.

Promptable Image Segmentation survey, eq. 12; see `biprompt.selection.composing` for the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.pair import Proposal, Row, decode
from biprompt.experts.plan import Batch, Plan
from biprompt.experts.spatial import Pointed, resample
from biprompt.geometry import ModelFrame, masks_in_frame
from biprompt.prompts import Prompt
from biprompt.results import Source
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection.evidence import Found, Told

_FIELDS = {"click": "points", "box": "box", "scribble": "scribbles"}
_NONE = Prompt()
_STROKE_POINTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """A row of the decoder and what was asked in it; `Found` says what the words mean."""

    row: int
    kind: str
    kinds: tuple[str, ...]
    where: Pointed
    words: bool


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """The rows of one set of prompts.

    Attributes:
        where: all that points, together.
        kinds: which prompts these are, some of `SPATIAL`.
        origins: the rows.
    """

    where: Pointed
    kinds: tuple[str, ...]
    origins: tuple[Origin, ...]

    @classmethod
    def of(cls, plan: Plan, batch: Batch) -> Composition | None:
        """Plan the parts of a set of prompts; None where there are no two to compose.

        A mask, an outline or examples among the prompts are no parts of this kind: then, too, None.
        """
        asked = plan.asked
        if asked.where is None or plan.point is None or _is_other(asked.prompt):
            return None
        parts = _parts(asked.prompt)
        if not parts or len(parts) + (plan.joint is not None) < 2:
            return None
        kinds, one = tuple(parts), len(parts) == 1
        origins = [Origin(plan.point, "part" if one else "together", kinds, asked.where, False)]
        if plan.joint is not None:
            kind = "part and words" if one else "joint"
            origins.append(Origin(plan.joint, kind, kinds, asked.where, True))
        for name, prompt in () if one else parts.items():
            where = Pointed.of(prompt, asked.frame)
            row = batch.ask(Row(where))
            origins.append(Origin(row, "part", (name,), where, False))
            if plan.phrase is not None:
                row = batch.ask(Row(where, plan.phrase, every=True))
                origins.append(Origin(row, "part and words", (name,), where, True))
        return cls(asked.where, kinds, tuple(origins))


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """The candidates of one set of prompts, in one order.

    Attributes:
        proposals: the masks; the score of the mean is that of the picks it is made of.
        found: where each comes from.
        sources: the same for the card.
    """

    proposals: tuple[Proposal, ...]
    found: tuple[Found, ...]
    sources: tuple[Source, ...]


def compose_all(
    runtime: Runtime,
    embedding: ImageEmbedding,
    asked: Sequence[Composition],
    rows: Sequence[Sequence[Proposal]],
    heard: Sequence[bool],
) -> list[Composed]:
    """Gather the candidates of every set of prompts; all refinements in one decoder call.

    Args:
        runtime: the model that looked at the image.
        embedding: the image.
        asked: the sets.
        rows: proposals of every row.
        heard: for each set, whether rows with words count.
    """
    gathered = [_gathered(one, rows, told) for one, told in zip(asked, heard, strict=True)]
    means = [_mean(one, embedding.frame) for one in gathered]
    again = {  # all that points once more, starting from the mean
        i: Row(replace(asked[i].where, cells=mean.soft), every=True)
        for i, mean in enumerate(means)
        if mean is not None and runtime.facts.masks
    }
    refined = dict(zip(again, decode(runtime, embedding, list(again.values()), None), strict=True))
    return [
        _finished(one, asked[i].kinds, means[i], refined.get(i, ()))
        for i, one in enumerate(gathered)
    ]


def told_of(prompt: Prompt, words: NDArray[np.bool_] | None, presence: float | None) -> Told:
    """What a prompt says, in the original frame, with what its words outline."""
    points, strokes = prompt.points, prompt.scribbles
    along = [resample(stroke.xy, _STROKE_POINTS) for stroke in strokes]
    labels = [np.full(len(xy), stroke.label) for xy, stroke in zip(along, strokes, strict=True)]
    return Told(
        box=None if prompt.box is None else prompt.box.xyxy,
        clicks=None if points is None else (points.xy, points.labels.astype(np.float64)),
        strokes=(np.concatenate(along), np.concatenate(labels)) if strokes else None,
        words=words,
        presence=1.0 if presence is None else presence,
    )


def _is_other(prompt: Prompt) -> bool:
    return bool(prompt.mask or prompt.polygon or prompt.examples)


def _parts(prompt: Prompt) -> Mapping[str, Prompt]:
    """What points, each alone; clicks or strokes that only remove are no prompt by themselves."""
    found = {}
    for kind in ("box", "scribble", "click"):
        value = getattr(prompt, _FIELDS[kind])
        if value and _adds(kind, value):
            found[kind] = replace(_NONE, **{_FIELDS[kind]: value})
    return found


def _adds(kind: str, value: Any) -> bool:
    if kind == "scribble":
        return any(stroke.label for stroke in value)
    return kind == "box" or bool(value.labels.any())


def _gathered(asked: Composition, rows: Sequence[Sequence[Proposal]], heard: bool) -> Composed:
    proposals: list[Proposal] = []
    found: list[Found] = []
    sources: list[Source] = []
    for origin in asked.origins:
        if origin.words and not heard:
            continue
        offered = rows[origin.row]
        best = int(np.argmax([each.score for each in offered]))
        readings = origin.where.is_single and not origin.words
        for number, proposal in enumerate(offered):
            clear = number == 0 and not readings
            proposals.append(proposal)
            found.append(Found(origin.kind, origin.kinds, clear, number == best))
            sources.append(_source(origin, len(asked.kinds)))
    return Composed(tuple(proposals), tuple(found), tuple(sources))


def _source(origin: Origin, kinds: int) -> Source:
    if origin.words:
        return Source.JOINT
    return Source.PART if origin.kind == "part" and kinds > 1 else Source.POINT


def _mean(gathered: Composed, frame: ModelFrame) -> Proposal | None:
    """The mean of the rows' picks, where the model gave them soft."""
    picks = [p for p, one in zip(gathered.proposals, gathered.found, strict=True) if one.pick]
    softs = [pick.soft for pick in picks if pick.soft is not None]
    if len(softs) < len(picks):
        return None
    soft = np.stack(softs).mean(0, dtype=np.float32)
    sure = np.clip(soft, 1e-4, 1 - 1e-4)
    mask = masks_in_frame(np.log(sure / (1 - sure))[None], frame)[0]
    return Proposal(mask, float(np.mean([pick.score for pick in picks])), soft)


def _finished(
    one: Composed, kinds: tuple[str, ...], mean: Proposal | None, refined: Sequence[Proposal]
) -> Composed:
    if mean is None:
        return one
    again = [Found("refined", kinds, clear=i == 0) for i in range(len(refined))]
    return Composed(
        (*one.proposals, *refined, mean),
        (*one.found, *again, Found("mean", kinds)),
        (*one.sources, *([Source.REFINE] * len(refined)), Source.MEAN),
    )
