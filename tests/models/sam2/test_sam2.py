"""SAM 2 as a whole: sizes, published state dicts, what it refuses, training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.promptable import Promptable
from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2 import MEMORY_PREFIXES, HieraConfig, Sam2, Sam2Config
from biprompt.models.sam2.hiera import plan

MEMORY_PARAMETERS = 7_505_265
"""Of memory attention, memory encoder and object pointers, alike in all sizes; not built here."""


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("config", "millions"),
    [
        (Sam2Config.tiny(), 38.95),
        (Sam2Config.small(), 46.04),
        (Sam2Config.base_plus(), 80.83),
        (Sam2Config.large(), 224.43),
    ],
)
def test_published_sizes(config: Sam2Config, millions: float) -> None:
    with torch.device("meta"):
        model = Sam2(config)
    assert round((parameters(model) + MEMORY_PARAMETERS) / 1e6, 2) == millions


def test_a_published_state_dict_less_its_memory_is_all_there_is(
    config: Sam2Config, published: dict[str, Tensor], weights: dict[str, Tensor]
) -> None:
    with torch.device("meta"):
        model = Sam2(config)
    assert len(weights) < len(published)
    model.load_state_dict(weights, assign=True)
    tensors = [*model.parameters(), *model.buffers()]
    assert not any(tensor.is_meta for tensor in tensors), "ready to use without another step"


@pytest.mark.parametrize("prefix", MEMORY_PREFIXES)
def test_no_memory_prefix_names_a_part_that_is_built(config: Sam2Config, prefix: str) -> None:
    with torch.device("meta"):
        names = Sam2(config).state_dict()
    assert not any(name.startswith(prefix) for name in names)


def test_rows_are_answered_independently(model: Sam2, features: dict[str, Tensor]) -> None:
    points = torch.tensor([[[10.0, 20.0]], [[100.0, 64.0]], [[0.0, 127.0]]])
    labels = torch.tensor([[1], [1], [0]])
    logits, iou = model.decode(features, SamPrompts(points=points, labels=labels))
    assert logits.shape == (3, 4, 32, 32)
    assert iou.shape == (3, 4)
    for row in range(3):
        one = SamPrompts(points=points[row, None], labels=labels[row, None])
        alone, alone_iou = model.decode(features, one)
        torch.testing.assert_close(logits[row], alone[0], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(iou[row], alone_iou[0], rtol=1e-4, atol=1e-4)


def test_images_are_seen_independently(model: Sam2) -> None:
    pixels = torch.randn((2, 3, 128, 128), generator=torch.Generator().manual_seed(7))
    both, second = model.encode_image(pixels), model.encode_image(pixels[1:])
    assert {name: tuple(value.shape) for name, value in both.items()} == {
        "image": (2, 32, 8, 8),
        "s0": (2, 4, 32, 32),
        "s1": (2, 8, 16, 16),
    }
    for name, value in second.items():
        torch.testing.assert_close(both[name][1:], value, rtol=1e-4, atol=1e-4)


def test_in_training_the_single_mask_is_its_own_and_gradients_reach_all(
    config: Sam2Config, weights: dict[str, Tensor], features: dict[str, Tensor]
) -> None:
    model: Promptable = (network := Sam2(config).train())
    network.load_state_dict(weights)
    text = torch.randn((2, 1, 32), generator=torch.Generator().manual_seed(8), requires_grad=True)
    seen = model.encode_image(torch.randn((1, 3, 128, 128)))
    logits, iou = model.decode(seen, SamPrompts(text=text))
    (logits.square().mean() + iou.sum()).backward()
    assert text.grad is not None
    assert text.grad.abs().sum(-1).min() > 0
    untouched = {name for name, value in network.named_parameters() if value.grad is None}
    unused = ("mask_downscaling", "point_embeddings", "not_a_point_embed", "pred_obj_score_head")
    assert all(any(part in name for part in unused) for name in untouched), untouched


def test_training_mode_does_not_settle(
    config: Sam2Config, weights: dict[str, Tensor], model: Sam2, features: dict[str, Tensor]
) -> None:
    never_stable = Sam2(replace(config, stability_threshold=2.0)).requires_grad_(False)
    never_stable.load_state_dict(weights)
    prompt = SamPrompts(text=torch.ones(1, 1, 32))
    _, trained = never_stable.train().decode(features, prompt)
    _, evaluated = never_stable.eval().decode(features, prompt)
    assert evaluated[0, 0] == trained[0, 1:].max() != trained[0, 0]


@pytest.mark.parametrize("shape", [(3, 128, 128), (1, 1, 128, 128), (1, 3, 64, 128)])
def test_images_of_another_shape_are_refused(model: Sam2, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"image of SAM 2: expected \(B, 3, 128, 128\)"):
        model.encode_image(torch.zeros(shape))


@pytest.mark.parametrize("name", ["image", "s0", "s1"])
def test_features_of_two_images_are_refused(
    model: Sam2, features: dict[str, Tensor], name: str
) -> None:
    two = features | {name: features[name].repeat(2, 1, 1, 1)}
    with pytest.raises(InputError, match=f"features {name} of SAM 2: expected"):
        model.decode(two, SamPrompts(text=torch.zeros(1, 1, 32)))


def test_blocks_at_the_start_of_a_stage_pool_in_the_windows_of_the_stage_before() -> None:
    blocks = plan(HieraConfig(stages=(1, 2, 3, 2), windows=(8, 4, 6, 2), global_blocks=(4,)))
    assert [block.pool for block in blocks] == [False, True, False, True, False, False, True, False]
    assert [block.window for block in blocks] == [8, 8, 4, 4, None, 6, 6, 2]
    assert [block.heads for block in blocks] == [2, 4, 4, 8, 8, 8, 16, 16]
    assert [block.dim for block in blocks] == [144, 288, 288, 576, 576, 576, 1152, 1152]
    assert [block.dim_in for block in blocks] == [144, 144, 288, 288, 576, 576, 576, 1152]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"image_size": 1000}, "image size: expected a multiple of 32, got 1000"),
        ({"image_size": 1056, "windows": (16, 4, 16, 8)}, "image size: expected a multiple of 64"),
        ({"image_size": 0}, "image size"),
        ({"dim": 96, "heads": 5}, "heads: expected a divisor of the width 96, got 5"),
        ({"windows": (8, 4, 7, 8)}, "windows of all stages but the last: expected even"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        HieraConfig(**values)  # type: ignore[arg-type]
