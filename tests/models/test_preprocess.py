"""Pixels, bit by bit as torchvision and Pillow gave them to the official code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from biprompt.errors import InputError
from biprompt.models.preprocess import (
    SamPixels,
    SamResize,
    beit_pixels,
    fitted_hw,
    sam_pixels,
)

GOLDEN = Path(__file__).parents[1] / "golden"
Arrays = dict[str, npt.NDArray[Any]]


@pytest.fixture(scope="module")
def golden() -> Arrays:
    """Made at the real sizes, 224 and 1024."""
    return dict(np.load(GOLDEN / "preprocess_golden.npz"))


def noise(*hw: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (*hw, 3), np.uint8)


def check_statistics(pixels: torch.Tensor, expected: npt.NDArray[np.float64]) -> None:
    found = [float(pixels.double().mean()), float(pixels.double().std())]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["a", "b"])
class TestGolden:
    def test_beit(self, golden: Arrays, name: str) -> None:
        expected = golden[f"beit224_{name}_antialias_None"]
        np.testing.assert_array_equal(beit_pixels(golden[f"image_{name}"]), expected)

    def test_beit_is_not_anti_aliased(self, golden: Arrays, name: str) -> None:
        """The video script is, and its pixels are others (also of a small image: another cubic)."""
        image = golden[f"image_{name}"]
        planes = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
        smooth = F.interpolate(planes, (224, 224), mode="bicubic", antialias=True)[0] * 2 - 1
        expected = golden[f"beit224_{name}_antialias_True"]
        np.testing.assert_allclose(smooth, expected, atol=1e-5)
        assert np.abs(beit_pixels(image).numpy() - expected).max() > 0.05

    def test_longest(self, golden: Arrays, name: str) -> None:
        image = golden[f"image_{name}"]
        assert fitted_hw(image.shape[:2]) == tuple(golden[f"ori_resized_shape_{name}"])
        pixels = sam_pixels(image)
        np.testing.assert_array_equal(pixels[:, ::8, ::8], golden[f"ori_{name}_stride8"])
        check_statistics(pixels, golden[f"ori_{name}_mean_std"])

    def test_square(self, golden: Arrays, name: str) -> None:
        pixels = sam_pixels(golden[f"image_{name}"], resize=SamResize.SQUARE)
        np.testing.assert_array_equal(pixels[:, ::8, ::8], golden[f"resize_infer_{name}_stride8"])
        check_statistics(pixels, golden[f"resize_infer_{name}_mean_std"])

    def test_square_pil(self, golden: Arrays, name: str) -> None:
        """The golden array was kept in half precision."""
        pixels = sam_pixels(golden[f"image_{name}"], resize=SamResize.SQUARE_PIL)
        expected = golden[f"resize_eval_{name}_stride8"]
        np.testing.assert_array_equal(pixels[:, ::8, ::8].half(), expected)


@pytest.mark.parametrize("image", [1, 2])
@pytest.mark.parametrize(
    ("family", "resize"),
    [
        ("evf_sam", SamResize.LONGEST),
        ("evf_effisam", SamResize.SQUARE),
        ("evf_sam2", SamResize.SQUARE),
    ],
)
def test_inputs_of_the_golden_models(family: str, resize: SamResize, image: int) -> None:
    arrays = np.load(GOLDEN / f"{family}_tiny_golden.npz")
    photograph = arrays[f"image{image}_uint8"]
    np.testing.assert_array_equal(beit_pixels(photograph, 64), arrays[f"beit_input{image}"])
    pixels = sam_pixels(photograph, 128, resize)
    np.testing.assert_array_equal(pixels, arrays[f"sam_input{image}"])
    if resize is SamResize.LONGEST:
        size = fitted_hw(photograph.shape[:2], 128)
        assert size == tuple(arrays[f"resize{image}"])
        covered = arrays[f"sam_resized{image}_uint8"]
        assert covered.shape[:2] == size
        assert not pixels[:, size[0] :].any() and not pixels[:, :, size[1] :].any()
        np.testing.assert_allclose(restored(pixels)[: size[0], : size[1]], covered, atol=1e-3)
    elif f"sam_resized{image}_uint8" in arrays:
        planes = arrays[f"sam_resized{image}_uint8"].transpose(1, 2, 0)
        np.testing.assert_allclose(restored(pixels), planes, atol=1e-3)
    if f"sam_input{image}_evalpy" in arrays:
        square = sam_pixels(photograph, 128, SamResize.SQUARE_PIL)
        np.testing.assert_array_equal(square, arrays[f"sam_input{image}_evalpy"])


def restored(pixels: torch.Tensor) -> npt.NDArray[np.float32]:
    """Normalised pixels as grey levels ``(H, W, 3)``."""
    mean, std = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])
    return np.asarray(pixels.numpy().transpose(1, 2, 0) * std + mean)


def test_squares_differ_where_an_image_shrinks() -> None:
    image = noise(150, 200)
    squares = [restored(sam_pixels(image, 64, r)) for r in (SamResize.SQUARE, SamResize.SQUARE_PIL)]
    assert np.abs(squares[0] - squares[1]).mean() > 10


def test_longest_then_square() -> None:
    """Two resizes: Pillow's on the photograph, then torch's on normalised numbers."""
    image = noise(90, 120)
    pixels = sam_pixels(image, 64, SamResize.LONGEST_THEN_SQUARE)
    longest = torch.from_numpy(np.asarray(Image.fromarray(image).resize((64, 48), 2)).copy())
    square = F.interpolate(longest.permute(2, 0, 1)[None].float(), (64, 64), mode="bilinear")[0]
    np.testing.assert_allclose(restored(pixels), square.permute(1, 2, 0), atol=1e-3)


def test_unit_pixels() -> None:
    image = noise(40, 60)
    image[...] = 40 + image // 2
    pixels = sam_pixels(image, 32, SamResize.SQUARE_PIL, SamPixels.UNIT)
    resized = np.asarray(Image.fromarray(image).resize((32, 32), 2), np.float64)
    scaled = (resized - resized.min()) / (resized.max() - resized.min())
    np.testing.assert_allclose(pixels, scaled.transpose(2, 0, 1), atol=1e-6)
    assert pixels.min() == 0 and pixels.max() == 1


def test_unit_pixels_of_a_plain_image_are_finite() -> None:
    plain = np.full((8, 8, 3), 77, np.uint8)
    assert not sam_pixels(plain, 16, pixels=SamPixels.UNIT).any()


@pytest.mark.parametrize("hw", [(1, 1), (1, 4000), (3000, 2), (37, 1024)])
@pytest.mark.parametrize("resize", SamResize)
def test_any_shape_fills_its_part_of_the_canvas(hw: tuple[int, int], resize: SamResize) -> None:
    image = np.full((*hw, 3), 255, np.uint8)
    pixels = sam_pixels(image, 64, resize)
    assert pixels.shape == (3, 64, 64) and pixels.dtype == torch.float32
    h, w = fitted_hw(hw, 64, resize)
    assert (h, w) == (64, 64) or resize is SamResize.LONGEST
    assert (pixels[:, :h, :w] > 2).all()
    assert int((pixels != 0).sum()) == 3 * h * w
    assert beit_pixels(image, 32).shape == (3, 32, 32)


def test_a_view_that_is_not_contiguous() -> None:
    image = noise(40, 60)
    mirrored = image[:, ::-1]
    for prepare in (beit_pixels, sam_pixels):
        assert torch.equal(prepare(mirrored, 32), prepare(mirrored.copy(), 32))


def test_a_name_serves_as_well_as_the_enumeration() -> None:
    image = noise(40, 60)
    for resize in SamResize:
        assert torch.equal(
            sam_pixels(image, 32, str(resize)),  # type: ignore[arg-type]
            sam_pixels(image, 32, resize),
        )


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["float", "grey", "alpha", "empty"],
)
@pytest.mark.parametrize("prepare", [beit_pixels, sam_pixels])
def test_what_is_no_rgb_image(prepare: Callable[..., Any], image: npt.NDArray[Any]) -> None:
    with pytest.raises(InputError, match=r"image: expected uint8 of shape \(H, W, 3\)"):
        prepare(image)
