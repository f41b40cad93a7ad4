"""One prompt, one image of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from biprompt.io.raster import Raster, open_raster
from biprompt.masks import BitMask, Window
from biprompt.masks.bit_parts import bit_parts
from biprompt.prompts import Prompt
from biprompt.results import Verdict
from biprompt.segmenter.core import Segmenter
from biprompt.segmenter.tiles.answer import LargeSegmentation
from biprompt.segmenter.tiles.asking import ask_pixels
from biprompt.segmenter.tiles.grid import HALO, TILE, Tiling
from biprompt.segmenter.tiles.naming import Named, Told, name_tiles
from biprompt.segmenter.tiles.pointing import point_at
from biprompt.selection import Policy

_ONE_COLOUR = "The whole image is of one colour: there is nothing to see."


def segment_large(
    model: Segmenter, image: Any, prompt: Prompt, *, tile: int = TILE, halo: int | None = None,
    overview: bool = True, bands: Sequence[int] | None = None, policy: Policy | None = None,
    told: Told | None = None,
) -> LargeSegmentation:  # fmt: skip
    """Answer a prompt on an image that need not fit into memory.

    An image that fits into one tile is answered as `Segmenter.segment` does. Of a larger one, what
    is pointed at is looked for around the pointing (see `point_at`), words on every tile (see
    `name_tiles`).

    Args:
        model: the model.
        image: what `biprompt.io.raster.open_raster` takes: a path, an array, also a memory-mapped
            one, a Pillow image, or a raster.
        prompt: in pixels of the image.
        tile: side of a tile in pixels, halo included. The model sees it at its own resolution, so a
            smaller tile finds smaller things.
        halo: pixels at each side of a tile that its neighbours see too; None takes an eighth.
        overview: for words, look at the whole image from afar as well, for things larger than a
            tile.
        bands: of a TIFF, those to show as red, green and blue, or one, from 1.
        policy: how the gate decides.
        told: called with the number of tiles that were asked, and of all.

    Raises:
        PromptError: the prompt does not fit the image, or the model does not take it.
        ImageError: the image cannot be read.
        InputError: tile or halo are out of range.
    """
    tiling = Tiling(tile, tile * HALO // TILE if halo is None else halo)
    raster = open_raster(image, bands=bands)
    rules = policy or model.policy
    prompt.check_frame(raster.hw)
    own = _forgetting(model)
    if max(raster.hw) <= tiling.size:
        return _plain(own, raster, prompt, rules, tiling)
    if not prompt.has_spatial:
        named = name_tiles(own, raster, prompt, rules, tiling, overview=overview, told=told)
        return _named(named, own.name, raster, prompt, tiling)
    found = point_at(own, raster, prompt, rules, tiling)
    answer = found.seen.answer
    where = f" Looked at {_size(found.seen.window)} pixels around it."
    return LargeSegmentation(
        found.mask, bit_parts(found.mask), answer.verdict, answer.presence,
        answer.card.reason + where, own.name, raster, tiling, found.looks, answer.phrase,
    )  # fmt: skip


def _forgetting(model: Segmenter) -> Segmenter:
    """The same model without a memory: every tile is looked at once."""
    if type(model) is not Segmenter:
        return model
    return Segmenter(model.runtime, model.reader, policy=model.policy)


def _plain(
    model: Segmenter, raster: Raster, prompt: Prompt, policy: Policy, tiling: Tiling
) -> LargeSegmentation:
    window = Window.whole(raster.hw)
    answer = ask_pixels(model, raster.read(window), window, prompt, policy).answer
    answer = replace(answer, image_path=raster.path)
    mask = BitMask.of(answer.mask)
    return LargeSegmentation(
        mask, bit_parts(mask), answer.verdict, answer.presence, answer.card.reason, model.name,
        raster, tiling, 1, answer.phrase, answer,
    )  # fmt: skip


def _named(
    named: Named, model: str, raster: Raster, prompt: Prompt, tiling: Tiling
) -> LargeSegmentation:
    verdict = Verdict.FOUND if len(named.parts) else Verdict.ABSENT
    return LargeSegmentation(
        named.mask, named.parts, verdict, named.presence, _reason(named), model, raster, tiling,
        named.looks, None if prompt.text is None else prompt.text.phrase,
    )  # fmt: skip


def _reason(named: Named) -> str:
    """One sentence: in how many tiles, how many parts, and how sure the surest look was."""
    if not named.looks:
        return _ONE_COLOUR
    if named.understood is False:
        return named.reason
    surest = "" if named.presence is None else f"; highest presence {named.presence:.2f}"
    if not len(named.parts):
        return f"In none of {named.tiles} tiles{surest}."
    afar = ", and in the image as a whole" if named.afar else ""
    parts = "1 connected part" if len(named.parts) == 1 else f"{len(named.parts)} connected parts"
    return f"In {named.found} of {named.tiles} tiles{afar}: {parts}{surest}."


def _size(window: Window) -> str:
    return f"{window.hw[1]} x {window.hw[0]}"
