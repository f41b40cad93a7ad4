"""Pixels are those of the published processors, where one of them works without torchvision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from biprompt.errors import WeightsError
from biprompt.runtime.hub.words.views import (
    CLIP,
    HALF,
    IMAGENET,
    Cornered,
    Fitted,
    Numbers,
    Square,
    side_of,
)


def published(module: str, name: str, **settings: Any) -> Any:
    import importlib

    kind = getattr(importlib.import_module(f"transformers.models.{module}"), name)
    return kind(**settings)


def by(processor: Any, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(processor(images=image, return_tensors="np")["pixel_values"][0], np.float32)


@pytest.mark.parametrize("turned", [False, True])
def test_clipseg_sees_what_the_vit_processor_makes(photo: NDArray[np.uint8], turned: bool) -> None:
    image = photo.transpose(1, 0, 2).copy() if turned else photo
    module, size = "vit.image_processing_pil_vit", {"height": 64, "width": 64}
    processor = published(
        module, "ViTImageProcessorPil", size=size, image_mean=IMAGENET[0], image_std=IMAGENET[1]
    )
    ours = Square(64, Numbers(*IMAGENET)).pixels(image).numpy()
    np.testing.assert_allclose(ours, by(processor, image), atol=1e-5)


def test_seggpt_sees_what_its_processor_makes(photo: NDArray[np.uint8]) -> None:
    module = "seggpt.image_processing_pil_seggpt"
    processor = published(module, "SegGptImageProcessorPil", size={"height": 48, "width": 48})
    ours = Square(48, Numbers(*IMAGENET), resample=3).pixels(photo).numpy()
    np.testing.assert_allclose(ours, by(processor, photo), atol=1e-5)


@pytest.mark.parametrize("hw", [(150, 226), (226, 150), (100, 100), (40, 330), (331, 47)])
def test_grounding_dino_sees_what_its_processor_makes(
    photo: NDArray[np.uint8], hw: tuple[int, int]
) -> None:
    image = np.resize(photo, (*hw, 3))
    size = {"shortest_edge": 80, "longest_edge": 133}
    module = "grounding_dino.image_processing_pil_grounding_dino"
    theirs = by(published(module, "GroundingDinoImageProcessorPil", size=size), image)
    view = Fitted.of({"size": size})
    assert view.frame(hw).model_hw == theirs.shape[1:]
    np.testing.assert_allclose(view.pixels(image).numpy(), theirs, atol=1e-5)


@pytest.mark.parametrize("side", [64, 300])
def test_owlv2_sees_what_its_processor_makes(photo: NDArray[np.uint8], side: int) -> None:
    size = {"height": side, "width": side}
    module = "owlv2.image_processing_pil_owlv2"
    theirs = by(published(module, "Owlv2ImageProcessorPil", size=size), photo)
    np.testing.assert_allclose(Cornered(side).pixels(photo).numpy(), theirs, atol=1e-4)


def test_sam3_filter_is_anti_aliased(photo: NDArray[np.uint8]) -> None:
    """Its processor needs torchvision; the same filter of Pillow rounds to within one step."""
    ours = Square(56, Numbers(*HALF), resample=None).pixels(photo)
    pillow = Square(56, Numbers(*HALF)).pixels(photo)
    assert ours.shape == (3, 56, 56)
    assert float((ours - pillow).abs().max()) <= 2 / 127.5
    assert float(ours.min()) >= -1 and float(ours.max()) <= 1


def test_frames_tell_where_the_image_lies() -> None:
    assert Square(64, Numbers(*CLIP)).frame((150, 226)).model_hw == (64, 64)
    frame = Cornered(64).frame((150, 226))
    assert frame.model_hw == (42, 64) and frame.canvas_hw == (64, 64)


def test_numbers_go_there_and_back() -> None:
    import torch

    planes = torch.rand(3, 4, 5)
    numbers = Numbers(*IMAGENET)
    assert torch.allclose(numbers.unscaled(numbers.scaled(planes)), planes, atol=1e-6)


@pytest.mark.parametrize(
    "size",
    [{"shortest_edge": 224}, {"height": 20, "width": 30}, "large", {"height": 0, "width": 0}],
)
def test_a_square_is_asked_for_or_the_line_says_so(size: object) -> None:
    assert side_of({"size": {"height": 20, "width": 20}}, 5) == side_of({"size": 20}, 5) == 20
    assert side_of({}, 5) == 5
    with pytest.raises(WeightsError, match="a square size"):
        side_of({"size": size}, 5)


def test_wrong_settings_are_told() -> None:
    with pytest.raises(WeightsError, match="shortest_edge and longest_edge"):
        Fitted.of({"size": {"height": 20, "width": 20}})
    with pytest.raises(WeightsError, match="image_mean: expected a number for each"):
        Numbers.of({"image_mean": [1, 2]}, IMAGENET)
