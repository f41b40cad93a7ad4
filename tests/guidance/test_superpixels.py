from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import InputError
from biprompt.guidance import region_proposals, slic
from biprompt.guidance.lab import lab
from biprompt.masks import iou_matrix

PHOTO = Path(__file__).parents[2] / "examples" / "chelsea.jpg"


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.asarray(Image.open(PHOTO).convert("RGB").resize((160, 112)))


def test_lab_of_known_colours() -> None:
    """Values of the sRGB primaries under D65, as colour tables print them."""
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255] * 3, [0] * 3, [119] * 3]])
    expected = [
        (53.24, 80.09, 67.20), (87.73, -86.18, 83.18), (32.30, 79.19, -107.86),
        (100, 0, 0), (0, 0, 0), (50.03, 0, 0),
    ]  # fmt: skip
    np.testing.assert_allclose(lab(colours.astype(np.uint8))[0], expected, atol=0.03)


@pytest.mark.parametrize("count", [1, 20, 150])
def test_superpixels_are_connected_and_about_as_many(photo: np.ndarray, count: int) -> None:
    from scipy.ndimage import label

    found = slic(photo, count)
    assert found.shape == photo.shape[:2] and found.dtype == np.int32
    numbers = np.unique(found)
    assert numbers.tolist() == list(range(len(numbers)))
    assert 0.6 * count <= len(numbers) <= 1.4 * count
    for number in numbers:
        assert label(found == number)[1] == 1


def test_superpixels_follow_an_edge() -> None:
    image = np.zeros((60, 60, 3), np.uint8)
    disk = ((np.indices((60, 60)) - 29.5) ** 2).sum(0) < 18**2
    image[disk] = (200, 180, 20)
    found = slic(image, 36)
    sides = [set(found[disk].tolist()), set(found[~disk].tolist())]
    assert not sides[0] & sides[1]


def test_large_weight_of_place_gives_squares() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (40, 40, 3), np.uint8)
    found = slic(image, 16, compactness=1e6)
    np.testing.assert_array_equal(found, np.arange(16).reshape(4, 4).repeat(10, 0).repeat(10, 1))


def test_proposals_hold_the_thing() -> None:
    image = np.full((60, 80, 3), 40, np.uint8)
    thing = np.zeros((60, 80), bool)
    thing[10:40, 20:60] = True
    image[thing] = (220, 90, 30)
    noisy = image + np.random.default_rng(0).integers(0, 8, image.shape).astype(np.uint8)
    found = region_proposals(noisy, slic(noisy, 60))
    assert found.dtype == bool and found.shape[1:] == (60, 80)
    assert iou_matrix(found, thing[None]).max() == 1.0
    shares = found.mean((1, 2))
    assert shares.min() >= 0.01 and shares.max() <= 0.7


def test_a_hierarchy_joins_every_superpixel(photo: np.ndarray) -> None:
    superpixels = slic(photo, 30)
    count = superpixels.max() + 1
    found = region_proposals(photo, superpixels, least=0, most=1)
    assert len(found) == 2 * count - 1 and found[-1].all()
    for one in found:  # any two are apart, or one holds the other
        both, either = (found & one).sum((1, 2)), np.minimum(found.sum((1, 2)), one.sum())
        assert ((both == 0) | (both == either)).all()


def test_what_is_wrong_is_told(photo: np.ndarray) -> None:
    with pytest.raises(InputError, match="superpixels: expected 1 or more, got 0"):
        slic(photo, 0)
    with pytest.raises(InputError, match="compactness"):
        slic(photo, 5, compactness=0)
    with pytest.raises(InputError, match=r"image: expected shape \(H, W, 3\) of uint8"):
        slic(photo / 255)
    with pytest.raises(InputError, match="superpixels"):
        region_proposals(photo, np.zeros((3, 3), np.int32))
