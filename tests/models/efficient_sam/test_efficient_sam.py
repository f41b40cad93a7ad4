"""EfficientSAM as a whole: sizes, prompts, what it refuses, training."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from biprompt.errors import InputError
from biprompt.models.efficient_sam import EfficientSam, EfficientSamConfig
from biprompt.models.efficient_sam.image_encoder import ImageEncoder
from biprompt.models.promptable import Promptable
from biprompt.models.sam.values import SamPrompts

POINTS = torch.tensor([[[12.0, 100.5], [63.0, 7.25]], [[90.0, 40.0], [1.0, 127.0]]])
LABELS = torch.tensor([[1, 0], [1, 1]])
BOXES = torch.tensor([[10.0, 20.0, 70.0, 90.0], [0.0, 3.5, 127.0, 100.0]])
TEXT = torch.linspace(-1, 1, 64).view(2, 1, 32)


@pytest.mark.parametrize(
    ("config", "millions"),
    [(EfficientSamConfig.tiny(), 10.22), (EfficientSamConfig.small(), 26.41)],
)
def test_published_sizes(config: EfficientSamConfig, millions: float) -> None:
    with torch.device("meta"):
        model = EfficientSam(config)
    assert len(model.state_dict()) == 278
    assert round(sum(value.numel() for value in model.parameters()) / 1e6, 2) == millions


def test_a_state_dict_is_all_there_is(
    config: EfficientSamConfig, weights: dict[str, Tensor]
) -> None:
    with torch.device("meta"):
        model = EfficientSam(config)
    model.load_state_dict(weights, assign=True)
    assert not any(tensor.is_meta for tensor in [*model.parameters(), *model.buffers()])


@pytest.mark.parametrize(
    ("prompts", "tokens"),
    [
        (SamPrompts(points=POINTS, labels=LABELS), 6),
        (SamPrompts(boxes=BOXES), 6),
        (SamPrompts(points=POINTS, labels=LABELS, boxes=BOXES, text=TEXT), 7),
        (SamPrompts(text=TEXT), 1),
    ],
)
def test_rows_are_answered_independently(
    model: EfficientSam, features: dict[str, Tensor], prompts: SamPrompts, tokens: int
) -> None:
    assert model.prompt_encoder(prompts).shape == (2, tokens, 32)
    logits, iou = model.decode(features, prompts)
    assert logits.shape == (2, 4, 32, 32)
    assert iou.shape == (2, 4)
    kinds = {"points", "labels", "boxes", "text"}
    second = {kind: value[1:] for kind in kinds if (value := getattr(prompts, kind)) is not None}
    alone, alone_iou = model.decode(features, SamPrompts(**second))
    torch.testing.assert_close(logits[1:], alone, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(iou[1:], alone_iou, rtol=1e-4, atol=1e-4)


def test_missing_points_are_filled_up(model: EfficientSam) -> None:
    filled = SamPrompts(
        points=torch.cat((POINTS[:1], torch.full((1, 4, 2), -1.0)), 1),
        labels=torch.tensor([[1, 0, -1, -1, -1, -1]]),
    )
    few = SamPrompts(points=POINTS[:1], labels=LABELS[:1])
    assert torch.equal(model.prompt_encoder(few), model.prompt_encoder(filled))


def test_a_mark_tells_what_a_point_is(model: EfficientSam) -> None:
    encoder = model.prompt_encoder
    one = torch.full((1, 5, 2), 40.0)
    labels = torch.tensor([[0, 1, 2, 3, -1]])
    bare, *marked = encoder(SamPrompts(points=one, labels=labels))[0, :5]
    names = (
        "point_embeddings", "bbox_top_left_embeddings", "bbox_bottom_right_embeddings",
        "invalid_points",
    )  # fmt: skip
    for name, token in zip(names, marked, strict=True):
        mark = encoder.get_submodule(name).weight
        assert isinstance(mark, Tensor)
        torch.testing.assert_close(token - bare, mark[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        (SamPrompts(masks=torch.zeros(1, 1, 32, 32)), "expected points, boxes or text, got masks"),
        (
            SamPrompts(points=POINTS.repeat(1, 4, 1), labels=LABELS.repeat(1, 4)),
            "expected at most 6, of which a box takes two, got 8",
        ),
        (
            SamPrompts(points=POINTS[:, :1].repeat(1, 5, 1), labels=LABELS[:, :1].repeat(1, 5),
                       boxes=BOXES),
            "got 7",
        ),
        (SamPrompts(text=TEXT[..., :31]), r"text of prompts: expected \(N, T, 32\)"),
    ],
)  # fmt: skip
def test_prompts_that_cannot_be_answered_are_refused(
    model: EfficientSam, features: dict[str, Tensor], prompts: SamPrompts, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        model.decode(features, prompts)


def test_what_is_not_one_image_is_refused(model: EfficientSam, features: dict[str, Tensor]) -> None:
    with pytest.raises(InputError, match=r"image of EfficientSAM: expected \(B, 3, 128, 128\)"):
        model.encode_image(torch.zeros(1, 3, 96, 128))
    three = {"image": features["image"].repeat(3, 1, 1, 1)}
    with pytest.raises(InputError, match=r"embedding of EfficientSAM: expected \(1, 32, 8, 8\)"):
        model.decode(three, SamPrompts(text=TEXT))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"image_size": 1000}, "image size: expected a multiple of 16, got 1000"),
        ({"encoder_heads": 7}, "heads: expected a divisor of the width 384, got 7"),
        ({"dim": 100}, "heads: expected a divisor of the width 50, got 8"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(values: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        EfficientSamConfig(**values)  # type: ignore[arg-type]


def test_positions_at_their_own_size_are_as_learned() -> None:
    config = EfficientSamConfig(
        image_size=48, pretrained_grid=3, encoder_dim=8, encoder_depth=1, encoder_heads=1, dim=16
    )
    encoder = ImageEncoder(config)
    torch.nn.init.normal_(encoder.pos_embed)
    expected = encoder.pos_embed[:, 1:].view(1, 3, 3, 8)
    assert torch.equal(encoder._positions((3, 3)), expected)


def test_gradients_reach_text_and_weights(
    config: EfficientSamConfig, weights: dict[str, Tensor]
) -> None:
    model: Promptable = (network := EfficientSam(config).train())
    network.load_state_dict(weights)
    text = TEXT.clone().requires_grad_()
    seen = model.encode_image(torch.randn((1, 3, 128, 128)))
    logits, iou = model.decode(seen, SamPrompts(text=text))
    (logits.square().mean() + iou.sum()).backward()
    assert text.grad is not None
    assert text.grad.abs().sum(-1).min() > 0
    untouched = {name for name, value in network.named_parameters() if value.grad is None}
    assert all(name.startswith("prompt_encoder.") for name in untouched), untouched
