"""What is known of a data set without having it."""

from __future__ import annotations

from dataclasses import dataclass

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """How to get a published data set and what may be done with it.

    Attributes:
        name: what `biprompt data where` and the readers take.
        title: what its authors call it, with the paper.
        kind: "referring", "semantic", "interactive", "volume" or "episode".
        splits: the splits it has; the first is read unless another is asked for.
        pages: where it is to be had: the authors' page or files, the most important first.
        steps: what to do, in order; paths are relative to the folder given as the data's.
        layout: the files that the reader opens.
        size: of what has to be downloaded, as its pages state it; it was not measured.
        terms: licence or terms of use, as stated at the source; not legal advice.
    """

    name: str
    title: str
    kind: str
    splits: tuple[str, ...]
    pages: tuple[str, ...]
    steps: tuple[str, ...]
    layout: tuple[str, ...]
    size: str = NOT_STATED
    terms: str = NOT_STATED
