"""What one slice gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from biprompt.metrics import NONE, Overlap

ELSEWHERE = "no organ"
"""What a mask shows that shares no pixel with any organ."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question about one slice.

    Attributes:
        run: the slice's record.
        place: of the question in the record.
    """

    run: OrgansRun
    place: int

    @property
    def name(self) -> str:
        """What was asked for."""
        return self.run.asked[self.place]

    @property
    def present(self) -> bool:
        """Whether the slice shows it."""
        return self.run.pixels[self.place][2] > 0

    @property
    def refused(self) -> bool:
        """Whether the model says that it is not there."""
        return self.run.refused[self.place]

    @property
    def right(self) -> str:
        """What would be right: the organ, or NONE."""
        return self.name if self.present else NONE

    @property
    def said(self) -> str:
        """What was answered: NONE, ELSEWHERE, or the organ that the mask is most like."""
        return NONE if self.refused else self.run.shown[self.place]

    def overlap(self, *, refusing: bool) -> Overlap:
        """Return the pixel counts; a refusal, where it counts, is an empty mask."""
        found = Overlap(*self.run.pixels[self.place])
        return Overlap(0, 0, found.truth) if refusing and self.refused else found


@dataclass(frozen=True, slots=True)
class OrgansRun:
    """What one slice gave; each list holds one value a question, in the order of asking.

    Attributes:
        key: of the slice.
        volume: name of its volume.
        index: its place there, from the feet.
        asked: names of the questions.
        pixels: intersection, prediction and truth, whatever the presence.
        refused: whether the model would say that it is not there.
        presence: 0 to 1, None where the model gave none.
        shown: the organ that the mask is most like, or ELSEWHERE.
        understood: False where no word meant anything to the model, None where it cannot tell.
    """

    key: str
    volume: str
    index: int
    asked: Sequence[str]
    pixels: Sequence[tuple[int, int, int]]
    refused: Sequence[bool]
    presence: Sequence[float | None]
    shown: Sequence[str]
    understood: Sequence[bool | None]

    def cases(self) -> Iterator[Case]:
        """Yield the questions one by one."""
        return (Case(self, place) for place in range(len(self.asked)))
