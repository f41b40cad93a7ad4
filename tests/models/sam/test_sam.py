"""SAM put together: answers against the official ones, and prompts that share an image."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.promptable import Promptable
from biprompt.models.sam import Sam, SamConfig, SamPrompts

Read = Callable[[str], Tensor]
Record = Callable[[dict[str, nn.Module]], Any]

READINGS, SINGLE = slice(1, 4), slice(0, 1)


def close(found: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


def clicks(golden: Read, case: str) -> SamPrompts:
    return SamPrompts(
        points=golden(f"{case}/points_resized_frame"), labels=golden(f"{case}/labels")
    )


@pytest.mark.parametrize("case", ["A", "D"])
def test_every_part_of_the_decoder_is_the_official_one(
    sam: Sam, features: dict[str, Tensor], golden: Read, record: Record, case: str
) -> None:
    decoder = sam.mask_decoder
    layers = {
        "both": decoder.transformer,
        "upscaled_embedding": decoder.output_upscaling,
        "iou_all4": decoder.iou_prediction_head,
    }
    with record(layers) as found:
        sam.decode(features, SamPrompts(text=golden(f"{case}/prompt_feat")))
    found["decoder_hs"], found["decoder_src"] = found.pop("both")
    for name, value in found.items():
        close(value, golden(f"{case}/{name}"), 2e-5)


@pytest.mark.parametrize(
    ("case", "image", "masks"),
    [("A", 1, SINGLE), ("A2", 1, SINGLE), ("A3", 1, SINGLE), ("A4", 2, SINGLE), ("D", 1, READINGS)],
)
def test_text_answers_are_the_official_ones(
    sam: Sam, golden: Read, case: str, image: int, masks: slice
) -> None:
    features = sam.encode_image(golden(f"sam_input{image}")[None])
    logits, iou = sam.decode(features, SamPrompts(text=golden(f"{case}/prompt_feat")))
    close(logits[:, masks], golden(f"{case}/low_res_masks"))
    close(iou[:, masks], golden(f"{case}/iou"), 2e-5)


@pytest.mark.parametrize("case", ["P", "P2", "P3_1", "P3_2"])
def test_point_answers_are_the_official_ones(
    sam: Sam, features: dict[str, Tensor], golden: Read, case: str
) -> None:
    logits, iou = sam.decode(features, clicks(golden, case))
    close(logits[:, READINGS], golden(f"{case}/multi_low_res"))
    close(iou[:, READINGS], golden(f"{case}/multi_iou"), 2e-5)
    if case in ("P", "P2"):
        close(logits[:, SINGLE], golden(f"{case}/single_low_res"))
        close(iou[:, SINGLE], golden(f"{case}/single_iou"), 2e-5)


def test_a_mask_prompt_is_read_as_officially(sam: Sam, golden: Read) -> None:
    """The prompt was the answer to the text of case A."""
    prompts = SamPrompts(masks=golden("A/low_res_masks"))
    close(sam.prompt_encoder(prompts)[1], golden("MASK/dense"), 5e-6)


def several(kind: str) -> SamPrompts:
    generator = torch.Generator().manual_seed(2)

    def random(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    return {
        "points": SamPrompts(points=random(3, 2, 2).abs() * 50, labels=torch.ones(3, 2)),
        "boxes": SamPrompts(boxes=random(3, 4).abs() * 50),
        "masks": SamPrompts(masks=random(3, 1, 32, 32)),
        "text": SamPrompts(text=random(3, 1, 32)),
        "all": SamPrompts(
            random(3, 1, 2).abs() * 50, torch.ones(3, 1), random(3, 4), random(3, 1, 32, 32),
            random(3, 2, 32),
        ),
    }[kind]  # fmt: skip


@pytest.mark.parametrize("kind", ["points", "boxes", "masks", "text", "all"])
def test_prompts_of_a_call_do_not_mix(sam: Sam, features: dict[str, Tensor], kind: str) -> None:
    prompts = several(kind)
    logits, iou = sam.decode(features, prompts)
    assert logits.shape == (3, 4, 32, 32) and iou.shape == (3, 4)
    for row in range(3):
        one = SamPrompts(**{k: v[row : row + 1] for k, v in prompts._given().items()})
        alone, alone_iou = sam.decode(features, one)
        close(logits[row : row + 1], alone, 2e-5)
        close(iou[row : row + 1], alone_iou, 2e-5)
    assert (logits[0] - logits[1]).abs().max() > 1e-2


def test_the_first_layer_reads_a_shared_image_once(
    sam: Sam, features: dict[str, Tensor], record: Record
) -> None:
    first, second = sam.mask_decoder.transformer.layers
    layers = {
        "k": first.cross_attn_token_to_image.k_proj,
        "v": first.cross_attn_token_to_image.v_proj,
        "q": first.cross_attn_image_to_token.q_proj,
        "later": second.cross_attn_token_to_image.k_proj,
    }
    with record(layers) as found:
        sam.decode(features, several("points"))
    assert {name: len(value) for name, value in found.items()} == {
        "k": 1,
        "v": 1,
        "q": 1,
        "later": 3,
    }


@pytest.mark.parametrize(("dtype", "alike"), [(torch.bfloat16, 0.95), (torch.float16, 0.99)])
def test_half_precision_agrees_on_the_mask(
    sam: Sam, features: dict[str, Tensor], golden: Read, dtype: torch.dtype, alike: float
) -> None:
    half = copy.deepcopy(sam).to(dtype)
    seen = half.encode_image(golden("sam_input1")[None].to(dtype))
    logits, iou = half.decode(seen, clicks(golden, "P2"))
    assert logits.dtype == iou.dtype == dtype
    expected = sam.decode(features, clicks(golden, "P2"))[0] > 0
    assert ((logits > 0) == expected).float().mean() > alike


def test_gradients_reach_text_and_decoder(
    sam: Sam, features: dict[str, Tensor], golden: Read
) -> None:
    """As in training EVF-SAM: the encoder is frozen, the words and the decoder learn."""
    learner = copy.deepcopy(sam)
    learner.mask_decoder.requires_grad_(True)
    learner.prompt_encoder.no_mask_embed.requires_grad_(True)
    text = golden("A/prompt_feat").clone().requires_grad_(True)
    logits, iou = learner.decode(features, SamPrompts(text=text))
    (logits.square().sum() + iou.square().sum()).backward()
    assert text.grad is not None and text.grad.abs().max() > 0
    learned = dict(learner.mask_decoder.named_parameters())
    learned["no_mask_embed"] = learner.prompt_encoder.no_mask_embed.weight
    assert [name for name, p in learned.items() if p.grad is None] == []


def test_features_of_several_images_are_refused(sam: Sam, golden: Read) -> None:
    features = {"image": torch.zeros(2, 32, 8, 8)}
    with pytest.raises(InputError, match=r"expected \(1, 32, 8, 8\), got \(2, 32, 8, 8\)"):
        sam.decode(features, SamPrompts(text=golden("A/prompt_feat")))


def test_it_is_promptable_and_has_official_names(
    tiny: SamConfig, sam: Sam, weights: dict[str, Tensor]
) -> None:
    promptable: Promptable = sam
    assert promptable.image_size == 128
    assert set(Sam(tiny).state_dict()) == set(weights)
    assert not any(value.is_meta for value in (*sam.parameters(), *sam.buffers()))
