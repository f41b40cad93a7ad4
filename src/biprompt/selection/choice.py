"""What the gate decided, and the candidates it decides between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.results import Source, Verdict
from biprompt.selection import _checks
from biprompt.selection._checks import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What the gate decided.

    Attributes:
        winner: index into the candidates; None when the verdict is `absent`.
        verdict: found, absent or disagree.
        similarities: (K,) float64 of each candidate to the text mask; None when the words took no
            part (none given, none understood) or are all there is.
        margin: how far the winner leads the next candidate in what decided: similarity, joint
            score, or predicted IoU where the words did not decide; never negative. None without
            a winner or without a second candidate. Empty candidates are not counted.
        reason: one sentence for a person; it counts candidates from 1.
        mask: (H, W) bool, frame of the candidates.
    """

    winner: int | None
    verdict: Verdict
    similarities: FloatArray | None
    margin: float | None
    reason: str
    mask: BoolArray = field(repr=False)

    @property
    def similarity(self) -> float | None:
        """Similarity of the winner to the text mask, where there are both."""
        if self.winner is None or self.similarities is None:
            return None
        return float(self.similarities[self.winner])


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Checked candidates.

    Attributes:
        masks: (K, H, W) bool.
        scores: (K,) float64 predicted IoU.
        sources: K names.
        filled: (K,) bool, which masks are not empty.
    """

    masks: BoolArray
    scores: FloatArray
    sources: tuple[str, ...]
    filled: BoolArray

    @classmethod
    def checked(
        cls, masks: npt.ArrayLike, scores: npt.ArrayLike, sources: Sequence[str]
    ) -> Candidates:
        """Check shapes, lengths and finiteness.

        Raises:
            InputError: one of them does not fit.
        """
        array = _checks.masks(masks)
        row = _checks.row("scores", scores, len(array))
        names = tuple(sources)
        if isinstance(sources, str) or len(names) != len(array):
            raise InputError("sources", expected=f"{len(array)} names", actual=repr(sources))
        return cls(array, row, names, np.asarray(array.any(axis=(1, 2))))

    @property
    def text_only(self) -> bool:
        """Whether nothing was pointed at: the text expert is the only source."""
        return all(source == Source.TEXT for source in self.sources)

    @property
    def own(self) -> BoolArray:
        """(K,) bool: the point expert's own candidates that are not empty.

        Where it has none, the others that do not come from the words alone, then all.
        """
        names = np.array(self.sources, dtype=np.str_)
        for kind in (names == Source.POINT, names != Source.TEXT):
            if (kind & self.filled).any():
                return np.asarray(kind & self.filled)
        return self.filled

    @property
    def witnesses(self) -> BoolArray:
        """(K,) bool: the candidates that tell whether words and pointing agree, not empty.

        A part of the text mask agrees with the text mask: that tells nothing.
        """
        return np.asarray(self.filled & (np.array(self.sources) != Source.TEXT_AT_CLICK))

    def name(self, index: int) -> str:
        """Return the candidate in words, counted from 1: the "of" makes that plain."""
        return f"candidate {index + 1} of {len(self.scores)} ({self.sources[index]})"

    def ranked(self, values: FloatArray, among: BoolArray) -> tuple[int, int | None]:
        """Return the best index and the second: by value, then predicted IoU, then position."""
        rows = np.flatnonzero(among)
        order = rows[np.lexsort((rows, -self.scores[rows], -values[rows]))]
        return int(order[0]), int(order[1]) if order.size > 1 else None

    def absent(self, reason: str, similarities: FloatArray | None = None) -> Choice:
        """Return an honest no: an empty mask and no winner."""
        empty = np.zeros(self.masks.shape[1:], dtype=np.bool_)
        return Choice(None, Verdict.ABSENT, similarities, None, reason, empty)

    def best_by_score(self, among: BoolArray) -> Choice:
        """Return the candidate with the highest predicted IoU; the words take no part."""
        winner, second = self.ranked(self.scores, among)
        score = self.scores[winner]
        following = "" if second is None else f", next {self.scores[second]:.2f}"
        reason = f"{self.name(winner)} has the highest predicted IoU ({score:.2f}{following})."
        margin = None if second is None else float(score - self.scores[second])
        return Choice(winner, Verdict.FOUND, None, margin, reason, self.masks[winner])
