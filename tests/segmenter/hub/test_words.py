"""A folder that `save_pretrained` wrote answers words, or examples, by the public way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="the models of transformers need torch")
transformers = pytest.importorskip("transformers", reason="the adapters are for its models")

from tests.runtime.hub.words import tiny  # noqa: E402

import biprompt  # noqa: E402
from biprompt.errors import ModelError, PromptError, WeightsError  # noqa: E402
from biprompt.geometry import masks_in_frame  # noqa: E402
from biprompt.prompts import Example  # noqa: E402
from biprompt.segmenter import Segmenter  # noqa: E402

with Image.open(Path(__file__).parents[3] / "examples" / "coffee.jpg") as _whole:
    PHOTO = _whole.convert("RGB").resize((150, 100))
PROCESSOR = {"clipseg": 64, "sam3": 56, "owlv2": 64, "grounding_dino": 64, "seggpt": 32}
CLASS = {
    "clipseg": "CLIPSegForImageSegmentation", "sam3": "Sam3Model",
    "owlv2": "Owlv2ForObjectDetection", "grounding_dino": "GroundingDinoForObjectDetection",
    "seggpt": "SegGptForImageSegmentation",
}  # fmt: skip
WORDS = ("clipseg", "sam3", "owlv2", "grounding_dino")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("hub")
    made = {}
    for family, side in PROCESSOR.items():
        tokenizer = {"grounding_dino": "bert", "seggpt": None}.get(family, "clip")
        made[family] = tiny.save(getattr(tiny, family)(), root / family, side, tokenizer)
    return made


@pytest.fixture(scope="module")
def small() -> Segmenter:
    return biprompt.load()


@pytest.fixture(scope="module")
def loaded(folders: dict[str, Path]) -> dict[str, Segmenter]:
    """Each alone; the detectors join the embedded model by themselves."""
    return {family: biprompt.load(folder, device="cpu") for family, folder in folders.items()}


@pytest.mark.parametrize("family", WORDS)
def test_words_are_answered(loaded: dict[str, Segmenter], family: str) -> None:
    model = loaded[family]
    image = model.embed(PHOTO)
    answer = model.segment(image, text="red cat")
    assert answer.mask.shape == image.frame.original_hw
    assert answer.presence is not None and 0 <= answer.presence <= 1
    assert model.segment(image, text="[semantic] cats").mask.shape == answer.mask.shape
    assert model.runtime.dense(image).ndim == 3


@pytest.mark.parametrize("family", ["clipseg", "sam3"])
def test_words_alone_are_all_they_take(loaded: dict[str, Segmenter], family: str) -> None:
    assert loaded[family].name == family
    with pytest.raises(PromptError, match="text"):
        loaded[family].segment(PHOTO, points=[(5, 5)])


@pytest.mark.parametrize("family", ["owlv2", "grounding_dino"])
def test_a_detector_is_outlined_by_the_embedded_model(
    loaded: dict[str, Segmenter], small: Segmenter, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    model = loaded[family]
    assert model.name == f"compact+{family}"
    image = model.embed(PHOTO)
    clicked = model.segment(image, points=[(75, 50)])
    np.testing.assert_array_equal(clicked.mask, small.segment(PHOTO, points=[(75, 50)]).mask)
    detector: Any = model.runtime._detector  # type: ignore[attr-defined]
    monkeypatch.setattr(detector, "threshold", 1e-9)  # random weights: any box is good enough
    answer = model.segment(image, text="cat")
    found = model.runtime.ground(image, [model.reader.read("cat")])
    box = found.state["boxes"][0, 0]
    boxed = small.segment(PHOTO, box=box).card.candidates[0]
    np.testing.assert_array_equal(answer.card.candidates[0].mask, boxed.mask)


@pytest.mark.parametrize("family", WORDS)
def test_beside_the_embedded_model(folders: dict[str, Path], small: Segmenter, family: str) -> None:
    model = biprompt.load("compact", text_model=folders[family], device="cpu")
    answer = model.segment(PHOTO, points=[(75, 50)], text="red cat")
    alone = small.segment(PHOTO, points=[(75, 50)])
    assert len(answer.card.candidates) == len(alone.card.candidates) == 3
    for one, other in zip(answer.card.candidates, alone.card.candidates, strict=True):
        np.testing.assert_array_equal(one.mask, other.mask)
    assert answer.card.text_mask is not None


def test_examples_are_imitated(loaded: dict[str, Segmenter]) -> None:
    model = loaded["seggpt"]
    image = model.embed(PHOTO)
    mask = np.zeros((40, 30), np.bool_)
    mask[5:20, 5:20] = True
    shown = Example(np.full((40, 30, 3), 90, np.uint8), mask)
    runtime: Any = model.runtime
    assert runtime.facts.examples
    found = runtime.imitate(image, [shown])
    assert np.shape(found.logits) == (1, 1, 32, 32)
    answer = model.segment(image, examples=[shown])
    assert answer.card.candidates[0].source == "example"
    mask = masks_in_frame(found.logits[0], image.frame)[0]
    np.testing.assert_array_equal(answer.card.candidates[0].mask, mask)
    with pytest.raises(PromptError, match="seggpt takes"):
        model.segment(image, text="cat")


def test_instances_of_a_label_map_are_the_detector_s(
    loaded: dict[str, Segmenter], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = loaded["grounding_dino"]
    runtime: Any = model.runtime
    monkeypatch.setattr(runtime._detector, "threshold", 0.3)  # random weights: several are good
    image = model.embed(PHOTO)
    found = model.segment_classes(image, ["red cats"], instances=True)
    told = runtime.instances(image, model.reader.read("red cats"))
    things = masks_in_frame(np.asarray(told.logits)[:, 0], image.frame)
    assert found.labels.any() and found.instances is not None and len(things) > 1
    assert ((found.instances > 0) == (found.labels > 0)).all()
    surest = things[0] & (found.labels > 0)
    assert len(np.unique(found.instances[surest])) == 1


def test_weights_make_the_version(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders["clipseg"], tmp_path / "clipseg"))
    before = biprompt.load(folder, device="cpu").runtime.facts.version
    assert biprompt.load(folder, device="cpu").runtime.facts.version == before
    (folder / "preprocessor_config.json").write_text('{"size": 96}')
    changed = biprompt.load(folder, device="cpu")
    assert changed.runtime.facts.version != before
    assert changed.runtime.frame((50, 60)).model_hw == (96, 96)


def test_newer_releases_write_the_settings_elsewhere(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders["clipseg"], tmp_path / "clipseg"))
    (folder / "preprocessor_config.json").unlink()
    assert biprompt.load(folder, device="cpu").runtime.frame((50, 60)).model_hw == (352, 352)
    (folder / "processor_config.json").write_text('{"image_processor": {"size": 96}}')
    assert biprompt.load(folder, device="cpu").runtime.frame((50, 60)).model_hw == (96, 96)


@pytest.mark.parametrize("family", WORDS)
def test_a_long_phrase_is_refused(loaded: dict[str, Segmenter], family: str) -> None:
    with pytest.raises(PromptError, match=r"phrase: expected at most \d+ tokens, got \d+ tokens"):
        loaded[family].segment(PHOTO, text="red cat " * 30)


@pytest.mark.parametrize("family", WORDS)
def test_a_missing_tokenizer_is_one_line(
    folders: dict[str, Path], tmp_path: Path, family: str
) -> None:
    folder = Path(shutil.copytree(folders[family], tmp_path / family))
    for name in ("tokenizer.json", "vocab.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)
    with pytest.raises(WeightsError, match=r"tokenizer: expected tokenizer.json") as told:
        biprompt.load(folder, device="cpu")
    assert "\n" not in str(told.value) and str(folder) in str(told.value)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A release of transformers that calls a class otherwise."""

    def remove(name: str) -> None:
        class Other:
            __version__ = "99.0"

            def __getattr__(self, wanted: str) -> Any:
                if wanted == name:
                    raise AttributeError(f"module transformers has no attribute {wanted}")
                return getattr(transformers, wanted)

        monkeypatch.setitem(__import__("sys").modules, "transformers", Other())

    yield remove


@pytest.mark.parametrize("family", CLASS)
def test_a_renamed_class_is_one_line(folders: dict[str, Path], without: Any, family: str) -> None:
    without(CLASS[family])
    with pytest.raises(ModelError, match=CLASS[family]) as told:
        biprompt.load(folders[family], device="cpu")
    assert "99.0" in str(told.value) and "\n" not in str(told.value)


def test_a_renamed_part_is_one_line(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = biprompt.load(folders["owlv2"], device="cpu")
    image = model.embed(PHOTO)
    monkeypatch.delattr(type(model.runtime._detector._model), "class_predictor")  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="class_predictor") as told:
        model.segment(image, text="cat")
    assert "\n" not in str(told.value)
