"""Extractors, the comparison with the context cache, LoRA's sum."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from biprompt.errors import InputError, WeightsError
from biprompt.models.organ_seg.extractors import Extractor
from biprompt.models.organ_seg.lora import TARGETS, merge
from biprompt.models.organ_seg.model import FIRST_SCALE, OrganSeg, OrganSegSizes
from biprompt.models.sam import Sam, SamConfig
from biprompt.models.sam.config import DecoderConfig, VitConfig
from biprompt.models.sam.values import SamPrompts

SIZES = OrganSegSizes(width=24, hidden=16, tokens=3, features=7, classes=4, out=32)


def small_sam() -> Sam:
    vit = VitConfig(image_size=32, dim=16, depth=1, heads=2, mlp=16, window=2, global_blocks=(0,),
                    out_dim=32)  # fmt: skip
    return Sam(SamConfig(vit, DecoderConfig(heads=2, mlp=16, iou_hidden=16)))


def model(context: torch.Tensor | None = None) -> OrganSeg:
    torch.manual_seed(0)
    rows = torch.randn(4, 7) if context is None else context
    return OrganSeg(SIZES, nn.Identity(), small_sam(), rows).eval()


def test_what_is_filled_up_is_never_looked_at() -> None:
    torch.manual_seed(0)
    extractor = Extractor(24, 16, 5, queries=2).eval()
    states = torch.randn(1, 6, 24)
    short = extractor(states[:, :4], torch.ones(1, 4, dtype=torch.int64))
    real = torch.tensor([[1, 1, 1, 1, 0, 0]])
    torch.testing.assert_close(extractor(states, real), short)
    changed = states.clone()
    changed[:, 1] = torch.randn(24)
    assert not torch.allclose(extractor(changed, real), short)


def test_similarities_are_cosines_with_the_context_cache() -> None:
    organ_seg = model()
    states, real = torch.randn(2, 5, 24), torch.ones(2, 5, dtype=torch.int64)
    reading = organ_seg.read(states, real)
    feature = organ_seg.interest(states, real)[:, 0]
    expected = torch.cosine_similarity(feature[:, None], organ_seg.context[None], dim=2)
    torch.testing.assert_close(reading.similarities, expected)
    torch.testing.assert_close(reading.logits, FIRST_SCALE * expected)
    assert reading.tokens.shape == (2, 3, 32)


def test_masks_are_those_of_the_sam_for_the_tokens() -> None:
    organ_seg = model()
    features = organ_seg.sam.encode_image(torch.randn(1, 3, 32, 32))
    tokens = torch.randn(2, 3, 32)
    logits, _ = organ_seg.sam.decode(features, SamPrompts(text=tokens))
    torch.testing.assert_close(organ_seg.masks(features, tokens), logits[:, 0])


def test_a_context_cache_of_another_shape() -> None:
    with pytest.raises(InputError, match="context cache"):
        model(torch.randn(3, 7))


class Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.language_model = nn.ModuleDict({"0": nn.ModuleDict({"q_proj": nn.Linear(6, 6)})})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.language_model["0"]["q_proj"](x)


def lora_of(module: Layers) -> dict[str, torch.Tensor]:
    peft = pytest.importorskip("peft")
    config = peft.LoraConfig(r=2, lora_alpha=6, target_modules=TARGETS)
    wrapped = nn.Module()
    wrapped.model = module
    peft.inject_adapter_in_model(config, wrapped)
    found = {name: value for name, value in wrapped.named_parameters() if "lora_" in name}
    for value in found.values():
        nn.init.normal_(value)
    return {name.removeprefix("model."): value.detach() for name, value in found.items()}


def test_the_sum_answers_as_peft_does() -> None:
    torch.manual_seed(0)
    with_lora, plain = Layers(), Layers()
    plain.load_state_dict(with_lora.state_dict())
    before = plain(torch.ones(6))
    learnt = lora_of(with_lora)
    assert len(learnt) == 2
    merge(plain, learnt, 6 / 2)
    x = torch.randn(3, 6)
    torch.testing.assert_close(plain(x), with_lora.eval()(x))
    assert not torch.allclose(plain(torch.ones(6)), before)
    with pytest.raises(WeightsError, match="layers of this language model"):
        merge(plain, {"elsewhere.lora_A.default.weight": torch.ones(2, 6)}, 1.0)
