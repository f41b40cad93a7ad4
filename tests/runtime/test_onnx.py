"""The runtime against torch, and every way its files can be wrong. Weights are random."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from biprompt.errors import InputError, ModelError, WeightsError
from biprompt.models.compact import CompactModel, Features, SpatialPrompts, TextPrompts
from biprompt.runtime.base import ImageEmbedding, Phrase, SpatialBatch, TextBatch
from biprompt.runtime.onnx import OnnxRuntime, word_batch

SIZES = [(96, 96), (32, 128), (64, 160)]
IMAGE = np.random.default_rng(5).integers(0, 256, (64, 96, 3), np.uint8)
TOLERANCE = 0.02
"""Weights are stored in float16."""


@pytest.fixture(scope="module")
def runtime(tiny_model_folder: Path) -> OnnxRuntime:
    return OnnxRuntime(tiny_model_folder, threads=1)


@pytest.fixture
def copy(tiny_model_folder: Path, tmp_path: Path) -> Path:
    """The exported model, to be damaged."""
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))


def runtime_for(folder: Path, hw: tuple[int, int], tmp_path: Path) -> OnnxRuntime:
    """A runtime that sees images of this size as they are."""
    own = Path(shutil.copytree(folder, tmp_path / "sized"))
    manifest = json.loads((own / "model.json").read_text())
    (own / "model.json").write_text(json.dumps(manifest | {"long_side": max(hw)}))
    return OnnxRuntime(own, threads=1)


def image(hw: tuple[int, int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (*hw, 3), np.uint8)


def spatial(hw: tuple[int, int], count: int = 3) -> SpatialBatch:
    rng = np.random.default_rng(1)
    h, w = hw
    xy = rng.uniform(0, (w, h), (count, 2, 2)).astype(np.float32)
    labels = np.array([[1, 0], [1, -1], [0, 1]], np.float32)[:count]
    box = np.tile(np.array([w / 4, h / 4, w / 2, h], np.float32), (count, 1))
    mask = (rng.random((count, 1, h // 4, w // 4)) > 0.5).astype(np.float32)
    flags = np.array([[1, 0, 0], [0, 0, 1]], np.float32)[:, :count]
    return SpatialBatch(xy, labels, box, flags[0], mask, flags[1])


def words(count: int, length: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(2).standard_normal((count, length, 96)).astype(np.float32) / 10


def tensors(batch: Any) -> list[torch.Tensor]:
    return [torch.from_numpy(getattr(batch, f.name)) for f in dataclasses.fields(batch)]


def look(runtime: OnnxRuntime, pixels: Any) -> ImageEmbedding:
    hw = pixels.shape[:2]
    return ImageEmbedding(runtime.encode([pixels])[0], runtime.frame(hw), "", "", "", pixels)


def phrases(said: Any, lengths: Any) -> list[Phrase]:
    return [Phrase("", one[: int(n)]) for one, n in zip(said, lengths, strict=True)]


def text_prompts(text: TextBatch) -> TextPrompts:
    arrays = (text.state["query"], text.state["prior"], text.has_text)
    return TextPrompts(*(torch.from_numpy(array) for array in arrays))


def torch_features(model: CompactModel, pixels: Any) -> Features:
    return model.encode(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1.0)


def near(found: Any, wanted: torch.Tensor, tolerance: float = TOLERANCE) -> None:
    np.testing.assert_allclose(found, wanted.numpy(), rtol=0, atol=tolerance)


@pytest.mark.parametrize("hw", SIZES)
def test_encoder_is_torch_s(
    tiny_model_folder: Path, tiny_model: CompactModel, hw: tuple[int, int], tmp_path: Path
) -> None:
    runtime = runtime_for(tiny_model_folder, hw, tmp_path)
    (found,) = runtime.encode([image(hw)])
    for name, wanted in torch_features(tiny_model, image(hw))._asdict().items():
        near(found[name], wanted)
        assert not found[name].flags.writeable


@pytest.mark.parametrize("hw", SIZES)
def test_text_is_torch_s(
    tiny_model_folder: Path, tiny_model: CompactModel, hw: tuple[int, int], tmp_path: Path
) -> None:
    runtime = runtime_for(tiny_model_folder, hw, tmp_path)
    said, lengths = words(2, 3), np.array([3, 2], np.float32)
    said[1, 2:] = 0  # padding
    found = runtime.ground(look(runtime, image(hw)), phrases(said, lengths))
    features = torch_features(tiny_model, image(hw)).gather(torch.tensor([0, 0]))
    prompts, presence = tiny_model.ground(
        features, torch.from_numpy(said), torch.from_numpy(lengths)
    )
    near(found.state["query"], prompts.query)
    near(found.state["prior"], prompts.prior)
    near(found.presence, presence)


@pytest.mark.parametrize("hw", SIZES)
@pytest.mark.parametrize("with_text", [True, False])
def test_decoder_is_torch_s(
    tiny_model_folder: Path, tiny_model: CompactModel, hw: tuple[int, int], with_text: bool,
    tmp_path: Path,
) -> None:  # fmt: skip
    runtime = runtime_for(tiny_model_folder, hw, tmp_path)
    batch, seen = spatial(hw), look(runtime, image(hw))
    grounding = runtime.ground(seen, phrases(words(1, 2), [2]))
    text = TextBatch.rows(grounding, [0, None, 0]) if with_text else None
    found = runtime.decode(seen, batch, text)
    silent = TextPrompts.nothing(3, 24, (hw[0] // 16, hw[1] // 16), torch.device("cpu"))
    logits, quality = tiny_model.decode(
        Features(*(torch.from_numpy(level.copy()) for level in seen.features.values())).gather(
            torch.tensor([0, 0, 0])
        ),
        SpatialPrompts(*tensors(batch)),
        silent if text is None else text_prompts(text),
    )
    assert found.logits.shape == (3, 4, hw[0] // 4, hw[1] // 4)
    near(found.logits, logits, 5 * TOLERANCE)  # logits of random weights are large
    near(found.iou, torch.sigmoid(quality))


def test_rows_without_words_do_not_depend_on_others_that_have_them(runtime: OnnxRuntime) -> None:
    batch, seen = spatial((64, 96)), look(runtime, IMAGE)
    grounding = runtime.ground(seen, phrases(words(1, 2), [2]))
    mixed = runtime.decode(seen, batch, TextBatch.rows(grounding, [0, None, None]))
    silent = runtime.decode(seen, batch, None)
    np.testing.assert_allclose(mixed.logits[1:], silent.logits[1:], atol=1e-5)
    assert np.abs(mixed.logits[0] - silent.logits[0]).max() > 1e-3


def test_facts_tell_models_and_preprocessing_apart(copy: Path) -> None:
    facts = OnnxRuntime(copy).facts
    assert facts.model == "tiny" and facts.one_part and facts.points and facts.words
    assert facts.semantic
    assert OnnxRuntime(copy).frame((300, 450)).canvas_hw == (64, 96)
    assert OnnxRuntime(copy).facts.version == facts.version
    changed = [facts.version]
    for change in ({"long_side": 128}, {"sha256": {"text": "0" * 64}}):
        manifest = json.loads((copy / "model.json").read_text())
        manifest["sha256"] |= change.pop("sha256", {})  # type: ignore[arg-type]
        (copy / "model.json").write_text(json.dumps(manifest | change))
        changed.append(OnnxRuntime(copy).facts.version)
    assert len(set(changed)) == 3


GRAPH_USES: dict[str, Callable[[OnnxRuntime], object]] = {
    "encoder": lambda runtime: runtime.encode([IMAGE]),
    "text": lambda runtime: runtime.ground(look(runtime, IMAGE), phrases(words(1, 1), [1])),
    "decoder": lambda runtime: runtime.decode(look(runtime, IMAGE), spatial((64, 96)), None),
}


@pytest.mark.parametrize("name", GRAPH_USES)
def test_missing_graph_names_its_path(copy: Path, name: str) -> None:
    (copy / f"{name}.onnx").unlink()
    with pytest.raises(WeightsError, match=rf"{name}\.onnx: .*No such file"):
        GRAPH_USES[name](OnnxRuntime(copy))


@pytest.mark.parametrize("name", GRAPH_USES)
@pytest.mark.parametrize("keep", [0, 1000])
def test_truncated_graph_names_its_path(copy: Path, name: str, keep: int) -> None:
    path = copy / f"{name}.onnx"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match=rf"{name}\.onnx: model file: expected sha256"):
        GRAPH_USES[name](OnnxRuntime(copy))


def test_one_changed_byte_is_noticed(copy: Path) -> None:
    path = copy / "encoder.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="sha256"):
        OnnxRuntime(copy).encode(IMAGE)


def with_hash_of(folder: Path, name: str, data: bytes) -> None:
    (folder / f"{name}.onnx").write_bytes(data)
    manifest = json.loads((folder / "model.json").read_text())
    manifest["sha256"][name] = hashlib.sha256(data).hexdigest()
    (folder / "model.json").write_text(json.dumps(manifest))


def test_file_that_is_no_graph(copy: Path) -> None:
    with_hash_of(copy, "encoder", b"not a graph")
    with pytest.raises(WeightsError, match=r"encoder\.onnx: model file: expected an ONNX graph"):
        OnnxRuntime(copy).encode(IMAGE)


def test_graph_of_another_kind(copy: Path) -> None:
    with_hash_of(copy, "encoder", (copy / "text.onnx").read_bytes())
    with pytest.raises(WeightsError, match=r"encoder\.onnx: .*expected the outputs p4, .*query"):
        OnnxRuntime(copy).encode(IMAGE)


@pytest.mark.parametrize(
    "field",
    [
        *(["name"], ["long_side"], ["known_words"], ["config"], ["config", "text_dim"]),
        *(["sha256"], ["sha256", "encoder"], ["sha256", "text"], ["sha256", "decoder"]),
    ],
)
@pytest.mark.parametrize("value", [None, "missing", 3.5, -1])
def test_wrong_manifest_field_is_named(copy: Path, field: list[str], value: object) -> None:
    manifest = json.loads((copy / "model.json").read_text())
    *parents, last = field
    inside = manifest
    for name in parents:
        inside = inside[name]
    if value == "missing":
        del inside[last]
    else:
        inside[last] = value
    (copy / "model.json").write_text(json.dumps(manifest))
    with pytest.raises(WeightsError, match=rf"model\.json: model, {last}: expected"):
        OnnxRuntime(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"model"', "\x00", "[" * 50])
def test_manifest_that_is_no_object(copy: Path, text: str) -> None:
    (copy / "model.json").write_text(text)
    with pytest.raises(WeightsError, match=r"model\.json: model: expected a JSON object"):
        OnnxRuntime(copy)


def test_manifest_that_is_not_text(copy: Path) -> None:
    (copy / "model.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WeightsError, match=r"model\.json"):
        OnnxRuntime(copy)


def test_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model\.json: .*No such file"):
        OnnxRuntime(tmp_path)


@pytest.mark.parametrize("threads", ["many", "-1", "1.5"])
def test_thread_count_of_the_environment_is_checked(
    tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    monkeypatch.setenv("BIPROMPT_THREADS", threads)
    with pytest.raises(InputError, match="threads: expected a whole number from 0"):
        OnnxRuntime(tiny_model_folder)
    OnnxRuntime(tiny_model_folder, threads=1)  # what a caller gives comes first


def test_input_that_does_not_fit_is_one_line(runtime: OnnxRuntime) -> None:
    with pytest.raises(ModelError, match="tiny encoder: ") as caught:
        runtime.encode([np.zeros((64, 96), np.uint8)])
    assert "\n" not in str(caught.value)


def test_word_batch_is_padded_with_zeros() -> None:
    vectors = [np.ones((1, 96), np.float32), np.full((2, 96), 2.0, np.float32)]
    said, lengths = word_batch([Phrase("", one) for one in vectors])
    assert said.shape == (2, 2, 96) and said.dtype == np.float32
    assert lengths.tolist() == [1, 2] and lengths.dtype == np.float32
    assert not said[0, 1].any() and said[0, 0].any()


@pytest.mark.parametrize("hw", SIZES)
def test_dense_features_cover_the_image_and_compare_every_map_alike(
    tiny_model_folder: Path, tmp_path: Path, hw: tuple[int, int]
) -> None:
    sized = runtime_for(tiny_model_folder, hw, tmp_path)
    pixels = image(hw)
    features = sized.encode([pixels])[0]
    embedding = ImageEmbedding(features, sized.frame(hw), "key", "tiny", "1", pixels)
    dense = sized.dense(embedding)
    names = ("sem32", "c32", "p16", "key8")
    sizes = [features[name].shape[1] for name in names]
    assert dense.dtype == np.float32 and dense.shape == (sum(sizes), hw[0] // 16, hw[1] // 16)
    parts = np.split(dense, np.cumsum(sizes)[:-1])
    for part in parts:  # unit length each, so that each has a quarter of the cosine
        assert np.sqrt((part * part).sum(0)) == pytest.approx(1.0, abs=1e-4)
    own = features["p16"][0]
    assert parts[2] == pytest.approx(own / np.sqrt((own * own).sum(0)), abs=1e-5)
