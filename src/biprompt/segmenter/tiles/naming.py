"""Words on every tile of an image, and on the whole of it from afar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import resize_mask_logits
from biprompt.io.raster import Raster
from biprompt.masks import BitMask, Window
from biprompt.masks.bit_parts import BitParts, bit_parts, kept_parts, parts_with
from biprompt.prompts import Prompt
from biprompt.results import Verdict
from biprompt.segmenter.tiles.asking import Model, Seen, ask_pixels, shown
from biprompt.segmenter.tiles.blending import Blend
from biprompt.segmenter.tiles.grid import Grid, Tiling
from biprompt.selection import Policy

Float = NDArray[np.float32]
Told = Callable[[int, int], None]
"""Called with the number of tiles that were asked, and of all."""

WEAK = 0.5
"""Share of the presence threshold from which a tile may continue what its neighbours found."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What words outline in a large image.

    Attributes:
        mask: of the whole image.
        parts: its connected parts.
        presence: the highest of all looks; None where the model gives none.
        understood: False when no word of the phrase is known to the model.
        tiles: how many tiles there are.
        looks: how many times the model looked.
        found: in how many of them the named thing was found.
        afar: whether it was found in the whole image seen from afar.
        reason: of the surest look.
    """

    mask: BitMask
    parts: BitParts
    presence: float | None
    understood: bool | None
    tiles: int
    looks: int
    found: int
    afar: bool
    reason: str = field(repr=False)


def name_tiles(
    model: Model, raster: Raster, prompt: Prompt, policy: Policy, tiling: Tiling, *,
    overview: bool = True, told: Told | None = None,
) -> Named:  # fmt: skip
    """Ask words of every tile and merge what they outline.

    Where a tile finds the named thing, its outline counts. Where it does not, what the whole image
    seen from afar shows there counts, if the thing was found in it: a tile inside a thing larger
    than itself sees only its surface. Where neither finds it, a tile that is nearly sure (from
    `WEAK` of the presence threshold) may continue a part that a neighbour found, not begin one.

    Args:
        model: what is asked.
        raster: the image.
        prompt: words, or examples, and nothing drawn.
        policy: how the gate decides.
        tiling: how the image is cut.
        overview: look from afar as well.
        told: hears of the progress.

    Raises:
        PromptError: the model does not take the prompt.
        ImageError: a tile cannot be read.
    """
    grid = Grid.of(raster.hw, tiling)
    work = _Work(model, raster, prompt, policy, grid)
    if overview and len(grid) > 1:
        work.look_from_afar()
    for row, column in grid.cells():
        work.ask(row, column)
        if told is not None:
            told(row * len(grid.columns.starts) + column + 1, len(grid))
        if column + 1 == len(grid.columns.starts):
            work.end_row(row)
    return work.named()


class _Work:
    """The masks so far, and what was heard."""

    def __init__(
        self, model: Model, raster: Raster, prompt: Prompt, policy: Policy, grid: Grid
    ) -> None:
        self._model, self._raster, self._prompt, self._grid = model, raster, prompt, grid
        self._sure = policy.presence_threshold
        # Presence is judged here, not by the gate, which would drop what is nearly sure.
        self._policy = replace(policy, presence_threshold=self._sure * WEAK)
        self._blend, self._proof = Blend(grid), BitMask(raster.hw)
        self._proof_rows = np.zeros((grid.rows.size, raster.hw[1]), np.bool_)
        self._afar: Float | None = None
        self._best: Seen | None = None
        self._found = self._looks = 0

    def look_from_afar(self) -> None:
        """Ask the whole image; kept where the thing is found."""
        seen = self._looked(Window.whole(self._raster.hw))
        if seen is not None and self._strength(seen) == 2:
            self._afar = seen.logits(seen.shown_hw)

    def ask(self, row: int, column: int) -> None:
        """Ask one tile, and add what it outlines."""
        window = self._grid.window(row, column)
        seen = self._looked(window)
        strength = self._strength(seen)
        self._found += strength == 2
        logits = self._outlined(seen, strength, window)
        if logits is None:
            return
        self._blend.add(row, column, logits)
        if strength != 1 or self._afar is not None:
            core = self._grid.core(row, column)
            inner = (slice(core.y0 - window.y0, core.y1 - window.y0),
                     slice(core.x0 - window.x0, core.x1 - window.x0))  # fmt: skip
            self._proof_rows[inner[0], core.columns] = logits[inner] > 0

    def end_row(self, row: int) -> None:
        """Write the rows that no later tile reaches."""
        self._blend.end_row(row)
        (begin, end), start = self._grid.rows.core(row), self._grid.rows.starts[row]
        self._proof.write(begin, self._proof_rows[begin - start : end - start])
        self._proof_rows[:] = False

    def named(self) -> Named:
        """Drop the parts that no look is sure of, and say what was found."""
        mask = self._blend.mask
        parts = bit_parts(mask)
        keep = parts_with(mask, parts, self._proof)
        if not keep.all():
            kept_parts(mask, parts, keep)
            parts = bit_parts(mask)
        answer = None if self._best is None else self._best.answer
        return Named(
            mask, parts, None if answer is None else answer.presence,
            None if answer is None else answer.card.text_understood, len(self._grid), self._looks,
            self._found, self._afar is not None, "" if answer is None else answer.card.reason,
        )  # fmt: skip

    def _looked(self, window: Window) -> Seen | None:
        pixels = shown(self._raster, window)
        if (pixels == pixels[0, 0]).all():
            return None  # of one colour: beyond the edge of a map there is nothing to see
        self._looks += 1
        seen = ask_pixels(self._model, pixels, window, self._prompt, self._policy,
                          outline_absent=False)  # fmt: skip
        if self._best is None or _rank(seen) > _rank(self._best):
            self._best = seen
        return seen

    def _strength(self, seen: Seen | None) -> int:
        """2 where the thing is there, 1 where it may be, 0 where it is not."""
        if seen is None or seen.answer.verdict is Verdict.ABSENT:
            return 0
        presence = seen.answer.presence
        return 2 if presence is None or presence >= self._sure else 1

    def _outlined(self, seen: Seen | None, strength: int, window: Window) -> Float | None:
        """What counts in a tile: what it is sure of, then the look from afar, then a near guess."""
        if seen is not None and strength == 2:
            return seen.logits()
        far = self._from_afar(window)
        if far is None and seen is not None and strength:
            return seen.logits()
        return far

    def _from_afar(self, window: Window) -> Float | None:
        """Logits of a window as the whole image shows it; None where nothing was found there."""
        if self._afar is None:
            return None
        (height, width), (h, w) = self._raster.hw, self._afar.shape
        rows = slice(window.y0 * h // height, -(-window.y1 * h // height))
        columns = slice(window.x0 * w // width, -(-window.x1 * w // width))
        return resize_mask_logits(self._afar[rows, columns], window.hw)


def _rank(seen: Seen) -> tuple[bool, float]:
    found = seen.answer.verdict is not Verdict.ABSENT
    return found, -1.0 if seen.answer.presence is None else seen.answer.presence
