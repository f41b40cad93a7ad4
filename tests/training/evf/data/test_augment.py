from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.evf.data.conftest import Made

from biprompt.errors import DataError
from biprompt.training.evf.data.augment import (
    LEAST_SHOWN,
    Augmentation,
    Augmented,
    cropped,
    flipped,
    relit,
)
from biprompt.training.evf.data.drafts import Draft

RED, BLUE = (255, 0, 0), (0, 0, 255)


def draft(*phrases: str) -> Draft:
    """A red cup left above, a blue one right below, in 4 x 6 pixels."""
    pixels = np.zeros((4, 6, 3), np.uint8)
    masks = np.zeros((2, 4, 6), bool)
    pixels[0, 1], pixels[3, 4:6] = RED, BLUE
    masks[0, 0, 1], masks[1, 3, 4:6] = True, True
    about = (frozenset({"cup"}),) * 2
    return Draft("k", pixels, phrases, masks, about).only(range(len(phrases)))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_flip_by_hand() -> None:
    made = flipped(draft("left cup", "the rightmost cup"))
    assert made.phrases == ("right cup", "the leftmost cup")
    assert made.variant == "flip"
    assert made.pixels[0, 4].tolist() == list(RED)
    assert np.argwhere(made.masks[0]).tolist() == [[0, 4]]
    assert np.argwhere(made.masks[1]).tolist() == [[3, 0], [3, 1]]
    assert made.pixels.flags.c_contiguous and made.masks.flags.c_contiguous


def test_what_a_flipped_phrase_says_is_where_the_mask_is() -> None:
    made = flipped(draft("left cup", "right cup"))
    centres = {
        p: np.argwhere(m)[:, 1].mean() for p, m in zip(made.phrases, made.masks, strict=True)
    }
    assert centres["left cup"] < 3 < centres["right cup"]


def test_no_flip_where_a_phrase_may_not_survive_it() -> None:
    before = draft("left cup", "cup right behind the other")
    assert flipped(before) is before


def test_two_flips_are_none() -> None:
    before = draft("left cup", "upper right cup")
    twice = flipped(flipped(before))
    assert twice.phrases == before.phrases
    np.testing.assert_array_equal(twice.pixels, before.pixels)
    np.testing.assert_array_equal(twice.masks, before.masks)


def test_light_changes_pixels_only() -> None:
    before = draft("left cup", "all cups")
    made = relit(before, rng())
    assert (made.phrases, made.variant) == (before.phrases, "light")
    np.testing.assert_array_equal(made.masks, before.masks)
    assert (made.pixels != before.pixels).any()


def test_no_other_light_where_a_colour_is_named() -> None:
    before = draft("left cup", "the red cup")
    assert relit(before, rng()) is before


@pytest.mark.parametrize("seed", range(40))
def test_a_crop_holds_every_mask_whole(seed: int) -> None:
    before = draft("the cup")
    made = cropped(before, rng(seed))
    assert made.masks.sum() == 1
    height, width = made.pixels.shape[:2]
    assert height >= LEAST_SHOWN * 4 and width >= LEAST_SHOWN * 6
    assert made.pixels[made.masks[0]].tolist() == [list(RED)]
    if made is not before:
        x0, y0, x1, y1 = map(int, made.variant.removeprefix("crop ").split(","))
        np.testing.assert_array_equal(made.pixels, before.pixels[y0:y1, x0:x1])
        np.testing.assert_array_equal(made.masks, before.masks[:, y0:y1, x0:x1])


def test_crops_differ_and_may_cut_every_side() -> None:
    centred = draft("the cup")
    centred = replace(centred, masks=np.roll(centred.masks, (2, 2), (1, 2)))
    boxes = {cropped(centred, rng(seed)).variant for seed in range(200)} - {""}
    sides = np.array([list(map(int, box.removeprefix("crop ").split(","))) for box in boxes])
    assert len(boxes) > 10
    assert (sides.min(0) < [1, 1, 6, 4]).all() and (sides.max(0) > [0, 0, 4, 3]).all()


@pytest.mark.parametrize("phrase", ["left cup", "cup next to the plate", "the biggest cup"])
def test_no_crop_where_a_place_is_named(phrase: str) -> None:
    before = draft(phrase)
    assert all(cropped(before, rng(seed)) is before for seed in range(20))


def test_no_crop_around_what_is_not_there() -> None:
    before = draft("the cup")
    empty = replace(before, masks=np.zeros_like(before.masks))
    assert cropped(empty, rng()) is empty


def test_no_crop_where_nothing_is_left_to_cut() -> None:
    before = draft("the cup")
    full = replace(before, masks=np.ones_like(before.masks))
    assert cropped(full, rng()) is full


DRAFTS = Made((("dog",), ("cat",), ("car",), ("cup",), ("bus",)), frozenset(
    {"dog", "cat", "car", "cup", "bus"}), hw=(20, 30))  # fmt: skip
ALL = Augmentation(flip=0.5, crop=0.5, light=0.5, mosaic=0.5)


def test_a_sample_depends_on_index_and_generator_alone() -> None:
    source = Augmented(DRAFTS, ALL)
    first = [source.sample(1, rng(seed)) for seed in range(30)]
    again = [source.sample(1, rng(seed)) for seed in reversed(range(30))][::-1]
    for a, b in zip(first, again, strict=True):
        assert (a.key, a.phrases, a.variant) == (b.key, b.phrases, b.variant)
        np.testing.assert_array_equal(a.pixels, b.pixels)
    changes = {change.split()[0] for s in first for change in s.variant.split("+") if change}
    assert changes == {"flip", "crop", "light", "mosaic"}
    assert first[0].key == (f"made/1 ({first[0].variant})" if first[0].variant else "made/1")


def test_a_mosaic_is_not_cropped() -> None:
    source = Augmented(DRAFTS, Augmentation(mosaic=1.0, crop=1.0))
    assert {source.sample(0, rng(seed)).variant for seed in range(10)} == {"mosaic"}


def test_the_recipe_of_the_papers_changes_nothing() -> None:
    sample = Augmented(DRAFTS, Augmentation()).sample(2, rng())
    assert sample.variant == ""
    np.testing.assert_array_equal(sample.pixels, DRAFTS.picture(2))


@pytest.mark.parametrize(
    ("augmentation", "variants"),
    [(Augmentation(), ("",)), (Augmentation(flip=0.1), ("", "flip")), (ALL, None),
     (Augmentation(flip=1, light=0.1), None), (Augmentation(crop=0.1), None)],
)  # fmt: skip
def test_variants_that_can_be_embedded_beforehand(
    augmentation: Augmentation, variants: tuple[str, ...] | None
) -> None:
    assert augmentation.variants() == variants
    if variants is not None:
        source = Augmented(DRAFTS, augmentation)
        assert {source.sample(0, rng(seed)).variant for seed in range(60)} <= set(variants)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_rates_are_between_none_and_all(rate: float) -> None:
    with pytest.raises(DataError, match="augmentation crop: expected a rate from 0 to 1"):
        Augmentation(crop=rate)
