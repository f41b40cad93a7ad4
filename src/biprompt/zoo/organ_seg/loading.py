"""From a folder to the networks of Organ-Seg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from biprompt.errors import WeightsError
from biprompt.models.organ_seg.lora import MARK, merge
from biprompt.models.organ_seg.model import OrganSeg, OrganSegSizes
from biprompt.models.preprocess import SamPixels, SamResize, SamView
from biprompt.models.sam import Sam
from biprompt.zoo.build import fingerprint, load_checkpoint
from biprompt.zoo.organ_seg.folder import LEARNT, Mode, OrganSegFacts, read_facts
from biprompt.zoo.organ_seg.language import LanguageModel, load_language
from biprompt.zoo.pairs import Part
from biprompt.zoo.weights import open_weights

LANGUAGE = "language."
"""In the names of what belongs to the vision-language model."""
SAM = "sam."
"""Likewise of the SAM."""
CONTEXT = "context"


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """The two large networks.

    Attributes:
        language: reads picture and question.
        sam: draws.
        view: how pictures reach the SAM.
        digest: of the files, whatever type the weights are converted to, see `fingerprint`.
    """

    language: LanguageModel
    sam: Sam
    view: SamView
    digest: str


@dataclass(frozen=True, slots=True, eq=False)
class LoadedOrganSeg:
    """A model that is ready to answer.

    Attributes:
        facts: what its folder says.
        networks: the two large ones; with what LoRA learnt added.
        model: the whole, on the CPU; None with multiple choice, which has no more than the two.
        version: changes with the weights.
    """

    facts: OrganSegFacts
    networks: Networks
    model: OrganSeg | None
    version: str


def load_networks(
    language: Path, sam: str | Path, turns: str, dtype: torch.dtype = torch.float32
) -> Networks:
    """Load both networks.

    Args:
        language: folder of the vision-language model.
        sam: name of a published checkpoint, or its path.
        turns: how a turn of the user is written.
        dtype: of the vision-language model.

    Raises:
        WeightsError: something is missing or damaged, or the second is not a SAM.
    """
    part = Part.of(sam)
    loaded = load_checkpoint(part.path, expect=part.expected)
    if not isinstance(loaded.model, Sam):
        expected = "a SAM, such as medsam"
        raise WeightsError("--sam", expected=expected, actual=loaded.family, path=part.path)
    preset = loaded.preset
    view = SamView(loaded.model.image_size, SamResize(preset.resize), SamPixels(preset.pixels))
    read = load_language(language, turns, dtype)
    digests = (fingerprint(open_weights(path)) for path in (language, part.path))
    return Networks(read, loaded.model, view, "-".join(digests))


def load_organ_seg(folder: Path, dtype: torch.dtype = torch.float32) -> LoadedOrganSeg:
    """Load the model of a folder that `biprompt train organ-seg` wrote.

    Raises:
        WeightsError: a file is missing or damaged, or the networks are not those of the training.
        MissingExtraError: transformers is not installed.
    """
    facts = read_facts(folder)
    networks = load_networks(folder / facts.language, folder / facts.sam, facts.turns, dtype)
    digest = networks.digest
    if facts.mode == Mode.CHOICE:
        return LoadedOrganSeg(facts, networks, None, digest)
    if digest != facts.frozen:
        expected = f"the networks that it was trained with ({facts.frozen})"
        raise WeightsError("model", expected=expected, actual=digest, path=folder)
    learnt = dict(open_weights(folder / LEARNT).items())
    model = _trained(facts, networks, learnt, folder)
    return LoadedOrganSeg(facts, networks, model, fingerprint(learnt, digest))


def _trained(
    facts: OrganSegFacts, networks: Networks, learnt: Mapping[str, Tensor], folder: Path
) -> OrganSeg:
    context = learnt.get(CONTEXT)
    if context is None or len(context) != len(facts.classes) + 1:
        expected = f"a context cache of {len(facts.classes) + 1} entries"
        actual = "none" if context is None else len(context)
        raise WeightsError("model", expected=expected, actual=actual, path=folder / LEARNT)
    own = {k: v for k, v in learnt.items() if MARK not in k}
    lora = {k.removeprefix(LANGUAGE): v for k, v in learnt.items() if MARK in k}
    sizes = OrganSegSizes(
        networks.language.width, facts.hidden, facts.tokens, context.shape[1], len(context),
        networks.sam.config.dim,
    )  # fmt: skip
    model = OrganSeg(sizes, networks.language.model, networks.sam, context)
    merge(networks.language.model, lora, facts.lora)
    _put(model, own, folder / LEARNT)
    return model.eval().requires_grad_(False)


def _put(model: OrganSeg, own: Mapping[str, Tensor], path: Path) -> None:
    """Give a model what it learnt beside LoRA; the two large networks keep their weights."""
    state = model.state_dict()
    wrong = [f"no {k}" for k in state if not k.startswith((LANGUAGE, SAM)) and k not in own]
    wrong += [f"unexpected {k}" for k in own if k not in state]
    wrong += [f"{k} {tuple(v.shape)}" for k, v in own.items()
              if k in state and state[k].shape != v.shape]  # fmt: skip
    if wrong:
        actual = ", ".join(wrong[:4])
        raise WeightsError("model", expected="what was learnt", actual=actual, path=path)
    for name, value in own.items():
        state[name].copy_(value)
