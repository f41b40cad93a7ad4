"""Crops, copy-paste and mosaics keep masks, labels and what is known together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biprompt.data.crops import GREY, Crop, draw_crop, take_crop
from biprompt.data.mixing import jitter_colour, paste, shifted, side_by_side
from biprompt.data.scenes import Scene

SIDE = 64
NONE = frozenset[str]()


def block(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[top:bottom, left:right] = True
    return mask


def scene(*objects: tuple[str | None, np.ndarray], known=NONE, hidden=NONE) -> Scene:
    """Each object is painted in its own grey: 100, 101, ..."""
    image = np.full((SIDE, SIDE, 3), 10, np.uint8)
    for number, (_, mask) in enumerate(objects):
        image[mask] = 100 + number
    masks = np.stack([m for _, m in objects]) if objects else np.zeros((0, SIDE, SIDE), bool)
    count = len(objects)
    labels = tuple(label for label, _ in objects)
    flags = (True,) * count, (False,) * count
    return Scene(image, masks, labels, *flags, frozenset(known), frozenset(hidden))


def consistent(made: Scene) -> bool:
    count = len(made.masks)
    lengths = {len(made.labels), len(made.things), len(made.many)}
    return lengths == {count} and made.masks.shape[1:] == made.image.shape[:2]


DOG = ("dog", block(8, 8, 40, 30))
CUP = ("cup", block(20, 40, 30, 52))


def test_small_masks_become_hidden_labels_and_what_is_out_of_view_is_gone() -> None:
    tiny, gone = ("cat", block(0, 0, 2, 2)), ("car", block(0, 0, 0, 0))
    nameless = (None, block(60, 60, 62, 62))
    made = scene(DOG, tiny, gone, nameless, hidden={"tie"}).without_small(100)
    assert made.labels == ("dog",) and made.hidden == {"tie", "cat"}
    assert consistent(made)


@pytest.mark.parametrize("seed", range(20))
def test_a_crop_shows_the_pixels_of_its_masks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = scene(DOG, CUP)
    crop = draw_crop(whole, whole.masks[int(rng.integers(2))], 48, rng)
    made = take_crop(whole, crop)
    assert made.image.shape == (48, 48, 3) and made.masks.shape == (2, 48, 48)
    for number, mask in enumerate(made.masks):
        inner = mask.copy()
        for axis in (0, 1):
            for step in (-2, 2):
                inner &= np.roll(mask, step, axis)
        inner[:2] = inner[-2:] = False
        inner[:, :2] = inner[:, -2:] = False
        assert (made.image[inner] == 100 + number).all()


def test_a_focus_stays_in_view() -> None:
    rng = np.random.default_rng(1)
    crops = [take_crop(scene(CUP), draw_crop(scene(CUP), CUP[1], 64, rng)) for _ in range(50)]
    assert sum(c.masks.any() for c in crops) == 50


def test_beyond_the_edge_there_is_grey_and_no_mask() -> None:
    everything = scene(("sky", block(0, 0, SIDE, SIDE)))
    made = take_crop(everything, Crop((-32.0, 0.0, 32.0, 64.0), 64, flip=False))
    assert not made.masks[0][:, :32].any() and made.masks[0][:, 32:].all()
    assert (made.image[:, :31] == GREY).all() and (made.image[:, 33:] == 100).all()


def test_a_mirrored_crop_changes_left_and_right_in_every_name() -> None:
    door = scene(("left mirror", block(0, 0, 10, 10)), DOG, hidden={"back right door"})
    window = (0.0, 0.0, 64.0, 64.0)
    same = take_crop(door, Crop(window, 64, flip=False))
    assert same.labels == ("left mirror", "dog") and same.hidden == {"back right door"}
    assert np.array_equal(same.image, door.image) and np.array_equal(same.masks, door.masks)
    flipped = take_crop(door, Crop(window, 64, flip=True))
    assert flipped.labels == ("right mirror", "dog") and flipped.hidden == {"back left door"}
    assert np.array_equal(flipped.masks, door.masks[:, :, ::-1])
    assert np.array_equal(flipped.image, door.image[:, ::-1])


@pytest.mark.parametrize("seed", range(20))
def test_a_pasted_object_covers_what_was_there(seed: int) -> None:
    base = scene(DOG, CUP, known={"dog", "cat", "car"}, hidden={"book"})
    donor = scene(("car", block(16, 16, 48, 48)), known={"dog", "car", "bus"})
    donor = replace(donor, image=np.full_like(donor.image, 200))
    made = paste(base, donor, 0, np.random.default_rng(seed))
    assert consistent(made)
    if made is base:
        return
    assert made.labels == ("dog", "cup", "car") and made.mixed
    assert made.known == {"dog", "car"} and made.hidden == {"book"}
    pasted = made.masks[2]
    assert (made.image[pasted] == 200).all()
    assert np.array_equal(made.image[~pasted], base.image[~pasted])
    assert np.array_equal(made.masks[:2], base.masks & ~pasted)


def test_what_may_come_along_with_a_pasted_object_is_hidden() -> None:
    donor = scene(
        ("person", block(10, 10, 50, 40)),
        ("tie", block(20, 20, 30, 24)),
        ("dog", block(52, 0, 64, 20)),
        ("person", block(10, 38, 50, 60)),
        hidden={"book", "person"},
    )
    made = paste(scene(CUP), donor, 0, np.random.default_rng(0))
    assert made.labels == ("cup", "person")
    assert made.hidden == {"tie", "book"}  # the dog is elsewhere; the person itself may be named


def test_an_object_that_lies_outside_is_not_pasted() -> None:
    base, nothing = scene(DOG), scene(("car", block(0, 0, 0, 0)))
    assert paste(base, nothing, 0, np.random.default_rng(0)) is base


def test_side_by_side() -> None:
    left = scene(DOG, CUP, known={"dog", "cat"}, hidden={"book"})
    right = scene(("car", block(0, 20, 64, 60)), known={"dog", "car"}, hidden={"tie"})
    made = side_by_side(left, right)
    assert consistent(made) and made.mixed
    assert made.labels == ("dog", "cup", "car")
    assert made.known == {"dog"} and made.hidden == {"book", "tie"}
    half = SIDE // 2
    assert np.array_equal(made.image[:, :half], left.image[:, 16:48])
    assert np.array_equal(made.image[:, half:], right.image[:, 16:48])
    assert np.array_equal(made.masks[0][:, :half], left.masks[0][:, 16:48])
    assert not made.masks[:2, :, half:].any() and not made.masks[2, :, :half].any()
    assert np.array_equal(made.masks[2][:, half:], right.masks[0][:, 16:48])


def test_side_by_side_with_a_scene_without_masks() -> None:
    made = side_by_side(scene(), scene(DOG))
    assert consistent(made) and made.labels == ("dog",)


def test_a_shift_does_not_wrap_around() -> None:
    mask = block(0, 0, 64, 4)
    moved = shifted(mask, np.array([0, -2]))
    assert np.array_equal(moved, block(0, 0, 64, 2))
    assert not shifted(mask, np.array([0, -10])).any()


@pytest.mark.parametrize("seed", range(5))
def test_jitter_keeps_shape_and_kind(seed: int) -> None:
    image = scene(DOG, CUP).image
    out = jitter_colour(image, np.random.default_rng(seed))
    assert out.shape == image.shape and out.dtype == np.uint8
    assert np.array_equal(out, jitter_colour(image, np.random.default_rng(seed)))
