"""The public way gives what the official code gives, from one image pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.runtime.torch.conftest import Arrays, IdReader, evf_sam, runtime_of, spell

from biprompt.errors import ModelError, PromptError
from biprompt.geometry import masks_in_frame
from biprompt.models.preprocess import SamResize
from biprompt.prompts import Prompt
from biprompt.results import Verdict
from biprompt.runtime.base import SpatialBatch
from biprompt.runtime.torch import Place, PointExpert, Sight, TextExpert, TorchRuntime
from biprompt.segmenter import Segmenter
from biprompt.selection import select

NEAR = 1e-4
TEXTS = {"A": (1, 1), "A2": (1, 2), "A3": (1, 3), "A4": (2, 2)}
"""Image and phrase of each case."""


def agrees(mask: Any, logits: Any) -> bool:
    """Whether a mask is where logits are above zero, up to the noise of the reference."""
    unclear = np.abs(logits) < NEAR
    return bool((unclear | (mask == (logits > 0))).all())


@pytest.mark.parametrize("case", TEXTS)
def test_words_alone(model: Segmenter, golden: Arrays, case: str) -> None:
    image, phrase = TEXTS[case]
    answer = model.segment(golden[f"image{image}_uint8"], text=spell(golden[f"ids{phrase}"]))
    assert agrees(answer.mask, golden[f"{case}/pred_mask_logits"][0])
    assert answer.card.candidates[0].score == pytest.approx(
        float(golden[f"{case}/iou"][0, 0]), abs=NEAR
    )
    assert answer.presence is None


def test_a_click_gives_the_three_masks_of_sam(model: Segmenter, golden: Arrays) -> None:
    answer = model.segment(golden["image1_uint8"], points=golden["P/points_original_frame"][0])
    assert len(answer.card.candidates) == 3
    for i, candidate in enumerate(answer.card.candidates):
        assert agrees(candidate.mask, golden["P/multi_logits"][0, i])
        assert candidate.score == pytest.approx(float(golden["P/multi_iou"][0, i]), abs=NEAR)


def test_clear_prompt_gives_the_single_mask_first(model: Segmenter, golden: Arrays) -> None:
    seen = model.embed(golden["image1_uint8"])
    xy = golden["P2/points_resized_frame"][0] / seen.frame.scale_xy
    decoded = decode_points(model.runtime, seen, xy, golden["P2/labels"][0])
    np.testing.assert_allclose(decoded.logits[0, :1], golden["P2/single_low_res"][0], atol=NEAR)
    first = model.segment(seen, points=[(70, 40), (20, 60)], labels=[1, 0]).card.candidates[0]
    same = decode_points(model.runtime, seen, np.array([(70, 40), (20, 60)]), np.array([1, 0]))
    assert first.score == pytest.approx(float(same.iou[0, 0]))


def test_best_of_three_answers_words(golden: Arrays) -> None:
    words = evf_sam()
    expert = TextExpert(Sight("words", words), words, best_of_three=True)
    model = Segmenter(TorchRuntime("w", "1", Place.of("cpu"), words=expert), IdReader())
    answer = model.segment(golden["image1_uint8"], text=spell(golden["ids1"]))
    assert agrees(answer.mask, golden["D/pred_mask_logits"][0])
    assert answer.card.candidates[0].score == pytest.approx(golden["D/iou"].max(), abs=NEAR)


@pytest.mark.parametrize("case", ["P3_1", "P3_2"])
def test_the_gate_takes_the_candidate_of_the_paper(
    model: Segmenter, golden: Arrays, case: str
) -> None:
    text_mask = golden[f"{golden[f'{case}/text_case']}/pred_mask_logits"][0] > 0
    xy, labels = golden[f"{case}/points_original_frame"][0], golden[f"{case}/labels"][0]
    seen = model.embed(golden["image1_uint8"])
    decoded = decode_points(model.runtime, seen, xy, labels)
    # Two points: our own way would put the single mask first, the official case asks for three.
    np.testing.assert_allclose(decoded.logits[0, 1:], golden[f"{case}/multi_low_res"][0], atol=NEAR)
    candidates = masks_in_frame(decoded.logits[0, 1:], seen.frame)
    choice = select(candidates, decoded.iou[0, 1:], ["point"] * 3, text_mask=text_mask)
    assert choice.winner == int(golden[f"{case}/index"])
    similar = golden[f"{case}/iou_text_vs_candidates"]
    np.testing.assert_allclose(choice.similarities, similar, atol=2e-3)


def decode_points(runtime: Any, seen: Any, xy: Any, labels: Any) -> Any:
    """Ask for points ``(N, 2)`` at the middles of original pixels."""
    side = seen.frame.canvas_hw[0] // 4
    middles = seen.frame.scale_points(xy + 0.5)[None].astype(np.float32)
    batch = SpatialBatch(
        middles, labels[None].astype(np.float32), np.zeros((1, 4), np.float32),
        np.zeros(1, np.float32), np.zeros((1, 1, side, side), np.float32), np.zeros(1, np.float32),
    )  # fmt: skip
    return runtime.decode(seen, batch, None)


def test_click_and_words_share_one_image_pass(golden: Arrays) -> None:
    words = evf_sam()
    calls = []
    words.visual_model.image_encoder.register_forward_hook(lambda *_: calls.append(1))
    model = Segmenter(runtime_of(words.visual_model, words), IdReader())
    answer = model.segment(
        golden["image1_uint8"], points=golden["P/points_original_frame"][0],
        text=spell(golden["ids1"]),
    )  # fmt: skip
    assert len(calls) == 1 and model.runtime.is_shared
    assert answer.card.text_mask is not None
    assert agrees(answer.card.text_mask, golden["A/pred_mask_logits"][0])
    similar = [candidate.similarity for candidate in answer.card.candidates]
    np.testing.assert_allclose(similar, golden["SEL/iou_text_vs_candidates"], atol=2e-3)
    if answer.verdict is Verdict.FOUND:
        assert answer.card.winner == int(golden["SEL/index"])


def test_two_encoders_are_one_embedding(golden: Arrays) -> None:
    points, words = evf_sam().visual_model, evf_sam()
    both = Segmenter(runtime_of(points, words, same=False), IdReader())
    shared = Segmenter(runtime_of(points, words), IdReader())
    seen = both.embed(golden["image1_uint8"])
    assert {name.split(".")[0] for name in seen.features} == {"image", "words", "beit"}
    assert not both.runtime.is_shared
    prompt = {"points": [(70, 40)], "text": spell(golden["ids2"])}
    one, other = both.segment(seen, **prompt), shared.segment(golden["image1_uint8"], **prompt)
    assert np.array_equal(one.mask, other.mask)


def test_experts_that_see_the_image_otherwise_keep_their_own_frames(golden: Arrays) -> None:
    points, words = evf_sam().visual_model, evf_sam()
    runtime = runtime_of(points, words, same=False, resize=SamResize.SQUARE)
    model = Segmenter(runtime, IdReader())
    image, phrase = golden["image2_uint8"], spell(golden["ids1"])
    alone = TextExpert(Sight("words", words.visual_model, SamResize.SQUARE), words)
    words_only = Segmenter(TorchRuntime("w", "1", Place.of("cpu"), words=alone), IdReader())
    answer = model.segment(image, points=[(30, 40)], text=phrase)
    wanted = words_only.segment(image, text=phrase)
    assert answer.card.text_mask is not None
    assert np.array_equal(answer.card.text_mask, wanted.mask)
    assert model.segment(image, text=phrase).soft is None and wanted.soft is not None


def test_many_prompts_are_answered_as_one_by_one(model: Segmenter, golden: Arrays) -> None:
    mask = np.zeros((90, 120), bool)
    mask[20:60, 30:80] = True
    prompts = [
        Prompt.build(points=[(70, 40)]),
        Prompt.build(points=[(70, 40), (20, 70)], labels=[1, 0]),
        Prompt.build(box=(10, 10, 60, 50)),
        Prompt.build(mask=mask),
        Prompt.build(mask=mask, points=[(20, 20)], labels=[0]),
        Prompt.build(text=spell(golden["ids1"])),
        Prompt.build(text=spell(golden["ids2"]), points=[(5, 5)]),
        Prompt.build(points=[(20, 20)]),
    ]
    together = model.segment_many(golden["image1_uint8"], prompts)
    for prompt, answer in zip(prompts, together, strict=True):
        alone = model.segment(golden["image1_uint8"], prompt=prompt)
        assert (answer.mask != alone.mask).mean() < 1e-3
        scores = [[c.score for c in one.card.candidates] for one in (answer, alone)]
        np.testing.assert_allclose(*scores, atol=1e-5)


def test_several_images_in_one_call(model: Segmenter, golden: Arrays) -> None:
    images = [golden["image1_uint8"], golden["image2_uint8"], golden["image1_uint8"]]
    batched = runtime_of(evf_sam().visual_model, evf_sam(), place=Place.of("cpu", batch=2))
    for image, features in zip(images, batched.encode(images), strict=True):
        alone = model.runtime.encode([image])[0]
        assert features.keys() == alone.keys()
        for name, level in features.items():
            np.testing.assert_allclose(level, alone[name], atol=1e-5)
            assert not level.flags.writeable


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_near(golden: Arrays, dtype: str) -> None:
    words = evf_sam()
    place = Place.of("cpu", dtype)
    model = Segmenter(runtime_of(words.visual_model, words, place=place), IdReader())
    answer = model.segment(golden["image1_uint8"], text=spell(golden["ids1"]))
    assert (answer.mask != (golden["A/pred_mask_logits"][0] > 0)).mean() < 0.05
    assert words.visual_model.image_encoder.neck[0].weight.dtype == torch.float32
    assert dtype in model.runtime.facts.version


def test_model_without_an_expert_says_what_it_takes(golden: Arrays) -> None:
    words = evf_sam()
    points_only = Segmenter(runtime_of(words.visual_model, None), IdReader())
    with pytest.raises(PromptError, match=r"text: expected prompts that tiny takes \(points"):
        points_only.segment(golden["image1_uint8"], text="0 5 2")
    sight = Sight("words", words.visual_model)
    only = TorchRuntime("tiny", "1", Place.of("cpu"), words=TextExpert(sight, words))
    with pytest.raises(PromptError, match=r"points: expected prompts that tiny takes \(text\)"):
        Segmenter(only, IdReader()).segment(golden["image1_uint8"], points=[(3, 3)])
    with pytest.raises(ModelError, match="neither a point nor a text expert"):
        TorchRuntime("tiny", "1", Place.of("cpu"))


def test_memory_that_runs_out_is_one_line_and_the_model_lives_on(golden: Arrays) -> None:
    words = evf_sam()
    model = Segmenter(runtime_of(words.visual_model, words), IdReader())
    encoder = words.visual_model.image_encoder
    handle = encoder.register_forward_hook(_no_memory)
    with pytest.raises(ModelError, match="tiny: not enough memory on cpu; take a smaller model"):
        model.embed(golden["image1_uint8"])
    handle.remove()
    assert model.segment(golden["image1_uint8"], points=[(5, 5)]).mask.shape == (90, 120)


def _no_memory(*_: Any) -> None:
    raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ...")


def test_point_expert_alone_has_no_small_image(golden: Arrays) -> None:
    sight = Sight("image", evf_sam().visual_model)
    runtime = TorchRuntime("p", "1", Place.of("cpu"), points=PointExpert(sight, sight.model))
    assert list(runtime.encode([golden["image1_uint8"]])[0]) == ["image.image"]


def test_dense_features_are_what_the_decoder_reads(golden: Arrays) -> None:
    words = evf_sam()
    model = Segmenter(runtime_of(words.visual_model, words), IdReader())
    seen = model.embed(golden["image1_uint8"])
    dense = model.runtime.dense(seen)
    (level,) = [one for name, one in seen.features.items() if name.endswith(".image")]
    side = seen.frame.canvas_hw[0] // level.shape[2]
    h, w = (max(1, round(length / side)) for length in seen.frame.model_hw)
    assert np.array_equal(dense, level[0, :, :h, :w])


def test_any_torch_model_answers_examples(golden: Arrays) -> None:
    words = evf_sam()
    model = Segmenter(runtime_of(words.visual_model, words), IdReader())
    image = golden["image1_uint8"]
    mask = np.zeros(image.shape[:2], np.bool_)
    mask[: mask.shape[0] // 2, : mask.shape[1] // 2] = True
    answer = model.segment(image, examples=[(image, mask)])
    assert answer.presence is not None and {c.source for c in answer.card.candidates} == {"example"}
