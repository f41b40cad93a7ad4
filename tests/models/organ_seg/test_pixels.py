"""Pictures for the vision encoder, beside the processor of transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from biprompt.errors import WeightsError
from biprompt.models.organ_seg.pixels import VisionView

SETTINGS: dict[str, Any] = {
    "do_resize": True, "size": {"shortest_edge": 28}, "resample": 3, "do_center_crop": True,
    "crop_size": {"height": 28, "width": 28}, "do_normalize": True,
    "image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28],
}  # fmt: skip


@pytest.mark.parametrize("hw", [(40, 61), (61, 40), (28, 28), (9, 20), (33, 100)])
@pytest.mark.parametrize("size", [{"shortest_edge": 28}, {"height": 28, "width": 28}])
def test_as_transformers(hw: tuple[int, int], size: dict[str, int]) -> None:
    clip = pytest.importorskip("transformers.models.clip.image_processing_pil_clip")
    rng = np.random.default_rng(hw[0])
    image = rng.integers(0, 256, (*hw, 3), dtype=np.uint8)
    settings = SETTINGS | {"size": size}
    theirs = clip.CLIPImageProcessorPil(**settings)(image, return_tensors="np")["pixel_values"][0]
    ours = VisionView.of(settings, 28).pixels(image)
    np.testing.assert_allclose(ours.numpy(), np.asarray(theirs), atol=1e-5)


def test_a_square_of_one_colour() -> None:
    view = VisionView.of({"image_processor": SETTINGS}, 28)
    pixels = view.pixels(np.full((50, 70, 3), 51, np.uint8))
    expected = torch.tensor([(0.2 - 0.48) / 0.27, (0.2 - 0.46) / 0.26, (0.2 - 0.41) / 0.28])
    assert pixels.shape == (3, 28, 28)
    torch.testing.assert_close(pixels, expected[:, None, None].expand(3, 28, 28))


@pytest.mark.parametrize(
    "change",
    [{"crop_size": 14}, {"size": {"height": 14, "width": 28}}, {"do_normalize": False},
     {"image_mean": [0.5]}, {"do_pad": True}],
)  # fmt: skip
def test_other_settings_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WeightsError):
        VisionView.of(SETTINGS | change, 28)
