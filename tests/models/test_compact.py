"""The networks put together: shapes, padding, gathering. Weights are random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from biprompt.models.compact import (
    CompactConfig,
    CompactModel,
    Features,
    SpatialPrompts,
    TextPrompts,
)
from biprompt.models.compact.backbone import LEVELS, MobileNetV2

CPU = torch.device("cpu")
SIZES = [(32, 32), (96, 96), (64, 160), (192, 32)]


def image(hw: tuple[int, int], count: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.rand((count, 3, *hw), generator=generator) * 2 - 1


def words(count: int, length: int) -> Tensor:
    return torch.randn((count, length, 96), generator=torch.Generator().manual_seed(4))


def clicks(hw: tuple[int, int], xy: Any, labels: Any) -> SpatialPrompts:
    xy, labels = torch.tensor(xy, dtype=torch.float32), torch.tensor(labels, dtype=torch.float32)
    nothing = SpatialPrompts.nothing(len(labels), (hw[0] // 4, hw[1] // 4), CPU)
    return nothing._replace(xy=xy, labels=labels)


def no_text(model: CompactModel, hw: tuple[int, int], count: int) -> TextPrompts:
    return TextPrompts.nothing(count, model.config.text_dim, (hw[0] // 16, hw[1] // 16), CPU)


def same(a: Tensor, b: Tensor, tolerance: float = 1e-4) -> None:
    torch.testing.assert_close(a, b, rtol=0, atol=tolerance)


@pytest.mark.parametrize("hw", SIZES)
def test_encoder_s_shapes(tiny_model: CompactModel, hw: tuple[int, int]) -> None:
    features, config = tiny_model.encode(image(hw, 2)), tiny_model.config
    widths = {"p4": 8, "p8": 16, "p16": 24, "key8": 8, "c32": 320, "sem32": config.word_dim}
    strides = {"p4": 4, "p8": 8, "p16": 16, "key8": 8, "c32": 32, "sem32": 32}
    assert set(features._fields) == set(widths)
    for name, level in features._asdict().items():
        stride = strides[name]
        assert level.shape == (2, widths[name], hw[0] // stride, hw[1] // stride), name
        assert level.isfinite().all(), name


@pytest.mark.parametrize("hw", SIZES)
def test_decoder_s_shapes(tiny_model: CompactModel, hw: tuple[int, int]) -> None:
    features = tiny_model.encode(image(hw)).gather(torch.tensor([0, 0, 0]))
    text, presence = tiny_model.ground(features, words(3, 2), torch.tensor([2.0, 1.0, 2.0]))
    assert presence.shape == (3,)
    assert text.query.shape == (3, tiny_model.config.text_dim)
    assert text.prior.shape == (3, 1, hw[0] // 16, hw[1] // 16)
    spatial = clicks(hw, [[[1.0, 2.0]]] * 3, [[1.0]] * 3)
    logits, quality = tiny_model.decode(features, spatial, text)
    assert logits.shape == (3, 4, hw[0] // 4, hw[1] // 4) and logits.isfinite().all()
    assert quality.shape == (3, 4) and quality.isfinite().all()


def test_every_head_of_a_key_has_unit_length(tiny_model: CompactModel) -> None:
    key = tiny_model.encode(image((64, 96))).key8
    heads = tiny_model.config.heads
    lengths = key.reshape(1, heads, -1, *key.shape[2:]).norm(dim=2)
    same(lengths, torch.ones_like(lengths), 1e-2)


def test_images_of_a_batch_do_not_mix(tiny_model: CompactModel) -> None:
    images = image((64, 96), 3)
    together = tiny_model.encode(images)
    for i in range(3):
        for a, b in zip(together, tiny_model.encode(images[i : i + 1]), strict=True):
            same(a[i : i + 1], b)


def test_gather_gives_each_prompt_its_image(tiny_model: CompactModel) -> None:
    features = tiny_model.encode(image((32, 64), 2))
    gathered = features.gather(torch.tensor([1, 0, 1]))
    for level, picked in zip(features, gathered, strict=True):
        assert torch.equal(picked, level[[1, 0, 1]])


def test_padded_points_change_nothing(tiny_model: CompactModel) -> None:
    hw = (64, 96)
    features = tiny_model.encode(image(hw))
    text = no_text(tiny_model, hw, 1)
    short = clicks(hw, [[[10.0, 20.0], [70.0, 40.0]]], [[1.0, 0.0]])
    long = clicks(
        hw,
        [[[10.0, 20.0], [50.0, 5.0], [70.0, 40.0], [0.0, 0.0]]],
        [[1.0, -1.0, 0.0, -1.0]],
    )
    for a, b in zip(
        tiny_model.decode(features, short, text),
        tiny_model.decode(features, long, text),
        strict=True,
    ):
        same(a, b)


def test_padding_alone_is_no_click(tiny_model: CompactModel) -> None:
    hw = (64, 96)
    features = tiny_model.encode(image(hw))
    text = no_text(tiny_model, hw, 1)
    here = clicks(hw, [[[10.0, 20.0]]], [[-1.0]])
    there = clicks(hw, [[[70.0, 40.0], [3.0, 3.0]]], [[-1.0, -1.0]])
    same(tiny_model.decode(features, here, text)[0], tiny_model.decode(features, there, text)[0])


def test_padded_words_change_nothing(tiny_model: CompactModel) -> None:
    features = tiny_model.encode(image((64, 96)))
    said, lengths = words(1, 2), torch.tensor([2.0])
    padded = torch.cat((said, torch.zeros(1, 5, 96)), 1)
    short, there = tiny_model.ground(features, said, lengths)
    long, padded_there = tiny_model.ground(features, padded, lengths)
    same(there, padded_there)
    for a, b in zip(short, long, strict=True):
        same(a, b)


def test_words_unlike_every_place_are_not_changed_by_padding(tiny_model: CompactModel) -> None:
    features = tiny_model.encode(image((64, 96)))
    against = -features.sem32.mean((2, 3))[:, None]  # resembles each place less than padding does
    padded = torch.cat((against, torch.zeros(1, 2, 96)), 1)
    lengths = torch.tensor([1.0])
    _, short = tiny_model.ground(features, against, lengths)
    _, long = tiny_model.ground(features, padded, lengths)
    same(short, long)


def test_order_of_words_matters(tiny_model: CompactModel) -> None:
    features, lengths = tiny_model.encode(image((64, 96))), torch.tensor([2.0])
    said = words(1, 2) * 30
    there, _ = tiny_model.ground(features, said, lengths)
    back, _ = tiny_model.ground(features, said.flip(1), lengths)
    assert (there.query - back.query).abs().max() > 1e-6


def test_prompts_of_a_batch_do_not_mix(tiny_model: CompactModel) -> None:
    hw = (64, 96)
    features = tiny_model.encode(image(hw))
    both = clicks(hw, [[[10.0, 20.0]], [[70.0, 40.0]]], [[1.0], [0.0]])
    both = both._replace(
        box=torch.tensor([[0.0, 0.0, 50.0, 50.0], [9.0, 9.0, 20.0, 20.0]]),
        has_box=torch.tensor([1.0, 0.0]),
    )
    logits, quality = tiny_model.decode(
        features.gather(torch.tensor([0, 0])), both, no_text(tiny_model, hw, 2)
    )
    for i in range(2):
        one = SpatialPrompts(*(value[i : i + 1] for value in both))
        alone, alone_quality = tiny_model.decode(features, one, no_text(tiny_model, hw, 1))
        same(logits[i : i + 1], alone)
        same(quality[i : i + 1], alone_quality)


@pytest.mark.parametrize("what", ["box", "mask", "text"])
def test_what_is_not_there_does_not_count(tiny_model: CompactModel, what: str) -> None:
    hw = (64, 96)
    features = tiny_model.encode(image(hw))
    spatial, text = clicks(hw, [[[10.0, 20.0]]], [[1.0]]), no_text(tiny_model, hw, 1)
    plain = tiny_model.decode(features, spatial, text)
    if what == "box":
        spatial = spatial._replace(box=torch.tensor([[5.0, 5.0, 60.0, 60.0]]))
    elif what == "mask":
        spatial = spatial._replace(mask=torch.ones_like(spatial.mask))
    else:
        text = text._replace(query=text.query + 1, prior=text.prior + 1)
    for a, b in zip(plain, tiny_model.decode(features, spatial, text), strict=True):
        same(a, b)


def test_backbone_loads_the_published_names() -> None:
    """Of google-coral/test_data's MobileNetV2: features.0 to 17, a bias on every convolution."""
    names = set(MobileNetV2().state_dict())
    assert {"features.0.conv.weight", "features.0.conv.bias"} <= names
    assert "features.1.expand.weight" not in names  # the first block does not expand
    for block in range(2, 18):
        for layer in ("expand", "depthwise", "project"):
            assert {f"features.{block}.{layer}.{part}" for part in ("weight", "bias")} <= names
    assert len(names) == 2 * (1 + 2 + 16 * 3)
    assert list(LEVELS.values()) == [24, 32, 96, 320]


def test_full_size_model_s_names_are_those_of_the_weights() -> None:
    """A checkpoint of one training must load after any change of this code."""
    model = CompactModel()
    state = model.state_dict()
    assert {name.split(".")[0] for name in state} == {
        "backbone", "neck", "decoder", "text", "semantics",
    }  # fmt: skip
    CompactModel(CompactConfig()).load_state_dict(state, strict=True)
    assert state["decoder.masks.weight"].shape == (4, 32, 3, 3)
    assert state["text.order"].shape == (1, 32, 160)


def test_semantics_load_a_classifier_s_weights() -> None:
    from biprompt.models.compact.semantics import Semantics

    published = {name: value + 1 for name, value in MobileNetV2().state_dict().items()}
    published |= {
        "features.18.conv.weight": torch.ones(1280, 320, 1, 1),
        "features.18.conv.bias": torch.ones(1280),
        "classifier.weight": torch.ones(1000, 1280),
        "classifier.bias": torch.arange(1000.0),
    }
    names = torch.nn.functional.normalize(torch.randn(1000, 96), dim=1)
    semantics = Semantics(96)
    semantics.load_imagenet(published, names)
    assert not any(parameter.requires_grad for parameter in semantics.parameters())
    assert torch.equal(semantics.backbone.state_dict()["features.0.conv.bias"],
                       published["features.0.conv.bias"])  # fmt: skip
    votes = semantics(image((32, 64)))
    assert votes.shape == (1, 96, 1, 2)
    same(votes[0, :, 0, 0], names[999] * (1 - np.exp(-1)), 1e-1)  # class 999 leads by its bias


def test_config_is_plain_values() -> None:
    config = CompactConfig(width4=8)
    assert CompactConfig(**config.to_dict()) == config


def test_features_without_history() -> None:
    level = torch.ones(1, requires_grad=True) * 2
    assert not any(one.requires_grad for one in Features(*[level] * 6).detach())
