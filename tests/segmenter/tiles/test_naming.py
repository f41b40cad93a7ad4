"""Words on tiles: seams, things larger than a tile, and what no look is sure of."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.io.raster import open_raster
from biprompt.prompts import Prompt
from biprompt.segmenter.tiles.grid import Tiling
from biprompt.segmenter.tiles.naming import name_tiles

TILING = Tiling(64, 8)
CAT = Prompt.build(text="cat")


def named(model, image, **more):
    return name_tiles(model, open_raster(image), CAT, model.policy, TILING, **more)


def test_a_thing_across_tiles_is_one_part_without_a_seam(model, painted, only_corners_differ):
    image, mask = painted((112, 160), (20, 20, 140, 92))
    found = named(model, image, overview=False)
    assert only_corners_differ(found.mask.read(), mask, 1)
    assert len(found.parts) == 1
    assert (found.tiles, found.found, found.looks) == (6, 6, 6)


def test_every_part_is_found_and_nothing_else(model, painted, only_corners_differ):
    image, mask = painted((160, 160), (0, 0, 16, 16), (72, 72, 88, 88), (140, 8, 156, 24))
    found = named(model, image)
    assert only_corners_differ(found.mask.read(), mask, 3)
    assert found.parts.area.tolist() == [255, 252, 252]
    assert found.presence == pytest.approx(1 / (1 + np.exp(-3)))


def test_a_tile_that_does_not_find_it_has_no_say(model, runtime, painted, only_corners_differ):
    # One column of cells reaches into the neighbour, too little for it to find anything.
    runtime.sure = runtime.weak = 5
    image, mask = painted((64, 112), (20, 20, 52, 36))
    found = named(model, image, overview=False)
    assert found.found == 1
    assert only_corners_differ(found.mask.read(), mask, 1)


def test_a_nearly_sure_tile_continues_a_part_and_begins_none(
    model, runtime, painted, only_corners_differ
):
    runtime.sure, runtime.weak = 20, 2
    # From x 56 on the second tile decides: it holds 12 red cells of the first part, 4 of the other.
    image, mask = painted((64, 112), (0, 20, 72, 28), (100, 48, 104, 56))
    found = named(model, image, overview=False)
    mask[48:56, 100:104] = False
    assert found.found == 1
    assert only_corners_differ(found.mask.read(), mask, 1)
    runtime.weak = 20
    alone = named(model, image, overview=False)
    assert not alone.mask.read()[:, 64:].any()


def test_from_afar_things_are_seen_that_are_larger_than_a_tile(model, runtime, painted):
    image, mask = painted((192, 192), (16, 16, 176, 176))
    # A tile inside it would see red alone: this model then sees nothing.
    ground = runtime.ground

    def puzzled(scene, phrases):
        all_red = bool((scene.features["red"] > 0.5).all())
        runtime.sure = 10**6 if all_red else 3
        runtime.weak = runtime.sure
        return ground(scene, phrases)

    runtime.ground = puzzled
    near = named(model, image, overview=False)
    both = named(model, image)
    assert both.afar and not near.afar
    assert both.looks == near.looks + 1
    share = (both.mask.read() & mask).sum() / (both.mask.read() | mask).sum()
    assert share > 0.95
    assert (near.mask.read() & mask).sum() / mask.sum() < 0.95


def test_windows_of_one_colour_are_not_asked(model, runtime):
    image = np.full((64, 160, 3), 255, np.uint8)
    found = named(model, image)
    assert (found.looks, len(found.parts), found.presence) == (0, 0, None)
    assert runtime.looked == []


def test_progress_is_told_tile_by_tile(model, painted):
    heard = []
    named(model, painted((64, 160))[0], told=lambda at, of: heard.append((at, of)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_a_model_without_presence(model, runtime, painted, only_corners_differ):
    image, mask = painted((64, 160), (20, 20, 140, 40))
    ground = runtime.ground
    runtime.ground = lambda scene, phrases: type(ground(scene, phrases))(
        ground(scene, phrases).state, None
    )
    found = named(model, image)
    assert found.presence is None
    assert only_corners_differ(found.mask.read(), mask, 1)
