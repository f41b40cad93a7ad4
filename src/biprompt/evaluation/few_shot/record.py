"""An episode, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass

from biprompt.data.samples import EpisodeSample
from biprompt.metrics import PixelCounts


@dataclass(frozen=True, slots=True)
class Drawn:
    """An episode and where it stands.

    Attributes:
        episode: query and examples.
        split: the fold, or the part of the data set.
        place: of the episode in it.
        shots: how many examples the model is shown; 0 where it is told the name.
    """

    episode: EpisodeSample
    split: str
    place: int
    shots: int

    @property
    def key(self) -> str:
        """Name in records."""
        return f"{self.shots}-shot/{self.split}/{self.place:04d}"


@dataclass(frozen=True, slots=True)
class EpisodeRun:
    """What one episode gave.

    Attributes:
        key: of the episode.
        shots: examples shown, 0 where the name was told.
        split: the fold, or the part of the data set.
        label: the class.
        image: name of the query's image; episodes about one image share it.
        both: pixels in truth and mask; these four whatever the presence, without ignored pixels.
        surplus: in the mask alone.
        missed: in the truth alone.
        neither: in none of both.
        refused: whether the model would say that it is not there.
        understood: False where no word meant anything to the model, None where it cannot tell.
    """

    key: str
    shots: int
    split: str
    label: str
    image: str
    both: int
    surplus: int
    missed: int
    neither: int
    refused: bool
    understood: bool | None = None

    @property
    def pixels(self) -> PixelCounts:
        """The four counts."""
        return PixelCounts(self.both, self.surplus, self.missed, self.neither)
