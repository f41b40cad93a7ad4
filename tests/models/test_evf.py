"""How image and phrase become a prompt, and what cannot be asked for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.beit3 import Beit3Config
from biprompt.models.evf import EvfConfig, EvfSam
from biprompt.models.promptable import Promptable
from biprompt.models.sam.values import SamPrompts

TINY = Beit3Config(32, 16, vocab_size=40, dim=16, heads=2, ffn_dim=24, layers=2)
VARIANTS: list[dict[str, Any]] = [
    {"fusion": "early", "feature": "image_cls"},
    {"fusion": "early", "feature": "text_cls"},
    {"fusion": "early", "feature": "mean"},
    {"fusion": "early", "feature": "concat"},
    {"fusion": "early", "feature": "image_cls", "early_layers": 1},
    {"fusion": "late", "feature": "concat"},
    {"fusion": "text", "feature": "text_cls"},
]
close = torch.testing.assert_close


class Recorder(nn.Module):
    """Stands for a SAM; keeps what it is asked."""

    image_size = 64

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        return {"image": x}

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        self.asked.append((features, prompts))
        return torch.zeros(len(prompts), 4, 16, 16), torch.zeros(len(prompts), 4)


def model(**choices: Any) -> EvfSam:
    torch.manual_seed(2)
    evf = EvfSam(Recorder(), EvfConfig(TINY, out_dim=6, **choices)).eval()
    for parameter in evf.parameters():
        nn.init.normal_(parameter, std=0.4)
    return evf


@pytest.fixture
def pixels() -> Tensor:
    return torch.rand((2, 3, 32, 32), generator=torch.Generator().manual_seed(1)) * 2 - 1


IDS = torch.tensor([[0, 5, 6, 2], [0, 9, 2, 1], [0, 30, 31, 2]])
REAL = IDS != 1
IMAGE_OF = torch.tensor([1, 0, 1])


@pytest.mark.parametrize("choices", VARIANTS, ids=str)
def test_every_variant_answers_each_phrase_as_if_alone(
    choices: dict[str, Any], pixels: Tensor
) -> None:
    evf = model(**choices)
    tokens = evf.phrase_tokens(pixels, IDS, REAL, IMAGE_OF)
    assert tokens.shape == (3, 1, 6)
    for row in range(3):
        length, image = int(REAL[row].sum()), IMAGE_OF[row]
        ids = IDS[row : row + 1, :length]
        alone = evf.phrase_tokens(pixels[image][None], ids, None, torch.tensor([0]))
        close(tokens[row : row + 1], alone, atol=1e-5, rtol=1e-5)


def dependence(evf: EvfSam, pixels: Tensor) -> tuple[bool, bool]:
    """Whether the tokens change with the image, and with the phrase."""
    tokens = evf.phrase_tokens(pixels, IDS, REAL, IMAGE_OF)
    other_image = evf.phrase_tokens(pixels.flip(0), IDS, REAL, IMAGE_OF)
    other_phrase = evf.phrase_tokens(pixels, (IDS + 3) % 40, REAL, IMAGE_OF)
    return tuple(bool((tokens - t).abs().max() > 1e-4) for t in (other_image, other_phrase))  # type: ignore[return-value]


@pytest.mark.parametrize("choices", VARIANTS, ids=str)
def test_all_but_text_fusion_see_the_image(choices: dict[str, Any], pixels: Tensor) -> None:
    assert dependence(model(**choices), pixels) == (choices["fusion"] != "text", True)


def test_feature_of_early_fusion(pixels: Tensor) -> None:
    evf = model(early_layers=1)
    encoded = evf.beit3(pixels, IDS, REAL, image_of=IMAGE_OF, joint_layers=1)
    image, text = encoded.visual[:, 0], encoded.text[:, 0]
    wanted = {
        "image_cls": image,
        "text_cls": text,
        "mean": encoded.visual[:, 1:].sum(1) / 4,
        "concat": torch.cat((image, text), 1),
    }
    for feature, value in wanted.items():
        other = model(early_layers=1, feature=feature)
        other.mm_extractor.load_state_dict(evf.mm_extractor.state_dict())
        tokens = other.phrase_tokens(pixels, IDS, REAL, IMAGE_OF)
        close(tokens[:, 0], other.text_hidden_fcs[0](value), atol=1e-5, rtol=1e-5)


def test_late_fusion_concatenates_what_was_read_apart(pixels: Tensor) -> None:
    evf = model(fusion="late", feature="concat")
    image = evf.beit3.image_alone(pixels)[IMAGE_OF, 0]
    text = evf.beit3.text_alone(IDS, REAL)[:, 0]
    wanted = evf.text_hidden_fcs[0](torch.cat((image, text), 1))
    close(evf.phrase_tokens(pixels, IDS, REAL, IMAGE_OF)[:, 0], wanted, atol=1e-5, rtol=1e-5)


def test_early_layers_count(pixels: Tensor) -> None:
    all_layers, first, both = (model(early_layers=n) for n in (None, 1, 2))
    tokens = [m.phrase_tokens(pixels, IDS, REAL, IMAGE_OF) for m in (all_layers, first, both)]
    assert torch.equal(tokens[0], tokens[2])
    assert (tokens[0] - tokens[1]).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"fusion": "middle"}, "fusion: expected early or late or text, got middle"),
        ({"feature": "cls"}, "with early fusion, got cls"),
        ({"fusion": "late"}, "feature: expected concat with late fusion, got image_cls"),
        ({"fusion": "text"}, "feature: expected text_cls with text fusion, got image_cls"),
        ({"early_layers": 0}, "early layers: expected 1 to 2, got 0"),
        ({"early_layers": 3}, "early layers: expected 1 to 2, got 3"),
        (
            {"fusion": "late", "feature": "concat", "early_layers": 1},
            "early layers: expected None with late fusion, got 1",
        ),
    ],
)
def test_choices_that_do_not_go_together(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        EvfConfig(TINY, **choices)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ids": IDS.int()}, "phrases"),
        ({"ids": IDS[0]}, "phrases"),
        ({"mask": REAL.long()}, "text mask"),
        ({"mask": REAL[:, :3]}, "text mask"),
        ({"image_of": IMAGE_OF[:2]}, "images of phrases"),
        ({"image_of": IMAGE_OF.float()}, "images of phrases"),
        ({"pixels": torch.zeros(2, 3, 16, 16)}, "image of BEiT-3"),
    ],
)
def test_bad_input(changed: dict[str, Tensor], message: str, pixels: Tensor) -> None:
    given = {"pixels": pixels, "ids": IDS, "mask": REAL, "image_of": IMAGE_OF} | changed
    with pytest.raises(InputError, match=message):
        model().phrase_tokens(**given)


def test_it_is_promptable_through_its_sam() -> None:
    evf = model()
    promptable: Promptable = evf
    assert promptable.image_size == 64 and evf.beit_size == 32
    features = promptable.encode_image(torch.ones(1, 3, 64, 64))
    prompts = SamPrompts(text=torch.zeros(3, 1, 6))
    masks, iou = promptable.decode(features, prompts)
    assert masks.shape == (3, 4, 16, 16) and iou.shape == (3, 4)
    assert isinstance(evf.visual_model, Recorder)
    assert evf.visual_model.asked == [(features, prompts)]


def test_names_and_shapes_of_the_published_projector() -> None:
    with torch.device("meta"):
        state = EvfSam(Recorder()).state_dict()
    names = {k: tuple(v.shape) for k, v in state.items() if k.startswith("text_hidden_fcs")}
    assert names == {
        "text_hidden_fcs.0.0.weight": (1024, 1024),
        "text_hidden_fcs.0.0.bias": (1024,),
        "text_hidden_fcs.0.2.weight": (256, 1024),
        "text_hidden_fcs.0.2.bias": (256,),
    }
    assert {k.split(".")[0] for k in state} == {"mm_extractor", "text_hidden_fcs"}
    assert all(k.startswith("mm_extractor.beit3.") for k in state if k not in names)


def test_weights_assigned_to_a_model_built_on_meta(pixels: Tensor) -> None:
    real = model()
    with torch.device("meta"):
        built = EvfSam(Recorder(), real.config)
    built.load_state_dict(real.state_dict(), assign=True)
    given = pixels, IDS, REAL, IMAGE_OF
    assert torch.equal(built.eval().phrase_tokens(*given), real.phrase_tokens(*given))


def test_the_concatenating_projector_is_twice_as_wide() -> None:
    config = EvfConfig(TINY, out_dim=6, feature="concat")
    assert config.feature_dim == 32
    assert dataclasses.replace(config, feature="mean").feature_dim == 16
    state = EvfSam(Recorder(), config).state_dict()
    assert state["text_hidden_fcs.0.2.weight"].shape == (6, 32)


def test_projector_may_be_more_precise_than_beit3(pixels: Tensor) -> None:
    evf = model()
    exact = evf.phrase_tokens(pixels, IDS, REAL, IMAGE_OF)
    evf.mm_extractor.bfloat16()
    tokens = evf.phrase_tokens(pixels.bfloat16(), IDS, REAL, IMAGE_OF)
    assert tokens.dtype == torch.float32
    assert (tokens - exact).norm() < 0.1 * exact.norm()


def test_gradients_reach_the_pixels_and_the_words(pixels: Tensor) -> None:
    evf = model()
    pixels.requires_grad_(True)
    evf.phrase_tokens(pixels, IDS, REAL, IMAGE_OF).square().sum().backward()
    assert pixels.grad is not None and pixels.grad.abs().sum() > 0
    words = evf.beit3.text_embed.weight.grad
    assert words is not None
    assert words[[5, 9, 30]].abs().sum(1).min() > 0
    assert words[1].abs().sum() == 0  # padding teaches nothing
