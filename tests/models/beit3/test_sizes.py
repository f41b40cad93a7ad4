"""Names, numbers and shapes of the published checkpoints."""

from __future__ import annotations

import pytest
import torch

from biprompt.errors import InputError
from biprompt.models.beit3 import Beit3, Beit3Config


def built(config: Beit3Config) -> Beit3:
    with torch.device("meta"):
        return Beit3(config)


@pytest.mark.parametrize(
    ("config", "million"), [(Beit3Config.base(), 220.99), (Beit3Config.large(), 672.70)]
)
def test_parameters_of_the_published_sizes(config: Beit3Config, million: float) -> None:
    count = sum(p.numel() for p in built(config).parameters())
    assert count / 1e6 == pytest.approx(million, abs=0.005)


def test_names_and_shapes_of_the_published_state_dict() -> None:
    shapes = {
        name: tuple(value.shape) for name, value in built(Beit3Config.large()).state_dict().items()
    }
    assert len(shapes) == 971
    expected = {
        "text_embed.weight": (64010, 1024),
        "vision_embed.mask_token": (1, 1, 1024),
        "vision_embed.cls_token": (1, 1, 1024),
        "vision_embed.proj.weight": (1024, 3, 16, 16),
        "encoder.embed_positions.A.weight": (199, 1024),
        "encoder.embed_positions.B.weight": (1024, 1024),
        "encoder.layer_norm.B.bias": (1024,),
    }
    layer = {
        "self_attn.inner_attn_ln.{}.weight": (1024,),
        "self_attn_layer_norm.{}.weight": (1024,),
        "final_layer_norm.{}.bias": (1024,),
        "ffn.{}.fc1.weight": (4096, 1024),
        "ffn.{}.fc2.weight": (1024, 4096),
        "ffn.{}.ffn_layernorm.weight": (4096,),
    } | {f"self_attn.{p}_proj.{{}}.weight": (1024, 1024) for p in ("q", "k", "v", "out")}
    for index in (0, 23):
        for way in "AB":
            expected |= {f"encoder.layers.{index}.{k.format(way)}": v for k, v in layer.items()}
    assert {name: shapes[name] for name in expected} == expected


def test_all_is_in_the_state_dict() -> None:
    """So that a module built on "meta" is whole once weights are assigned."""
    model = built(Beit3Config.base())
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()}
    assert not list(model.buffers())


def test_tokens(config: Beit3Config) -> None:
    assert Beit3Config().visual_tokens == 197
    assert config.visual_tokens == 17
    assert Beit3Config().max_text_tokens == 1022


@pytest.mark.parametrize("sizes", [{"heads": 7}, {"heads": 0}, {"patch_size": 15}])
def test_sizes_that_do_not_divide(sizes: dict[str, int]) -> None:
    with pytest.raises(InputError, match="a divisor of"):
        Beit3Config(**sizes)


def test_fresh_weights_are_small_and_all_but_the_mask_token_learn(config: Beit3Config) -> None:
    model = Beit3(config)
    assert float(model.text_embed.weight.detach().std()) == pytest.approx(0.02, rel=0.1)
    assert [n for n, p in model.named_parameters() if not p.requires_grad] == [
        "vision_embed.mask_token"
    ]
    encoded = model(torch.randn(1, 3, 64, 64), torch.tensor([[0, 5, 2]]))
    (encoded.visual * torch.randn(48)).sum().backward()
    idle = {name for name, p in model.named_parameters() if p.requires_grad and p.grad is None}
    # After the attention of the last layer nothing reads the text, so its copies there stay idle.
    assert all(".B." in name and "k_proj" not in name for name in idle), idle
    assert {name.split(".")[2] for name in idle} <= {"2", "B"}
