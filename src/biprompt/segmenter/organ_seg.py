"""A segmenter that asks Organ-Seg, and says why a question was refused.

Two gates add up. The model's own is the paper's: the highest similarity is that of the irrelevant
entry. The other reads the question alone (`biprompt.presence.resolve`): it knows the domain and no
picture. What either refuses is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.cache import DiskCache, MemoryCache
from biprompt.errors import DataError
from biprompt.models.organ_seg.choice import Options, Pick
from biprompt.presence import Domain, Resolution, load_domain, resolve
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.runtime.base import ImageEmbedding, Phrase
from biprompt.runtime.torch import Place, Sight
from biprompt.runtime.torch.organ_seg import Asker, OrganSegRuntime, Understood
from biprompt.segmenter.core import Segmenter
from biprompt.selection import Policy
from biprompt.zoo.organ_seg.folder import Mode, OrganSegFacts
from biprompt.zoo.organ_seg.loading import LoadedOrganSeg, load_organ_seg

PREPROCESSING = "1"
"""Changes when a picture would reach a network in another form; part of the version."""


class OrganSegmenter(Segmenter):
    """Organ-Seg.

    Args:
        loaded: the networks.
        name: what answers call it.
        place: where they run.
        policy: how the gate decides.
        disk: embeddings kept on disk, or None.
    """

    def __init__(
        self, loaded: LoadedOrganSeg, name: str, place: Place, *,
        policy: Policy | None = None, disk: DiskCache | None = None,
    ) -> None:  # fmt: skip
        self.facts = loaded.facts
        self._runtime = OrganSegRuntime(name, f"{loaded.version}-{PREPROCESSING}", place,
                                        _asker(loaded))  # fmt: skip
        self._domain = _domain(loaded.facts)
        reader = QuestionReader(loaded)
        super().__init__(self._runtime, reader, policy=policy, memory=MemoryCache(), disk=disk)

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None,
        outline_absent: bool = True,
    ) -> list[Segmentation]:  # fmt: skip
        """See `Segmenter.segment_many`; the card's reason tells organ and similarities."""
        embedding = self.embed(image)
        answers = super().segment_many(
            embedding, prompts, policy=policy, outline_absent=outline_absent
        )
        threshold = (policy or self.policy).presence_threshold
        return [self._told(embedding, one, threshold) for one in answers]

    def _told(
        self, embedding: ImageEmbedding, answer: Segmentation, threshold: float
    ) -> Segmentation:
        understood = self._runtime.understood(embedding, answer.phrase) if answer.phrase else None
        if understood is None or answer.phrase is None:
            return answer
        said = _said(understood, self.facts)
        if answer.prompt is not None and answer.prompt.has_spatial:
            return _with_reason(answer, f"{answer.card.reason} {said}")
        if answer.verdict is Verdict.ABSENT:
            doubted = answer.presence is not None and answer.presence < threshold
            refused = f"Refused: {said}" if doubted else f"{answer.card.reason} {said}"
            return _with_reason(answer, refused)
        asked = None if self._domain is None else resolve(answer.phrase, self._domain)
        if asked is not None and asked.refused:
            return _refused(answer, asked, said, blank=threshold > 0)
        if asked is not None and len(asked.concepts) > 1 and self.facts.mode == Mode.TRAINED:
            said += f" Asked for were {', '.join(asked.concepts)}; one mask answers."
        return _with_reason(answer, said)


class QuestionReader:
    """Questions as ids of the vision-language model, inside the prompt it was trained with.

    Args:
        loaded: the model.
    """

    def __init__(self, loaded: LoadedOrganSeg) -> None:
        self._talk, facts = loaded.networks.language.talk, loaded.facts
        self._options = Options(facts.classes) if facts.asks == "choice" else None

    def read(self, text: str) -> Phrase:
        """The ids ``(T,)`` int64 of a question.

        Raises:
            PromptError: it is longer than the model takes.
        """
        said = text if self._options is None else self._options.prompt(text)
        return Phrase(text, np.array(self._talk.ids(said), np.int64))


def load_segmenter(
    folder: Path, place: Place, *, policy: Policy | None = None, disk: DiskCache | None = None
) -> OrganSegmenter:
    """Load the model of a folder that `biprompt train organ-seg` wrote.

    Raises:
        WeightsError: something is missing or damaged.
        MissingExtraError: transformers is not installed.
        ModelError: the memory is not enough.
    """
    loaded = load_organ_seg(folder, place.dtype)
    return OrganSegmenter(loaded, str(folder), place, policy=policy, disk=disk)


def _asker(loaded: LoadedOrganSeg) -> Asker:
    networks = loaded.networks
    view, sam = networks.view, networks.sam
    language = networks.language
    sight = Sight("image", sam, view.resize, view.pixels)
    options = Options(loaded.facts.classes)
    return Asker(language.model, language.talk, language.view, sight, sam, loaded.model, options)


def _domain(facts: OrganSegFacts) -> Domain | None:
    """The list of things that it was trained for; None where that is not there any more."""
    try:
        return load_domain(facts.domain)
    except DataError:
        return None


def _said(understood: Understood, facts: OrganSegFacts) -> str:
    """What a question was understood as, in a sentence."""
    choice = understood.choice
    if choice is None:
        *organs, none = understood.similarities
        best = int(np.argmax(organs))
        near, far = (f"{facts.classes[best]} (similarity {organs[best]:.2f})",
                     f"{facts.none} (similarity {none:.2f})")  # fmt: skip
        if none > organs[best]:
            return f"the question is nearest to {far}; of the others, to {near}."
        return f"The question is nearest to {near}, before {far}."
    if choice.pick is Pick.THING and understood.has_place:
        return f"The vision-language model chose {choice.name}, with a box."
    if choice.pick is Pick.THING:
        return f"the vision-language model chose {choice.name} without a box; no place is guessed."
    if choice.pick is Pick.NONE:
        return f"the vision-language model chose {facts.none}."
    shown = " ".join(choice.text.split())[:80]
    return f"the vision-language model's answer is none of the options: “{shown}”."


def _refused(answer: Segmentation, asked: Resolution, said: str, *, blank: bool) -> Segmentation:
    """The same answer, doubted by the question alone, and refused where anything may be."""
    presence = asked.probability if answer.presence is None else answer.presence
    doubted = replace(answer, presence=min(presence, asked.probability))
    if not blank:
        return _with_reason(doubted, said)
    card = replace(answer.card, winner=None, similarity=None, margin=None,
                   reason=f"Refused: {asked.reason} {said}")  # fmt: skip
    empty = np.zeros_like(answer.mask)
    return replace(doubted, mask=empty, verdict=Verdict.ABSENT, card=card, soft=None)


def _with_reason(answer: Segmentation, reason: str) -> Segmentation:
    return replace(answer, card=replace(answer.card, reason=reason))
