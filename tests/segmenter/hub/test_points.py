"""Foundation models that are pointed with, from folders of transformers, alone and in pairs."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the large models need torch")
transformers = pytest.importorskip("transformers", reason="the foundation models need it")

from safetensors.torch import load_file, save_file  # noqa: E402
from tests.runtime.hub.words import tiny as named  # noqa: E402
from tests.zoo import tiny_transformers as theirs  # noqa: E402
from tests.zoo.tiny import EDGE_TAM, tiny  # noqa: E402

import biprompt  # noqa: E402
from biprompt.errors import InputError, ModelError, PromptError, WeightsError  # noqa: E402
from biprompt.models.sam.values import SamPrompts  # noqa: E402
from biprompt.models.sam2 import Sam2  # noqa: E402
from biprompt.runtime.pair import PairRuntime  # noqa: E402
from biprompt.segmenter import Segmenter  # noqa: E402
from biprompt.zoo.families import Family  # noqa: E402
from biprompt.zoo.hub import HUB, Role, find_hub, is_hub  # noqa: E402
from biprompt.zoo.naming import sources  # noqa: E402

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
CLICK = {"points": [(40, 30)]}
POINTED = ("sam", "sam_hq", "sam2", "sam3_tracker", "edgetam")
NAMED = ("clipseg", "owlv2")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("points")
    made = {name: theirs.saved(getattr(theirs, name)(), root / name) for name in POINTED[:-1]}
    made["edgetam"] = root / "edgetam"
    made["edgetam"].mkdir()
    torch.manual_seed(0)
    case = tiny(Family.EDGE_TAM)
    save_file(
        Sam2(EDGE_TAM).state_dict(),
        made["edgetam"] / "model.safetensors",
        {"biprompt_config": case.stated},
    )
    for name in NAMED:
        made[name] = named.save(getattr(named, name)(), root / name, 64, "clip")
    return made


@pytest.mark.parametrize("name", POINTED)
def test_a_family_answers_every_kind_of_pointing(name: str, folders: dict[str, Path]) -> None:
    model = biprompt.load(folders[name], device="cpu")
    scene = model.embed(IMAGE)
    first = model.segment(scene, **CLICK)
    assert len(first.card.candidates) == 3 and first.mask.shape == (60, 90)
    prompts: list[dict[str, Any]] = [
        {"box": (10, 10, 60, 50)}, {"points": [(40, 30), (5, 5)], "labels": [1, 0]},
        {"scribbles": [[(10, 10), (60, 40)]]}, {"polygon": [(10, 10), (60, 10), (30, 50)]},
        {"mask": np.eye(60, 90) > 0},
    ]  # fmt: skip
    for prompt in prompts:
        assert model.segment(scene, **prompt).mask.shape == (60, 90)
    with pytest.raises(PromptError, match="text: expected prompts that"):
        model.segment(scene, text="a cup")
    dense = model.runtime.dense(scene)
    assert dense.ndim == 3 and np.isfinite(dense).all()


def test_the_tracker_of_sam3_is_that_of_transformers(tmp_path: Path) -> None:
    """With three levels, where transformers 5.23 too adds what stands for no memory."""
    theirs_ = theirs.sam3_tracker(levels=3)
    model = biprompt.load(theirs.saved(theirs_, tmp_path / "sam3"), device="cpu")
    ours = model.runtime._points.model  # type: ignore[attr-defined]
    pixels = torch.randn(1, 3, 112, 112)
    xy, labels = torch.tensor([[[30.0, 40.0], [80.0, 20.0]]]), torch.tensor([[1, 0]])
    box, mask = torch.tensor([[20.0, 30.0, 90.0, 100.0]]), torch.randn(1, 1, 32, 32)
    scale = 128 / 112
    cases = (
        (SamPrompts(points=xy * scale, labels=labels),
         {"input_points": xy[None], "input_labels": labels[None]}),
        (SamPrompts(boxes=box * scale, masks=mask),
         {"input_boxes": box[None], "input_masks": mask}),
    )  # fmt: skip
    with torch.inference_mode():
        features = ours.encode_image(pixels)
        for prompts, same in cases:
            logits, iou = ours.decode(features, prompts)
            for several, masks in ((True, slice(1, 4)), (False, slice(0, 1))):
                found = theirs_(pixel_values=pixels, multimask_output=several, **same)
                expected = found.pred_masks[0, 0]
                torch.testing.assert_close(logits[0, masks], expected, atol=1e-4, rtol=1e-4)
                torch.testing.assert_close(iou[0, masks], found.iou_scores[0, 0])
                assert expected.std() > 0.01


def test_a_click_on_sam3_lands_where_it_was_made(folders: dict[str, Path]) -> None:
    """The model frame has 128 pixels, the encoder sees 112, the photograph has 90 by 60."""
    model = biprompt.load(folders["sam3_tracker"], device="cpu")
    scene = model.embed(IMAGE)
    assert scene.frame.canvas_hw == (128, 128)
    asked: list[SamPrompts] = []
    network = model.runtime._points.model  # type: ignore[attr-defined]
    inner = network.sam_prompt_encoder.forward
    network.sam_prompt_encoder.forward = lambda p: asked.append(p) or inner(p)
    model.segment(scene, points=[(45, 30)])
    # What the network encodes is half a pixel more, and counts from 0 to 1.
    placed = (asked[0].points[0, 0] + 0.5) / 128
    expected = (np.array([45 * 112 / 90, 30 * 112 / 60]) + 0.5) / 112
    np.testing.assert_allclose(placed.numpy(), expected, rtol=1e-5)


PAIRS = [("compact", "clipseg"), ("sam", "compact"), ("sam_hq", "clipseg"),
         ("sam3_tracker", "clipseg"), ("edgetam", "owlv2")]  # fmt: skip


@pytest.mark.parametrize(("points", "words"), PAIRS)
def test_every_pair_loads_and_answers(points: str, words: str, folders: dict[str, Path]) -> None:
    model = biprompt.load(
        folders.get(points, points), text_model=folders.get(words, words),
        device="cpu",
    )  # fmt: skip
    wide = biprompt.Policy(pool="wide")
    answer = model.segment(IMAGE, **CLICK, text="red cat", policy=wide)
    assert answer.mask.shape == (60, 90)
    assert model.segment(IMAGE, **CLICK).card.candidates
    alone = model.segment(IMAGE, text="red cat")
    assert {c.source for c in alone.card.candidates} <= {"text"}


def test_a_pair_says_the_same_as_each_alone(folders: dict[str, Path]) -> None:
    model = biprompt.load(folders["sam2"], text_model=folders["clipseg"], device="cpu")
    assert isinstance(model.runtime, PairRuntime)
    assert model.name == f"{folders['sam2']}+clipseg"
    answer = model.segment(IMAGE, **CLICK, text="red cat")
    clicked = biprompt.load(folders["sam2"], device="cpu").segment(IMAGE, **CLICK)
    said = biprompt.load(folders["clipseg"], device="cpu").segment(IMAGE, text="red cat")
    assert answer.card.text_mask is not None
    assert np.array_equal(answer.card.text_mask, said.card.candidates[0].mask)
    for one, other in zip(answer.card.candidates, clicked.card.candidates, strict=True):
        assert np.array_equal(one.mask, other.mask) and one.score == other.score


def test_what_cannot_be_half_of_a_pair_is_named(folders: dict[str, Path]) -> None:
    with pytest.raises(WeightsError, match="model: expected a model to point with"):
        biprompt.load(folders["clipseg"], text_model=folders["clipseg"], device="cpu")
    with pytest.raises(WeightsError, match="text model: expected one that reads words"):
        biprompt.load(text_model=folders["sam3_tracker"], device="cpu")
    with pytest.raises(WeightsError, match="text model: expected one that reads words"):
        biprompt.load(text_model=folders["sam2"], device="cpu")


def test_a_name_without_files_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path))
    with pytest.raises(WeightsError, match="biprompt models get sam3"):
        biprompt.load("sam3")
    with pytest.raises(WeightsError, match=r"biprompt models get sam2\.1-large"):
        biprompt.load("sam2.1-large", text_model="sam3")
    with pytest.raises(WeightsError, match="biprompt models get clipseg"):
        biprompt.load(text_model="clipseg")
    with pytest.raises(WeightsError, match=r"expected a name of `biprompt models` \(.*sam3"):
        biprompt.load("sam4")


def test_a_name_is_found_in_the_folder_of_models(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path))
    (tmp_path / "sam3").symlink_to(folders["sam3_tracker"])
    (tmp_path / "owlv2-base").symlink_to(folders["clipseg"])
    assert biprompt.load("sam3", device="cpu").name == "sam3"
    with pytest.raises(WeightsError, match="model: expected owlv2-base, owlv2, got clipseg"):
        biprompt.load("owlv2-base", device="cpu")


def test_a_renamed_class_is_one_clear_error(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", types.SimpleNamespace(__version__="9.9"))
    with pytest.raises(ModelError, match=r"^sam3: transformers \S+ is another than .*Sam3Tracker"):
        biprompt.load(folders["sam3_tracker"], device="cpu")


def test_a_renamed_part_is_one_clear_error(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = transformers.Sam3TrackerModel.from_pretrained

    def renamed(*args: Any, **kwargs: Any) -> Any:
        model, loading = real(*args, **kwargs)
        del model.vision_encoder
        return model, loading

    monkeypatch.setattr(transformers.Sam3TrackerModel, "from_pretrained", renamed)
    with pytest.raises(
        ModelError, match=r"^sam3: transformers .* is another than .*vision_encoder"
    ):
        biprompt.load(folders["sam3_tracker"], device="cpu")


def test_nothing_is_left_random(folders: dict[str, Path], tmp_path: Path) -> None:
    state = load_file(folders["sam3_tracker"] / "model.safetensors")
    config = (folders["sam3_tracker"] / "config.json").read_text()
    (tmp_path / "config.json").write_text(config)
    name = min(n for n in state if "mask_decoder" in n)
    save_file({n: t for n, t in state.items() if n != name}, tmp_path / "model.safetensors")
    with pytest.raises(
        WeightsError, match=rf"keys: expected .* got missing: {name.removeprefix('tracker_model.')}"
    ):
        biprompt.load(tmp_path, device="cpu")
    save_file(state | {"more.weight": torch.ones(2)}, tmp_path / "model.safetensors")
    with pytest.raises(WeightsError, match=r"unexpected: more\.weight"):
        biprompt.load(tmp_path, device="cpu")


def test_what_a_folder_says_decides(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "sam3_video"}))
    assert is_hub(tmp_path) and find_hub(tmp_path).role is Role.BOTH
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    assert not is_hub(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(WeightsError, match=r"config\.json: expected JSON"):
        is_hub(tmp_path)
    assert all(is_hub(name) for name in HUB) and not is_hub("no\0path")


def test_a_place_is_refused_only_where_nothing_uses_it(folders: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="device: expected nothing, as compact runs on the CPU"):
        biprompt.load(device="cpu")
    assert isinstance(biprompt.load(text_model=folders["clipseg"], device="cpu"), Segmenter)


def test_the_published_sam3_gives_both_halves(tmp_path: Path) -> None:
    """One file holds detector and tracker; the tracker has only a neck and decoders of its own."""
    detector = named.sam3()
    vision = detector.config.vision_config
    decoder = {**theirs._DECODER, "hidden_size": vision.fpn_hidden_size}
    prompts = {"hidden_size": vision.fpn_hidden_size, "image_size": 56, "patch_size": 14}
    config = transformers.Sam3TrackerConfig(
        vision_config=vision.to_dict(), mask_decoder_config=decoder, prompt_encoder_config=prompts
    )
    tracker = theirs.randomised(transformers.Sam3TrackerModel(config))
    named.save(detector, tmp_path, 56, "clip")
    state = {f"detector_model.{name}": value for name, value in detector.state_dict().items()}
    for name, value in tracker.state_dict().items():
        if name.startswith("vision_encoder.neck."):
            state[name.replace("vision_encoder.neck.", "tracker_neck.")] = value
        elif not name.startswith("vision_encoder."):
            state[f"tracker_model.{name}"] = value
    state = {name: value.contiguous().clone() for name, value in state.items()}
    save_file(state, tmp_path / "model.safetensors")
    parts = {"detector_config": detector.config.to_dict(), "tracker_config": config.to_dict()}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "sam3_video", **parts}))
    model = biprompt.load(tmp_path, device="cpu")
    own = model.runtime.points._points.model.state_dict()  # type: ignore[attr-defined]
    prefix = "tracker_model."
    found = sources(name.removeprefix(prefix) for name in state if name.startswith(prefix))
    there = {name: source.taken(state[prefix + source.name]) for name, source in found.items()}
    assert there and all(torch.equal(own[name], value) for name, value in there.items())
    trunk, neck = "image_encoder.trunk.", "image_encoder.neck."
    for name, value in own.items():
        if name.startswith(trunk):
            known = state["detector_model.vision_encoder.backbone." + name.removeprefix(trunk)]
            assert torch.equal(known, value)
        if name.startswith(neck):
            assert torch.equal(state["tracker_neck." + name.removeprefix(neck)], value)
    answer = model.segment(IMAGE, **CLICK, text="red cat")
    assert len(answer.card.candidates) == 3 and answer.presence is not None
