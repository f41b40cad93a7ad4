"""Organ-Seg behind the runtime protocol: questions by its own networks, pointing by its SAM."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from biprompt.models.organ_seg.choice import Choice, Options, Pick, parse_answer
from biprompt.models.organ_seg.conversation import Conversation
from biprompt.models.organ_seg.model import OrganSeg
from biprompt.models.organ_seg.pixels import VisionView
from biprompt.models.sam import Sam
from biprompt.models.sam.values import SamPrompts
from biprompt.runtime.base import Float, Grounding, ImageEmbedding, Phrase
from biprompt.runtime.torch.experts import PointExpert, Sight
from biprompt.runtime.torch.place import Place
from biprompt.runtime.torch.prompts import Kind
from biprompt.runtime.torch.runtime import TorchRuntime

VISION = "vision"
"""Name of the small picture that the vision-language model reads with every question."""
ANSWER_LENGTH = 200
"""Pieces of words that an answer to the multiple-choice prompt may have."""
REMEMBERED = 4096
"""Questions of which it is kept what they were understood as."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question about a picture was understood as.

    Attributes:
        similarities: of every class, the refusing one last; empty with multiple choice.
        choice: what the vision-language model chose; None without multiple choice.
        has_place: whether there is something to outline.
    """

    similarities: tuple[float, ...]
    choice: Choice | None = None
    has_place: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """What questions are asked with.

    Attributes:
        language: the vision-language model.
        talk: makes ids.
        view: makes its pixels.
        sight: how the SAM sees.
        sam: draws.
        model: the trained whole; None for multiple choice.
        options: what multiple choice chooses from.
    """

    language: nn.Module
    talk: Conversation
    view: VisionView
    sight: Sight
    sam: Sam
    model: OrganSeg | None
    options: Options


class OrganSegRuntime(TorchRuntime):
    """An Organ-Seg that answers.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision; the networks are moved there.
        asker: the networks.

    Raises:
        ModelError: the device's memory is not enough.
    """

    def __init__(self, name: str, version: str, place: Place, asker: Asker) -> None:
        super().__init__(name, version, place, points=PointExpert(asker.sight, asker.sam))
        self._facts = replace(self._facts, words=True)
        self._asker = asker
        self._understood: OrderedDict[tuple[str, str], Understood] = OrderedDict()
        self._noting = threading.Lock()
        with place.guard(name):
            asker.language.to(place.device, place.dtype)
            if asker.model is not None:
                for part in (asker.model.segment, asker.model.interest):
                    part.to(place.device)
                asker.model.context = asker.model.context.to(place.device)
                asker.model.log_scale.data = asker.model.log_scale.data.to(place.device)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`: what the SAM sees, and the picture for the language model."""
        found: list[Mapping[str, Float]] = []
        for image, features in zip(images, super().encode(images), strict=True):
            pixels = self._asker.view.pixels(image)[None].numpy()
            pixels.flags.writeable = False
            found.append({**features, VISION: pixels})
        return found

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`: prompt tokens, and the log-odds against "none of them".

        Of a trained model it is the logit of the best organ less that of the irrelevant entry: it
        is below 0, and the answer is a refusal, exactly where the paper's rule refuses (the
        highest similarity is that of the irrelevant entry). With multiple choice it is infinite.
        """
        with self.place.guard(self.facts.model):
            ask = self._chosen if self._asker.model is None else self._read
            tokens, presence, understood = ask(image, phrases)
        with self._noting:
            for phrase, one in zip(phrases, understood, strict=True):
                self._understood[image.key, phrase.text] = one
            while len(self._understood) > REMEMBERED:
                self._understood.popitem(last=False)
        return Grounding({"tokens": tokens.float().cpu().numpy()}, np.asarray(presence, np.float32))

    def understood(self, image: ImageEmbedding, text: str) -> Understood | None:
        """What a question was understood as; None where it was not asked, or long ago."""
        with self._noting:
            return self._understood.get((image.key, text))

    def _expert(self, kind: Kind) -> PointExpert:
        if self._points is None:
            raise TypeError("a runtime without a SAM")
        return self._points

    def _read(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> _Answers:
        model = self._asker.model
        if model is None:
            raise TypeError("a runtime without extractors")
        rows = [torch.from_numpy(np.asarray(phrase.tokens)) for phrase in phrases]
        ids, real = self._asker.talk.padded(rows)
        ids, real = ids.to(self.place.device), real.to(self.place.device)
        pixels = self._pixels(image).expand(len(ids), -1, -1, -1)
        reading = model.read(model.embed(ids, real, pixels), real)
        organs, none = reading.logits[:, :-1], reading.logits[:, -1]
        presence = (organs.amax(1) - none).float().cpu().numpy()
        rows_of = reading.similarities.float().cpu().tolist()
        return reading.tokens, presence, [Understood(tuple(row)) for row in rows_of]

    def _chosen(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> _Answers:
        found = [self._choose(image, phrase) for phrase in phrases]
        tokens = torch.cat([token for token, _ in found])
        understood = [one for _, one in found]
        return tokens, [math.inf if one.has_place else -math.inf for one in understood], understood

    def _choose(self, image: ImageEmbedding, phrase: Phrase) -> tuple[Tensor, Understood]:
        """Ask one question; what SAM makes of a box is the prompt."""
        choice = parse_answer(self._written(image, phrase), self._asker.options)
        box = choice.box_in(image.frame.original_hw) if choice.pick is Pick.THING else None
        corners = np.zeros((1, 2, 2)) if box is None else np.asarray(box).reshape(1, 2, 2)
        moved = self._asker.sight.frame(image.frame.original_hw).scale_points(corners)
        boxes = torch.from_numpy(moved.reshape(1, 4).astype(np.float32)).to(self.place.device)
        tokens, _ = self._asker.sam.prompt_encoder(SamPrompts(boxes=boxes))
        return tokens, Understood((), choice, box is not None)

    def _written(self, image: ImageEmbedding, phrase: Phrase) -> str:
        """What the vision-language model writes, the likeliest piece at every step."""
        ids = torch.from_numpy(np.asarray(phrase.tokens))[None].to(self.place.device)
        generate: Callable[..., Tensor] = self._asker.language.generate  # type: ignore[assignment]
        written = generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=self._pixels(image),
            max_new_tokens=ANSWER_LENGTH, do_sample=False,
            pad_token_id=self._asker.talk.filling,
        )  # fmt: skip
        new = written[0, ids.shape[1] :]
        return str(self._asker.talk.tokenizer.decode(new, skip_special_tokens=True))

    def _pixels(self, image: ImageEmbedding) -> Tensor:
        return self._features(image, VISION)[VISION].to(self.place.dtype)


_Answers = tuple[Tensor, "Sequence[float] | Float", list[Understood]]
