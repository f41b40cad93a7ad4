"""From photograph and phrase to mask and choice, beside what the official code computed.

The weights are random numbers; only the arithmetic is compared. Pixels come from our own
preprocessing, so a difference anywhere on the way shows here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from biprompt.geometry import ModelFrame, masks_in_frame
from biprompt.metrics import cumulative_iou, mean_iou, overlap
from biprompt.models.beit3 import Beit3Config
from biprompt.models.efficient_sam import EfficientSam, EfficientSamConfig
from biprompt.models.efficient_sam.config import DecoderConfig as EfficientDecoderConfig
from biprompt.models.evf import EvfConfig, EvfSam
from biprompt.models.preprocess import SamResize, beit_pixels, fitted_hw, sam_pixels
from biprompt.models.sam import DecoderConfig, Sam, SamConfig, SamPrompts, VitConfig
from biprompt.models.sam2 import MEMORY_PREFIXES, HieraConfig, Sam2, Sam2Config
from biprompt.results import Verdict
from biprompt.selection import select

GOLDEN = Path(__file__).parents[1] / "golden"
BEIT3 = Beit3Config(64, 16, vocab_size=320, dim=48, heads=4, ffn_dim=192, layers=3)
TOLERANCE: dict[str, Any] = {"atol": 1e-4, "rtol": 1e-4}
close = torch.testing.assert_close

SAM = SamConfig(
    VitConfig(128, dim=64, depth=4, heads=4, mlp=256, window=3, global_blocks=(1, 3), out_dim=32),
    DecoderConfig(depth=2, heads=4, mlp=64, iou_hidden=24, mask_channels=8),
)
EFFICIENT_SAM = EfficientSamConfig(
    128, encoder_dim=48, encoder_depth=3, encoder_heads=3, dim=32,
    decoder=EfficientDecoderConfig(heads=4, mlp=64, iou_hidden=24, upscaling=(16, 8)),
)  # fmt: skip
SAM2 = Sam2Config(
    HieraConfig(128, 16, 1, stages=(1, 2, 3, 2), windows=(8, 4, 6, 2), global_blocks=(4,)), dim=32
)
FAMILIES: dict[str, tuple[Callable[[], nn.Module], SamResize]] = {
    "evf_sam": (lambda: Sam(SAM), SamResize.LONGEST),
    "evf_effisam": (lambda: EfficientSam(EFFICIENT_SAM), SamResize.SQUARE),
    "evf_sam2": (lambda: Sam2(SAM2), SamResize.SQUARE),
}


@dataclass(frozen=True)
class System:
    """A golden checkpoint, its arrays, and the way of an image through it."""

    model: EvfSam
    arrays: dict[str, npt.NDArray[Any]]
    resize: SamResize

    def tensor(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])

    def frame(self, image: int) -> ModelFrame:
        hw = self.arrays[f"image{image}_uint8"].shape[:2]
        return ModelFrame(hw, fitted_hw(hw, 128, self.resize), (128, 128))

    def features(self, image: int) -> dict[str, Tensor]:
        pixels = sam_pixels(self.arrays[f"image{image}_uint8"], 128, self.resize)
        return self.model.encode_image(pixels[None])

    def tokens(self, images: list[int], ids: Tensor, mask: Tensor | None = None) -> Tensor:
        pixels = torch.stack([beit_pixels(self.arrays[f"image{i}_uint8"], 64) for i in (1, 2)])
        return self.model.phrase_tokens(pixels, ids, mask, torch.tensor(images) - 1)

    def ask(self, image: int, phrase: int) -> tuple[Tensor, Tensor]:
        """Low-resolution logits ``(1, 4, 32, 32)`` and predicted IoU ``(1, 4)`` of a phrase."""
        tokens = self.tokens([image], self.tensor(f"ids{phrase}"))
        return self.model.decode(self.features(image), SamPrompts(text=tokens))

    def upsampled(self, logits: Tensor, image: int) -> Tensor:
        """Logits ``(N, K, 32, 32)`` at the size of the image, as the official code does it."""
        frame = self.frame(image)
        if frame.is_padded:
            h, w = frame.model_hw
            logits = F.interpolate(logits, (128, 128), mode="bilinear")[..., :h, :w]
        return F.interpolate(logits, frame.original_hw, mode="bilinear")


def built(family: str) -> System:
    make, resize = FAMILIES[family]
    weights = load_file(GOLDEN / f"{family}_tiny.safetensors")
    if family == "evf_sam2":
        memory = tuple(f"visual_model.{prefix}" for prefix in MEMORY_PREFIXES)
        weights = {k: v for k, v in weights.items() if not k.startswith(memory)}
    model = EvfSam(make(), EvfConfig(BEIT3, out_dim=32))
    model.load_state_dict(weights)
    arrays = dict(np.load(GOLDEN / f"{family}_tiny_golden.npz"))
    return System(model.eval().requires_grad_(False), arrays, resize)


@pytest.fixture(scope="module", params=list(FAMILIES))
def system(request: pytest.FixtureRequest) -> System:
    return built(request.param)


@pytest.fixture(scope="module")
def sam() -> System:
    return built("evf_sam")


def best_of_three(logits: Tensor, iou: Tensor) -> Tensor:
    """The reading with the highest predicted IoU, ``(N, 1, h, w)``."""
    rows = torch.arange(len(iou))
    return logits[:, 1:][rows, iou[:, 1:].argmax(1)][:, None]


def check_case(
    system: System, case: str, image: int = 1, phrase: int = 1, *, multimask: bool
) -> None:
    """Compare everything on the way of one phrase that the golden data hold."""
    close(
        system.tokens([image], system.tensor(f"ids{phrase}")),
        system.tensor(f"{case}/prompt_feat"), atol=1e-5, rtol=1e-5,
    )  # fmt: skip
    logits, iou = system.ask(image, phrase)
    kept = slice(1, None) if multimask else slice(0, 1)
    close(logits[:, kept], system.tensor(f"{case}/low_res_masks"), **TOLERANCE)
    close(iou[:, kept], system.tensor(f"{case}/iou"), **TOLERANCE)
    answer = best_of_three(logits, iou) if multimask else logits[:, :1]
    mask = system.upsampled(answer, image)[:, 0]
    close(mask, system.tensor(f"{case}/pred_mask_logits"), **TOLERANCE)


def test_a_phrase(system: System) -> None:
    """With SAM 2 the best of three masks, by default, as its checkpoints were published."""
    check_case(system, "A", multimask=system.model.visual_model.__class__ is Sam2)


@pytest.mark.parametrize("family", ["evf_sam", "evf_effisam"])
def test_the_best_of_three(family: str) -> None:
    check_case(built(family), "D", multimask=True)


def test_the_single_mask_of_sam2() -> None:
    check_case(built("evf_sam2"), "S", multimask=False)


@pytest.mark.parametrize(("case", "image", "phrase"), [("A2", 1, 2), ("A3", 1, 3), ("A4", 2, 2)])
def test_other_phrases_and_images(sam: System, case: str, image: int, phrase: int) -> None:
    check_case(sam, case, image, phrase, multimask=False)


def batch(system: System) -> list[Tensor]:
    """Logits of the padded batch at the size of each image: two phrases, then one."""
    tokens = system.tokens(
        [1, 1, 2], system.tensor("ids_batch"), system.tensor("attention_mask_batch")
    )
    found = []
    for image, rows in ((1, slice(0, 2)), (2, slice(2, 3))):
        logits, iou = system.model.decode(system.features(image), SamPrompts(text=tokens[rows]))
        is_sam2 = isinstance(system.model.visual_model, Sam2)
        answer = best_of_three(logits, iou) if is_sam2 else logits[:, :1]
        found.append(system.upsampled(answer, image)[:, 0])
    return found


def test_a_padded_batch_over_two_images(system: System) -> None:
    assert system.tensor("B/offset").tolist() == [0, 2, 3]
    for image, logits in enumerate(batch(system)):
        close(logits, system.tensor(f"B/pred_mask_logits{image}"), **TOLERANCE)


def test_tokens_of_the_padded_batch(sam: System) -> None:
    tokens = sam.tokens([1, 1, 2], sam.tensor("ids_batch"), sam.tensor("attention_mask_batch"))
    close(tokens, sam.tensor("B/prompt_feat"), atol=1e-5, rtol=1e-5)


def test_evaluation(sam: System) -> None:
    """Both IoUs of referring segmentation; the golden gIoU is a mean over sentences."""
    overlaps = []
    for image, logits in enumerate(batch(sam)):
        truth = sam.arrays[f"B/gt{image}"] > 0.5
        masks = (logits > 0).numpy()
        overlaps += [overlap(mask, real) for mask, real in zip(masks, truth, strict=True)]
    assert len(overlaps) == 3
    assert cumulative_iou(overlaps) == pytest.approx(float(sam.arrays["EVAL/ciou"]), abs=1e-3)
    assert mean_iou(overlaps) == pytest.approx(float(sam.arrays["EVAL/giou"]), abs=1e-3)


def text_mask(sam: System, case: str) -> npt.NDArray[np.bool_]:
    logits, iou = sam.ask(1, {"A": 1, "A2": 2, "A3": 3, "D": 1}[case])
    answer = best_of_three(logits, iou) if case == "D" else logits[:, :1]
    return masks_in_frame(answer.numpy(), sam.frame(1))[0, 0]


def candidates(sam: System, case: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    points = sam.tensor(f"{case}/points_resized_frame").float()
    prompts = SamPrompts(points=points, labels=sam.tensor(f"{case}/labels"))
    logits, iou = sam.model.decode(sam.features(1), prompts)
    return masks_in_frame(logits[0, 1:].numpy(), sam.frame(1)), iou[0, 1:].numpy()


SELECTIONS = ["A|P", "A|P2", "A2|P", "A2|P2", "A3|P", "A3|P2", "D|P3_1", "A|P3_2"]


@pytest.mark.parametrize("name", SELECTIONS)
def test_selection(sam: System, name: str) -> None:
    """BiPrompt-SAM, eqs. 3 to 5: candidate 0 in most cases, 1 and 2 in the last two."""
    words, points = name.split("|")
    if points.startswith("P3"):
        assert str(sam.arrays[f"{points}/text_case"]) == words
        wanted = sam.arrays[f"{points}/iou_text_vs_candidates"], sam.arrays[f"{points}/index"]
    else:
        row = list(sam.arrays["SELALL/names"]).index(name)
        wanted = sam.arrays["SELALL/iou"][row], sam.arrays["SELALL/index"][row]
    masks, scores = candidates(sam, points)
    choice = select(masks, scores, ["point"] * 3, text_mask=text_mask(sam, words))
    assert choice.verdict == Verdict.FOUND
    assert choice.winner == int(wanted[1])
    np.testing.assert_allclose(choice.similarities, wanted[0], atol=1e-3)


def test_selected_mask(sam: System) -> None:
    masks, scores = candidates(sam, "P")
    choice = select(masks, scores, ["point"] * 3, text_mask=text_mask(sam, "A"))
    assert choice.winner == int(sam.arrays["SEL/index"])
    np.testing.assert_allclose(choice.similarities, sam.arrays["SEL/iou_text_vs_candidates"],
                               atol=1e-3)  # fmt: skip
    # Logits within rounding of zero may fall on either side.
    assert (choice.mask != sam.arrays["SEL/mask"]).sum() <= 3
