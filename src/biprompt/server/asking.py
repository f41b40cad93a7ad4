"""From the JSON of a request to a question for the model, and from its answers to JSON."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError
from biprompt.io.formats.png import mask_png
from biprompt.masks import rle_decode
from biprompt.prompts import MaskPrompt, Prompt
from biprompt.results import Segmentation
from biprompt.segmenter import ImageEmbedding
from biprompt.selection import Policy
from biprompt.server.answers import Answers, KeptAnswer
from biprompt.server.images import HeldImage, new_id
from biprompt.server.questions import Question
from biprompt.server.refusals import Refusal
from biprompt.server.schemas.common import Rle
from biprompt.server.schemas.prompts import EarlierAnswer, PolicyBody, PromptBody, SegmentBody
from biprompt.server.settings import Limits


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """The result of a question.

    Attributes:
        body: the JSON.
        kept: what corrections may start from, by answer id.
        verdicts: one per answer.
    """

    body: bytes
    kept: Mapping[str, KeptAnswer]
    verdicts: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    id: str
    told: dict[str, Any]
    kept: KeptAnswer


@dataclass(slots=True, eq=False)
class Asking:
    """One request: made on the event loop, its methods then called in a worker thread.

    Attributes:
        image: what it is about.
        asked: the request.
        policy: how the gate decides.
        earlier: of each prompt, the answer it starts from.
    """

    image: HeldImage
    asked: SegmentBody
    policy: Policy
    earlier: Sequence[KeptAnswer | None]
    _came: float = field(default_factory=time.perf_counter)
    _began: float = 0.0

    @classmethod
    def of(
        cls, image: HeldImage, asked: SegmentBody, usual: Policy, answers: Answers, limits: Limits
    ) -> Asking:
        """Check the limits and the policy, and find the answers that are to be refined.

        Raises:
            InputError: the policy is none.
            Refusal: too many prompts, a phrase too long, or an answer that is not kept.
        """
        _check(asked, limits)
        masks = [prompt.mask for prompt in asked.prompts]
        earlier = [
            answers.get(mask.answer, image.id) if isinstance(mask, EarlierAnswer) else None
            for mask in masks
        ]
        return cls(image, asked, _policy(asked.policy, usual), earlier)

    def question(self, scene: ImageEmbedding) -> Question[Answered]:
        """What to ask the model."""
        count = len(self.asked.prompts)
        return Question(scene, self.policy, count, self._build, self._pack, self._finish)

    def _build(self) -> Iterator[Prompt]:
        self._began = time.perf_counter()
        for body, earlier in zip(self.asked.prompts, self.earlier, strict=True):
            yield _prompt(body, earlier, self.image.hw)

    def _pack(self, answer: Segmentation) -> _Packed:
        told = answer.to_dict()
        kept = KeptAnswer.of(self.image.id, answer, told["mask"])
        id, (height, width) = new_id(), self.image.hw
        image = {"id": self.image.id, "path": self.image.name, "height": height, "width": width}
        told = {"id": id, **told, "image": image}
        if self.asked.masks != "rle":
            self._other_masks(told, answer)
        if not self.asked.candidates:
            told["candidates"] = []
        return _Packed(id, told, kept)

    def _other_masks(self, told: dict[str, Any], answer: Segmentation) -> None:
        form = _png if self.asked.masks == "png" else _none
        told["mask"], told["text_mask"] = form(answer.mask), form(answer.card.text_mask)
        for body, candidate in zip(told["candidates"], answer.card.candidates, strict=True):
            body["mask"] = form(candidate.mask)

    def _finish(self, packed: list[Any]) -> Answered:
        now = time.perf_counter()
        waited, total = (self._began - self._came) * 1e3, (now - self._came) * 1e3
        timings = {"wait": round(waited, 3), "total": round(total, 3)}
        told = {"answers": [one.told for one in packed], "timings_ms": timings}
        body = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        kept = {one.id: one.kept for one in packed}
        return Answered(body, kept, [one.told["verdict"] for one in packed])


def _check(asked: SegmentBody, limits: Limits) -> None:
    if len(asked.prompts) > limits.prompts:
        actual = len(asked.prompts)
        raise Refusal(422, "prompts", expected=f"at most {limits.prompts}", actual=actual)
    for prompt in asked.prompts:
        for phrase in (prompt.text, prompt.negative_text):
            if phrase is not None and len(phrase) > limits.phrase_chars:
                expected = f"at most {limits.phrase_chars} characters"
                raise Refusal(422, "phrase", expected=expected, actual=len(phrase))


def _policy(asked: PolicyBody | None, usual: Policy) -> Policy:
    given = {} if asked is None else asked.model_dump(exclude_none=True)
    if "weights" in given:
        given["weights"] = tuple(given["weights"])
    return replace(usual, **given)


def _prompt(body: PromptBody, earlier: KeptAnswer | None, hw: tuple[int, int]) -> Prompt:
    if isinstance(body.mask, Rle):
        mask: MaskPrompt | None = MaskPrompt(_decoded(body.mask, hw))
    else:
        mask = None if earlier is None else earlier.prompt()
    return Prompt.build(
        points=[(point.x, point.y) for point in body.points],
        labels=[point.label for point in body.points],
        box=body.box,
        scribbles=[(stroke.points, stroke.label) for stroke in body.scribbles],
        polygon=body.polygon,
        mask=mask,
        text=body.text,
        negative_text=body.negative_text,
    )


def _decoded(rle: Rle, hw: tuple[int, int]) -> NDArray[np.bool_]:
    # Before anything is decoded: a few letters may stand for a gigabyte.
    if tuple(rle.size) != hw:
        expected = f"the size of the image, {hw[0]} x {hw[1]} (height x width)"
        raise PromptError("mask", expected=expected, actual=" x ".join(map(str, rle.size)))
    return rle_decode(rle.model_dump())


def _png(mask: NDArray[np.bool_] | None) -> dict[str, Any] | None:
    if mask is None:
        return None
    png = base64.b64encode(mask_png(mask)).decode("ascii")
    return {"size": [int(side) for side in mask.shape], "png": png}


def _none(mask: object) -> None:
    return None
