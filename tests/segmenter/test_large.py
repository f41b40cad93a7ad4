"""Checkpoints by name or by path, alone and in pairs, behind the public entry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the large models need torch")

from safetensors.torch import save_file  # noqa: E402
from tests.zoo.test_tokenizer import trained  # noqa: E402
from tests.zoo.tiny import SAM, Case, tiny  # noqa: E402

import biprompt  # noqa: E402
from biprompt.errors import InputError, PromptError, WeightsError  # noqa: E402
from biprompt.models.sam import Sam, SamConfig  # noqa: E402
from biprompt.runtime.pair import PairRuntime  # noqa: E402
from biprompt.runtime.torch import TorchRuntime  # noqa: E402
from biprompt.zoo.families import Family  # noqa: E402
from biprompt.zoo.recognise import KEY  # noqa: E402

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
CLICK = {"points": [(40, 30)]}


def write(family: Family, folder: Path, *, tokenizer: bool = True, change: Any = None) -> Path:
    """A tiny checkpoint of random weights as a folder of the hub."""
    case: Case = tiny(family)
    place = folder / family.value
    place.mkdir()
    state = dict(case.state) if change is None else change(dict(case.state))
    save_file(state, place / "model.safetensors", {KEY: case.stated})
    if tokenizer:
        (place / "sentencepiece.bpe.model").write_bytes(trained())
    return place


def runtime_of(model: biprompt.Segmenter) -> TorchRuntime:
    assert isinstance(model.runtime, TorchRuntime)
    return model.runtime


@pytest.mark.parametrize(
    "family", [Family.SAM, Family.MOBILE_SAM, Family.EFFICIENT_SAM, Family.SAM2]
)
def test_a_checkpoint_that_is_pointed_with(family: Family, tmp_path: Path) -> None:
    model = biprompt.load(write(family, tmp_path, tokenizer=False), device="cpu")
    answer = model.segment(IMAGE, **CLICK)
    assert len(answer.card.candidates) == 3 and answer.mask.shape == (60, 90)
    with pytest.raises(PromptError, match=r"text: expected prompts that .* takes"):
        model.segment(IMAGE, text="the red cup")


@pytest.mark.parametrize("family", [Family.EVF_SAM, Family.EVF_EFFICIENT_SAM, Family.EVF_SAM2])
def test_a_checkpoint_that_reads_words(family: Family, tmp_path: Path) -> None:
    model = biprompt.load(write(family, tmp_path), device="cpu")
    answer = model.segment(IMAGE, text="the red cup")
    assert [c.source for c in answer.card.candidates] == ["text"]
    if family is Family.EVF_SAM2:  # its SAM 2 was never tuned for words
        assert len(model.segment(IMAGE, **CLICK, text="the red cup").card.candidates) == 3
    else:
        with pytest.raises(PromptError, match=r"points: expected prompts that .* takes .text."):
            model.segment(IMAGE, **CLICK)


@pytest.mark.parametrize(("name", "known"), [("evf-sam", False), ("evf-sam-multitask", True)])
def test_whether_the_semantic_prefix_is_known(name: str, known: bool, tmp_path: Path) -> None:
    points = write(Family.SAM, tmp_path)
    text = write(Family.EVF_SAM, tmp_path).rename(tmp_path / name)
    assert biprompt.load(text, device="cpu").runtime.facts.semantic is known
    assert biprompt.load(points, text_model=text, device="cpu").runtime.facts.semantic is known
    assert not biprompt.load(points, device="cpu").runtime.facts.semantic


def test_a_pair_with_the_same_encoder_keeps_it_once(tmp_path: Path) -> None:
    points, text = write(Family.SAM, tmp_path), write(Family.EVF_SAM, tmp_path)
    model = biprompt.load(points, text_model=text, device="cpu")
    assert runtime_of(model).is_shared
    assert model.name == f"{points}+evf-sam"
    answer = model.segment(IMAGE, **CLICK, text="the red cup")
    alone = biprompt.load(text, device="cpu").segment(IMAGE, text="the red cup")
    assert answer.card.text_mask is not None
    assert np.array_equal(answer.card.text_mask, alone.mask)


def test_a_half_precision_copy_of_the_encoder_is_the_same_one(tmp_path: Path) -> None:
    text = write(Family.EVF_SAM, tmp_path, change=lambda s: {k: v.half() for k, v in s.items()})
    model = biprompt.load(write(Family.SAM, tmp_path), text_model=text, device="cpu")
    assert runtime_of(model).is_shared


@pytest.mark.parametrize("first, second", [
    (Family.MOBILE_SAM, Family.EVF_SAM), (Family.SAM, Family.EVF_SAM2),
])  # fmt: skip
def test_a_pair_with_two_encoders_looks_once_with_each(
    first: Family, second: Family, tmp_path: Path
) -> None:
    model = biprompt.load(write(first, tmp_path), text_model=write(second, tmp_path), device="cpu")
    assert not runtime_of(model).is_shared
    seen = model.embed(IMAGE)
    assert {name.split(".")[0] for name in seen.features} == {"image", "words", "beit"}
    answer = model.segment(seen, **CLICK, text="a dog", policy=biprompt.Policy(pool="wide"))
    assert {c.source for c in answer.card.candidates} >= {"point"}


def test_the_named_pair_is_found_in_the_folder_of_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path))
    with pytest.raises(WeightsError, match=r"biprompt models get (sam-vit-h|evf-sam-multitask)"):
        biprompt.load("biprompt-h")


def test_changed_weights_are_another_version(tmp_path: Path) -> None:
    one = write(Family.SAM, tmp_path)
    (tmp_path / "other").mkdir()
    other = write(Family.SAM, tmp_path / "other", change=lambda s: {k: v + 1 for k, v in s.items()})
    versions = {biprompt.load(path, device="cpu").runtime.facts.version for path in (one, other)}
    versions.add(biprompt.load(one, device="cpu", dtype="bfloat16").runtime.facts.version)
    assert len(versions) == 3
    assert biprompt.load(one, device="cpu").runtime.facts.version in versions


def test_experts_in_the_wrong_places_are_named(tmp_path: Path) -> None:
    sam, evf = write(Family.SAM, tmp_path), write(Family.EVF_SAM, tmp_path)
    with pytest.raises(WeightsError, match="text model: expected one that reads words"):
        biprompt.load(sam, text_model=sam, device="cpu")
    with pytest.raises(WeightsError, match="model: expected a model to point with"):
        biprompt.load(evf, text_model=evf, device="cpu")


def test_a_text_expert_without_its_tokenizer_is_refused(tmp_path: Path) -> None:
    evf = write(Family.EVF_SAM, tmp_path, tokenizer=False)
    with pytest.raises(WeightsError, match=r"tokenizer: expected sentencepiece\.bpe\.model beside"):
        biprompt.load(evf, device="cpu")


def test_the_compact_model_takes_no_device() -> None:
    with pytest.raises(InputError, match="device: expected nothing, as compact runs on the CPU"):
        biprompt.load(device="cpu")


def test_embeddings_are_kept_on_disk(tmp_path: Path) -> None:
    sam = write(Family.SAM, tmp_path)
    first = biprompt.load(sam, device="cpu", cache=tmp_path / "cache")
    wanted = first.segment(IMAGE, **CLICK)
    again = biprompt.load(sam, device="cpu", cache=tmp_path / "cache")
    assert again.embed(IMAGE).seconds == 0.0
    assert np.array_equal(again.segment(IMAGE, **CLICK).mask, wanted.mask)


def test_a_model_that_cannot_start_from_a_mask_is_given_points_and_a_box(tmp_path: Path) -> None:
    points, text = write(Family.EFFICIENT_SAM, tmp_path), write(Family.EVF_SAM, tmp_path)
    model = biprompt.load(points, text_model=text, device="cpu")
    drawn = np.zeros((60, 90), bool)
    drawn[10:31, 20:41] = True
    masked = model.segment(IMAGE, mask=drawn)
    boxed = model.segment(IMAGE, box=(20, 10, 41, 31), points=[(30, 20)])
    network = [c.score for c in masked.card.candidates if c.source != "drawn"]
    assert network == [c.score for c in boxed.card.candidates]
    wide = model.segment(IMAGE, **CLICK, text="a dog", policy=biprompt.Policy(pool="wide"))
    assert "refine" not in {c.source for c in wide.card.candidates}


def test_networks_that_see_other_sizes_are_a_pair_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    larger = Sam(SamConfig(replace(SAM.encoder, image_size=256), SAM.decoder))
    points = tmp_path / "larger.safetensors"
    save_file(larger.state_dict(), points)
    text = write(Family.EVF_SAM, tmp_path)
    model = biprompt.load(points, text_model=text, device="cpu")
    assert isinstance(model.runtime, PairRuntime)
    answer = model.segment(IMAGE, **CLICK, text="a dog", policy=biprompt.Policy(pool="wide"))
    clicked = biprompt.load(points, device="cpu").segment(IMAGE, **CLICK)
    named = biprompt.load(text, device="cpu").segment(IMAGE, text="a dog")
    assert answer.card.text_mask is not None
    assert np.array_equal(answer.card.text_mask, named.mask)
    assert np.array_equal(answer.card.candidates[0].mask, clicked.card.candidates[0].mask)


def test_half_precision_weights_are_counted_as_they_will_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    monkeypatch.setattr(
        "biprompt.zoo.build.check_memory", lambda nbytes, what: counted.append(nbytes)
    )
    half = write(
        Family.SAM, tmp_path, tokenizer=False, change=lambda s: {k: v.half() for k, v in s.items()}
    )
    model = biprompt.load(half, device="cpu")
    assert model.name
    assert counted == [sum(4 * value.numel() for value in tiny(Family.SAM).state.values())]
