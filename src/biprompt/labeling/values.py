"""The unit of work: an image and what is asked of it. Plain values, fit to be pickled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """One prompt for one mask.

    Attributes:
        id: what the caller calls it, unique among the prompts of its image.
        label: what the mask will be called: the class of the data set.
        given: JSON values by the names of `Prompt.build`, in pixels of the image; `mask` is COCO
            run lengths or the path of a file.
    """

    id: str
    label: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"id": self.id, "label": self.label, "given": dict(self.given)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Ask:
        """Make one from what `to_dict` returned."""
        return cls(values["id"], values["label"], values["given"])


@dataclass(frozen=True, slots=True)
class Item:
    """One image to label.

    Attributes:
        number: its place in the plan, from 0.
        name: what the data set calls the image: a path with "/", unique in the plan.
        source: where the image is: a local path, or a URL.
        stem: what files made of it are called, folders included; unique in the plan.
        asks: its own prompts, behind those that are for all images.
    """

    number: int
    name: str
    source: str
    stem: str
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the lines of a run hang on, beside images, prompts and model.

    Attributes:
        pool: "paper" or "wide", as in `Policy`.
        cards: whether a picture of the selection card is written for each mask.
    """

    pool: str = "paper"
    cards: bool = False


@dataclass(frozen=True, slots=True)
class ModelName:
    """Which model is loaded, in the words of `biprompt.load`; `threads` changes no answer.

    Attributes:
        name: as in `biprompt.load`.
        text_model: likewise.
        device: likewise.
        dtype: likewise.
        threads: of one call; 0 takes what the environment says, or all cores.
    """

    name: str = "compact"
    text_model: str | None = None
    device: str | None = None
    dtype: str | None = None
    threads: int = 0


def all_asks(common: Sequence[Ask], own: Sequence[Ask]) -> tuple[Ask, ...]:
    """Return what is asked of an image: what is asked of all, then its own prompts."""
    return (*common, *own)
