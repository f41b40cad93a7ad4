"""What one photograph gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biprompt.metrics import Overlap


@dataclass(frozen=True, slots=True)
class AbsenceRun:
    """What one photograph gave; each list holds one value a question, in the order of asking.

    Attributes:
        key: of the photograph.
        names: what was asked for, classes or sentences.
        there: whether it is in the photograph.
        presence: presence score, None where the model gave none.
        refused: whether the model said that it is absent.
        understood: False where no word of it meant anything to the model, None where it cannot
            tell.
        pixels: intersection, prediction and truth of the masks.
        refs: the reference each sentence belongs to; empty for classes.
        words: name of the list of words that was asked instead, of which only `understood` counts.
    """

    key: str
    names: Sequence[str]
    there: Sequence[bool]
    presence: Sequence[float | None]
    refused: Sequence[bool]
    understood: Sequence[bool | None]
    pixels: Sequence[tuple[int, int, int]]
    refs: Sequence[str] = ()
    words: str = ""

    def overlap(self, index: int) -> Overlap:
        """Return the pixels of one question's mask beside its truth."""
        return Overlap(*self.pixels[index])
