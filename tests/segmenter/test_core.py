"""The public entry from image to answer, with a tiny model of random weights.

What is tested is the plumbing: shapes, sharing, caching, threads, refusals; never accuracy.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from biprompt.cache import DiskCache, MemoryCache
from biprompt.errors import ImageError, InputError, ModelError, PromptError, WeightsError
from biprompt.experts.words import PhraseReader
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.runtime.base import Float, Runtime
from biprompt.runtime.onnx import OnnxRuntime
from biprompt.segmenter import Segmenter, load
from biprompt.segmenter.turns import Turns
from biprompt.selection import Policy
from biprompt.zoo.words import WordTable

HW = (60, 90)
POINT = (40, 30)


class CountingRuntime:
    """Counts the image passes; can be told to fail, or to wait for another thread."""

    def __init__(self, inner: Runtime) -> None:
        self.facts, self.frame = inner.facts, inner.frame
        self.ground, self.decode, self.dense = inner.ground, inner.decode, inner.dense
        self._inner = inner
        self.encoded = 0
        self.failures = 0
        self.started, self.go = threading.Event(), threading.Event()
        self.go.set()

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        self.encoded += len(images)
        self.started.set()
        self.go.wait(20)
        if self.failures:
            self.failures -= 1
            raise ModelError("told to")
        return self._inner.encode(images)


@pytest.fixture(scope="module")
def reader() -> PhraseReader:
    return PhraseReader(WordTable.load(), ["cat", "dog"])


@pytest.fixture(scope="module")
def inner(tiny_model_folder: Path) -> OnnxRuntime:
    return OnnxRuntime(tiny_model_folder, threads=1)


@pytest.fixture
def runtime(inner: OnnxRuntime) -> CountingRuntime:
    return CountingRuntime(inner)


@pytest.fixture
def model(runtime: CountingRuntime, reader: PhraseReader) -> Segmenter:
    return Segmenter(runtime, reader, memory=MemoryCache())


@pytest.fixture(scope="module")
def pixels() -> NDArray[np.uint8]:
    return noise(HW)


def noise(hw: tuple[int, int], seed: int = 0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 5, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((hw[1], hw[0])))


PROMPTS: list[dict[str, Any]] = [
    {"points": [POINT]},
    {"points": [POINT, (5, 5)], "labels": [1, 0]},
    {"box": (10, 10, 60, 50)},
    {"scribbles": [[(10, 10), (80, 50)], ([(3, 3)], 0)]},
    {"polygon": [(10, 10), (60, 12), (30, 55)]},
    {"mask": np.indices(HW).sum(0) < 60},
    {"text": "cat"},
    {"text": "the red dog on the left"},
    {"text": "zzxqv"},
    {"points": [POINT], "text": "dog"},
    {"points": [POINT], "text": "zzxqv"},
    {"points": [POINT], "text": "cat", "negative_text": "dog"},
    {"box": (10, 10, 60, 50), "points": [(5, 5)], "labels": [0], "text": "cat"},
]


def same(a: Segmentation, b: Segmentation) -> bool:
    return (
        np.array_equal(a.mask, b.mask)
        and (a.verdict, a.card.winner) == (b.verdict, b.card.winner)
        and [c.source for c in a.card.candidates] == [c.source for c in b.card.candidates]
        and np.allclose(scores(a), scores(b), rtol=0, atol=1e-5)
    )


def scores(answer: Segmentation) -> list[float]:
    return [c.score for c in answer.card.candidates] + [answer.presence or 0.0]


def test_click_gives_a_mask_of_the_image_s_size(model: Segmenter, pixels: Any) -> None:
    answer = model.segment(pixels, points=[POINT])
    assert answer.mask.shape == HW and answer.mask.dtype == np.bool_
    assert answer.model == "tiny" and answer.image_path is None
    assert len(answer.card.candidates) == 3
    assert all(c.mask.shape == HW and 0 <= c.score <= 1 for c in answer.card.candidates)
    assert answer.soft is None or answer.soft.shape == (16, 24)
    assert set(answer.card.timings_ms) == {"embed", "ground", "decode", "gate"}


@pytest.mark.parametrize("policy", [Policy(), Policy(pool="wide"), Policy(metric="dice")])
@pytest.mark.parametrize("values", PROMPTS, ids=lambda values: "+".join(values))
def test_same_question_same_answer(
    model: Segmenter, pixels: Any, values: dict[str, Any], policy: Policy
) -> None:
    first = model.segment(pixels, **values, policy=policy)
    model.segment(noise(HW, 1), points=[(1, 1)])
    again = model.segment(pixels.copy(), **values, policy=policy)
    assert same(first, again) and scores(first) == scores(again)
    assert first.card.reason == again.card.reason


@pytest.mark.parametrize("pool", ["paper", "wide"])
def test_many_prompts_are_answered_like_each_alone(
    model: Segmenter, pixels: Any, pool: Any
) -> None:
    policy = Policy(pool=pool)
    scene = model.embed(pixels)
    prompts = [Prompt.build(**values) for values in PROMPTS * 2]
    together = model.segment_many(scene, prompts, policy=policy)
    for prompt, answer in zip(prompts, together, strict=True):
        (alone,) = model.segment_many(scene, [prompt], policy=policy)
        assert same(answer, alone)
        if answer.soft is not None and alone.soft is not None:
            np.testing.assert_allclose(answer.soft, alone.soft, rtol=0, atol=1e-5)


def test_twenty_clicks_on_one_image_look_once(
    model: Segmenter, runtime: CountingRuntime, pixels: Any, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    for x in range(20):
        model.segment(path, points=[(x, 10)])
    assert runtime.encoded == 1


def test_image_is_known_by_its_content(
    model: Segmenter, runtime: CountingRuntime, pixels: Any, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    for path in (first, second):
        Image.fromarray(pixels).save(path)
    scene, other = model.embed(first), model.embed(second)
    assert (scene.path, other.path) == (str(first), str(second))
    assert scene.seconds > 0 and other.seconds == 0
    assert scene.features is other.features and scene.key == other.key
    assert model.embed(pixels).path is None and runtime.encoded == 1


def test_changed_file_is_looked_at_again(
    model: Segmenter, runtime: CountingRuntime, pixels: Any, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    before = model.embed(path)
    Image.fromarray(noise(HW, 1)).save(path)
    after = model.embed(path)
    assert runtime.encoded == 2 and before.key != after.key
    assert not np.array_equal(before.pixels, after.pixels)


def test_embedding_cannot_be_changed(model: Segmenter, pixels: Any) -> None:
    scene = model.embed(pixels)
    with pytest.raises(ValueError, match="read-only"):
        scene.pixels[0, 0] = 0
    with pytest.raises(ValueError, match="read-only"):
        scene.features["p4"][0] = 0
    with pytest.raises(TypeError):
        scene.features["p4"] = scene.features["p8"]  # type: ignore[index]
    pixels = pixels.copy()
    mine = model.embed(pixels)
    pixels[:] = 0
    assert mine.pixels.any()


def test_embedding_is_embedded_already(model: Segmenter, pixels: Any) -> None:
    scene = model.embed(pixels)
    assert model.embed(scene) is scene


def test_embedding_of_another_model_is_refused(
    model: Segmenter, pixels: Any, reader: PhraseReader, tiny_model_folder: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(tiny_model_folder, tmp_path / "other"))
    manifest = other / "model.json"
    manifest.write_text(manifest.read_text().replace('"long_side": 96', '"long_side": 128'))
    scene = Segmenter(OnnxRuntime(other), reader).embed(pixels)
    with pytest.raises(InputError, match="embedding: expected one of tiny, version"):
        model.segment(scene, points=[POINT])


def test_threads_get_the_same_answers_and_look_once(
    runtime: CountingRuntime, model: Segmenter, reader: PhraseReader, pixels: Any
) -> None:
    wanted = [Segmenter(runtime, reader).segment(pixels, **values) for values in PROMPTS]
    runtime.encoded = 0

    def work(thread: int) -> bool:
        order = np.random.default_rng(thread).permutation(len(PROMPTS))
        return all(same(model.segment(pixels, **PROMPTS[i]), wanted[i]) for i in order)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert runtime.encoded == 1


def test_failed_look_lets_the_next_thread_try(
    runtime: CountingRuntime, model: Segmenter, pixels: Any
) -> None:
    runtime.failures = 1
    runtime.go.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(model.embed, pixels)
        runtime.started.wait(20)
        second = pool.submit(model.embed, pixels)
        runtime.go.set()
        with pytest.raises(ModelError):
            first.result()
        assert second.result().seconds > 0
    assert runtime.encoded == 2 and model._looker._turns._locks == {}


def test_images_do_not_wait_for_each_other(
    runtime: CountingRuntime, model: Segmenter, pixels: Any
) -> None:
    model.embed(noise(HW, 1))
    runtime.started.clear()
    runtime.go.clear()
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(model.embed, pixels)
        runtime.started.wait(20)
        assert model.embed(noise(HW, 1)).seconds == 0  # while the other image is looked at
        runtime.go.set()
        busy.result()


def test_turns_remember_only_what_is_in_use() -> None:
    turns, inside, most = Turns(), dict.fromkeys("abc", 0), 0

    def work(seed: int) -> int:
        worst = 0
        for step in range(300):
            key = "abc"[(seed + step) % 3]
            with turns.of(key):
                inside[key] += 1
                worst = max(worst, inside[key])
                inside[key] -= 1
        return worst

    with ThreadPoolExecutor(8) as pool:
        most = max(pool.map(work, range(8)))
    assert most == 1 and turns._locks == {}


def test_disk_cache_hit_equals_miss(
    inner: OnnxRuntime, reader: PhraseReader, pixels: Any, tmp_path: Path
) -> None:
    def fresh() -> tuple[Segmenter, CountingRuntime]:
        runtime = CountingRuntime(inner)
        return Segmenter(runtime, reader, disk=DiskCache(tmp_path)), runtime

    model, runtime = fresh()
    missed = [model.segment(pixels, **values) for values in PROMPTS]
    assert runtime.encoded == 1  # also without a memory
    model, runtime = fresh()
    assert model.embed(pixels).seconds == 0
    hit = [model.segment(pixels, **values) for values in PROMPTS]
    assert runtime.encoded == 0
    assert all(same(a, b) and scores(a) == scores(b) for a, b in zip(missed, hit, strict=True))


def test_damaged_cache_file_is_looked_at_again(
    runtime: CountingRuntime, reader: PhraseReader, pixels: Any, tmp_path: Path
) -> None:
    model = Segmenter(runtime, reader, disk=DiskCache(tmp_path))
    wanted = model.segment(pixels, points=[POINT])
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-9])
    assert same(model.segment(pixels, points=[POINT]), wanted) and runtime.encoded == 2
    assert same(model.segment(pixels, points=[POINT]), wanted) and runtime.encoded == 2


def test_cache_that_cannot_be_written_stops_nothing(
    runtime: CountingRuntime, reader: PhraseReader, pixels: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    model = Segmenter(runtime, reader, disk=DiskCache(tmp_path / "file"))
    assert model.segment(pixels, points=[POINT]).mask.shape == HW


@pytest.mark.parametrize("hw", [(1, 1), (1, 5000), (5000, 1), (2, 3), (3000, 40)])
@pytest.mark.parametrize("policy", [Policy(), Policy(pool="wide")])
def test_images_of_every_shape(model: Segmenter, hw: tuple[int, int], policy: Policy) -> None:
    h, w = hw
    image = np.full((*hw, 3), 90, np.uint8)
    corner = (w - 1, h - 1)
    prompts = [
        Prompt.build(points=[(0, 0)]),
        Prompt.build(points=[corner, (np.nextafter(w, 0), np.nextafter(h, 0))]),
        Prompt.build(box=(0, 0, w, h)),
        Prompt.build(box=(w - 1, h - 1, w, h)),
        Prompt.build(scribbles=[[corner]]),
        Prompt.build(mask=np.ones(hw, bool)),
        Prompt.build(polygon=[(0, 0), (w, 0), (w, h), (0, h)]),
        Prompt.build(text="cat"),
        Prompt.build(points=[corner], text="cat", negative_text="dog"),
    ]
    answers = model.segment_many(image, prompts, policy=policy)
    assert [answer.mask.shape for answer in answers] == [hw] * len(prompts)


def test_earlier_answer_is_refined(model: Segmenter, pixels: Any) -> None:
    first = model.segment(pixels, points=[POINT])
    again = model.segment(pixels, points=[POINT, (5, 5)], labels=[1, 0], mask=first)
    assert first.soft is not None and again.mask.shape == HW
    fresh = model.segment(pixels, points=[POINT, (5, 5)], labels=[1, 0])
    assert not np.allclose(scores(again), scores(fresh), rtol=0, atol=1e-6)


def test_honest_no_is_nothing_to_refine(model: Segmenter, pixels: Any) -> None:
    nothing = model.segment(pixels, text="zzxqv")
    assert nothing.verdict is Verdict.ABSENT
    click = model.segment(pixels, points=[POINT], mask=nothing)
    assert same(click, model.segment(pixels, points=[POINT]))


def test_unknown_words_are_absent(model: Segmenter, pixels: Any) -> None:
    answer = model.segment(pixels, text="zzxqv")
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()
    assert answer.card.text_understood is False and "known" in answer.card.reason


def test_examples_are_looked_at_once(
    model: Segmenter, runtime: CountingRuntime, pixels: Any
) -> None:
    mask = np.zeros(HW, bool)
    mask[10:40, 20:60] = True
    other = pixels[::-1].copy()
    answer = model.segment(pixels, examples=[(other, mask), (other, ~mask)])
    assert runtime.encoded == 2  # the image, and one image for both examples
    assert answer.presence is not None and 0 <= answer.presence <= 1
    model.segment(
        pixels, points=[POINT], examples=[(other, mask)], negative_examples=[(pixels, mask)]
    )
    assert runtime.encoded == 2


def test_examples_are_refused_by_a_model_that_reads_words_alone(
    model: Segmenter, runtime: CountingRuntime, pixels: Any
) -> None:
    runtime.facts = replace(runtime.facts, points=False)
    with pytest.raises(PromptError, match=r"examples: expected prompts that tiny takes \(text\)"):
        model.segment(pixels, text="cat", examples=[(pixels, np.ones(HW, bool))])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "prompt: expected a point, box"),
        ({"points": [(90, 30)]}, "point: expected 0 <= x < 90"),
        ({"points": [(np.nan, 30)]}, "points: expected finite"),
        ({"box": (0, 0, 91, 60)}, "box: expected 0 <= x <= 90"),
        ({"mask": np.ones((90, 60), bool)}, "mask: expected the size of the image"),
        ({"text": "cat " * 33}, "phrase: expected at most 32 words, got 33 words"),
        ({"points": [POINT], "negative_text": "cat " * 33}, "at most 32 words"),
        ({"negative_text": "cat"}, "prompt: expected a point, box"),
        ({"polygon": [(10, 10.6), (80, 10.6), (80, 10.9)]}, "polygon: expected an outline"),
        ({"prompt": Prompt.build(points=[POINT]), "text": "cat"}, "a prompt or plain values"),
        ({"prompt": {"points": [POINT]}}, "prompt: expected a Prompt"),
    ],
)
def test_what_does_not_fit_is_one_clear_error(
    model: Segmenter, pixels: Any, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(PromptError, match=message) as caught:
        model.segment(pixels, **values)
    assert "\n" not in str(caught.value)


def test_one_wrong_prompt_of_many_answers_none(model: Segmenter, pixels: Any) -> None:
    good, bad = Prompt.build(points=[POINT]), Prompt.build(points=[(500, 0)])
    with pytest.raises(PromptError, match="point"):
        model.segment_many(pixels, [good, bad])
    assert model.segment_many(pixels, []) == []


def test_image_that_is_none(model: Segmenter, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="missing"):
        model.segment(tmp_path / "missing.png", points=[POINT])


def test_load_takes_an_exported_folder(tiny_model_folder: Path, pixels: Any) -> None:
    model = load(str(tiny_model_folder), threads=1)
    assert model.name == "tiny"
    assert load(tiny_model_folder).segment(pixels, points=[POINT]).mask.shape == HW


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("BIPROMPT_CACHE", str(tmp_path / "env"))
    yield tmp_path


def test_load_keeps_embeddings_where_it_is_told(
    tiny_model_folder: Path, pixels: Any, own_folder: Path
) -> None:
    def files() -> set[str]:
        return {path.relative_to(own_folder).parts[0] for path in own_folder.rglob("*.embedding")}

    load(tiny_model_folder).embed(pixels)
    assert files() == set()
    load(tiny_model_folder, cache=own_folder / "mine").embed(pixels)
    assert files() == {"mine"}
    load(tiny_model_folder, cache=True).embed(pixels)
    assert files() == {"mine", "env"}


def test_load_of_an_unknown_model() -> None:
    with pytest.raises(
        WeightsError, match=r"model: expected a name of `biprompt models` .compact, "
    ):
        load("sam-9")


def test_many_images_are_looked_at_in_one_call(
    model: Segmenter, runtime: CountingRuntime, pixels: Any
) -> None:
    other = noise((40, 70), 1)
    known = model.embed(other)
    first, second, third = model.embed_many([pixels, other, pixels])
    assert runtime.encoded == 2
    assert second.features is known.features and first.features is third.features
    alone = model.runtime.encode([pixels])[0]
    assert all(np.array_equal(first.features[name], alone[name]) for name in alone)
    assert model.embed_many([]) == []


def test_many_images_come_from_the_disk(
    runtime: CountingRuntime, reader: PhraseReader, pixels: Any, tmp_path: Path
) -> None:
    Segmenter(runtime, reader, disk=DiskCache(tmp_path)).embed_many([pixels, noise(HW, 1)])
    again = Segmenter(runtime, reader, disk=DiskCache(tmp_path))
    assert again.embed_many([noise(HW, 1)])[0].seconds == 0.0
    assert runtime.encoded == 2


def test_using_the_model_imports_no_torch(tiny_model_folder: Path) -> None:
    code = f"""
import sys, biprompt
early = {{"torch", "onnxruntime", "scipy", "PIL"}} & set(sys.modules)
import numpy
model = biprompt.load({str(tiny_model_folder)!r})
assert "onnxruntime" not in sys.modules
model.segment(numpy.zeros((50, 40, 3), "uint8"), points=[(1, 1)], text="cat")
print(sorted(early), "torch" in sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split("\n")[0] == "[] False"
