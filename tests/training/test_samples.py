"""Samples: shapes, chance by seed and index alone, and phrases that are true of their crop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.training.conftest import COLOURS, LABELS, file_names, rectangle, write_folder

from biprompt.data.colours import close_colours
from biprompt.data.expressions import ExpressionBuilder
from biprompt.data.scenes import Scene
from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.batches import Share, batches
from biprompt.training.compact.photos import load_folders
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.compact.said import MAX_WORDS, PhraseWriter, covered
from biprompt.training.compact.samples import (
    LEAST_PIXELS,
    CompactSamples,
    SampleSpec,
    collate,
)
from biprompt.zoo.words import WORD_DIM, WordTable, split_words

PHRASES = 6
PAINT = dict(zip(LABELS, ("red", "green", "white", "blue"), strict=True))


@pytest.fixture(scope="module")
def writer(words: WordTable) -> PhraseWriter:
    builder = ExpressionBuilder(load_vocabulary(), singular_for_all=0.5)
    return PhraseWriter(builder, words, PHRASES, 0.35)


@pytest.fixture(scope="module")
def samples(bank: SceneBank, writer: PhraseWriter) -> CompactSamples:
    return CompactSamples(bank, writer, SampleSpec(64, 3, 0.5, 0.3), seed=5)


def test_shapes_and_kinds(samples: CompactSamples) -> None:
    batch = collate([samples[0], samples[1]])
    facts = {name: (array.shape, array.dtype.name) for name, array in batch.items()}
    assert facts == {
        "image": ((2, 3, 64, 64), "uint8"),
        "targets": ((2, 3, 16, 16), "uint8"),
        "words": ((2, PHRASES, MAX_WORDS, WORD_DIM), "float32"),
        "lengths": ((2, PHRASES), "float32"),
        "said": ((2, PHRASES), "float32"),
        "presence": ((2, PHRASES), "float32"),
        "meant": ((2, PHRASES, 16, 16), "uint8"),
        "one": ((2, PHRASES, 16, 16), "uint8"),
    }


@pytest.mark.parametrize("index", range(60))
def test_a_sample_agrees_with_itself(samples: CompactSamples, index: int) -> None:
    sample = samples[index]
    assert sample["targets"].any((1, 2)).all() and sample["targets"].max() <= 16
    assert sample["targets"].sum((1, 2)).min() >= LEAST_PIXELS
    there = sample["meant"].any((1, 2))
    assert np.array_equal(sample["presence"], there.astype(np.float32))
    assert np.array_equal(sample["one"].any((1, 2)), there)
    assert (sample["one"] <= sample["meant"]).all()
    assert set(sample["said"]) <= {0.0, 1.0}
    assert (sample["said"] >= sample["presence"]).all()
    for words, length, said in zip(*(sample[k] for k in ("words", "lengths", "said")), strict=True):
        used = np.abs(words).sum(1) > 0
        assert used.sum() == (length if said else 0) and used[: used.sum()].all()
        assert 1 <= length <= MAX_WORDS


def test_seed_and_index_decide(bank: SceneBank, writer: PhraseWriter) -> None:
    spec = SampleSpec(64, 2, 0.5, 0.5)

    def made(seed: int, index: int) -> bytes:
        sample = CompactSamples(bank, writer, spec, seed=seed)[index]
        return b"".join(array.tobytes() for array in sample.values())

    assert made(1, 7) == made(1, 7)
    assert len({made(1, 7), made(1, 8), made(2, 7)}) == 3


def test_a_batch_continues_where_a_run_stopped(
    bank: SceneBank, words: WordTable, tiny: CompactRecipe
) -> None:
    def images(first: int, count: int, share: Share) -> list[np.ndarray]:
        stream = batches(tiny, bank, words, crop_size=64, first=first, share=share)
        found = [next(stream) for _ in range(count)]
        assert all(batch.waited >= 0 for batch in found)
        return [image.numpy() for batch in found for image in batch.arrays["image"]]

    alone = images(10, 4, Share())
    assert np.array_equal(images(12, 3, Share()), alone[2:])
    first, second = (images(10, 2, Share(i, 2)) for i in range(2))
    assert np.array_equal(first, alone[0:8:2]) and np.array_equal(second, alone[1:8:2])


def counted(text: str) -> set[str]:
    """Return the labels that a phrase mentions by name."""
    said = set(split_words(text))
    found = set()
    for label in LABELS:
        names = load_vocabulary().by_label[label]
        forms = {form for name in names for form in (name.text, name.plural)}
        if any(set(form.split()) <= said for form in forms):
            found.add(label)
    return found


ANCHORED = {"of", "above", "over", "below", "under", "next", "beside", "near", "by"}


@pytest.mark.parametrize("seed", range(150))
def test_phrases_are_true_of_their_scene(samples: CompactSamples, seed: int) -> None:
    scene = samples.scene(np.random.default_rng(seed))
    present = {label for label in scene.labels if label}
    for phrase in samples.writer.phrases(scene, np.random.default_rng(seed)):
        said, mentioned = set(split_words(phrase.text)), counted(phrase.text)
        assert not scene.hidden & mentioned, phrase.text
        rows = {scene.labels[row] for row in phrase.rows}
        assert rows <= mentioned or said & {"animal", "vehicle", "animals", "vehicles", "pet"}
        if not phrase.rows and not said & ANCHORED:
            # Absent: another thing, or a colour that no such thing has.
            colours = {PAINT[label] for label in mentioned & present}
            told = said & {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown",
                           "black", "white", "grey"}  # fmt: skip
            assert not mentioned & present or (told and not told & colours), phrase.text
        if (
            said & {"all", "every", "each", "[semantic]"}
            and len(rows) == 1
            and not said & set(PAINT.values())
        ):
            (label,) = rows
            same = tuple(i for i, name in enumerate(scene.labels) if name == label)
            assert set(same) <= set(phrase.rows), phrase.text


def one_scene(image: np.ndarray, *objects: tuple[str, np.ndarray], **more: object) -> Scene:
    count = len(objects)
    known = frozenset(("dog", "cup", "cat", "car", "bike", "bicycle", "motorcycle", "animal"))
    facts = {"known": known, "hidden": frozenset[str]()} | more
    masks = np.stack([mask for _, mask in objects])
    labels = tuple(label for label, _ in objects)
    return Scene(image, masks, labels, (True,) * count, (False,) * count, **facts)  # type: ignore[arg-type]


def all_texts(writer: PhraseWriter, scene: Scene, *, there: bool | None = None) -> set[str]:
    """Return what is said in many tries; only of what is there, or only of what is not."""
    rng = np.random.default_rng(0)
    phrases = [phrase for _ in range(80) for phrase in writer.phrases(scene, rng)]
    return {p.text for p in phrases if there is None or bool(p.rows) == there}


GREY_PHOTO = np.full((80, 96, 3), 120, np.uint8)
LEFT, RIGHT = rectangle(10, 8, 60, 40), rectangle(10, 56, 60, 90)


def test_nothing_is_said_of_a_hidden_label_nor_under_a_name_that_it_shares(
    writer: PhraseWriter,
) -> None:
    scene = one_scene(GREY_PHOTO, ("motorcycle", LEFT), ("dog", RIGHT))
    assert any("bike" in split_words(text) for text in all_texts(writer, scene))
    hidden = replace(scene, hidden=frozenset({"bicycle"}))
    said = {word for text in all_texts(writer, hidden) for word in split_words(text)}
    assert not said & {"bike", "bikes", "bicycle", "bicycles"} and {"dog", "motorcycle"} <= said


def test_a_mixed_scene_uses_names_known_in_both(writer: PhraseWriter) -> None:
    scene = one_scene(GREY_PHOTO, ("motorcycle", LEFT), ("dog", RIGHT))
    mixed = replace(scene, mixed=True, known=frozenset({"dog", "cat"}))
    said = {word for text in all_texts(writer, mixed, there=True) for word in split_words(text)}
    assert "dog" in said and not said & {"motorcycle", "motorbike", "puppy", "animal"}
    assert any("cat" in split_words(text) for text in all_texts(writer, mixed, there=False))


def test_nobody_names_a_region(writer: PhraseWriter) -> None:
    scene = one_scene(GREY_PHOTO, ("dog", LEFT), known=frozenset())
    assert not writer.phrases(replace(scene, labels=(None,)), np.random.default_rng(0))


def test_a_word_outside_the_table_drops_the_phrase(writer: PhraseWriter) -> None:
    vocabulary = load_vocabulary().with_labels(["zzyzx widget"])
    mine = replace(writer, builder=ExpressionBuilder(vocabulary))
    scene = one_scene(GREY_PHOTO, ("zzyzx widget", LEFT), ("dog", RIGHT))
    texts = all_texts(mine, scene)
    assert texts and not any("zzyzx" in text for text in texts)


def test_colours_are_named_as_they_are_seen(
    tmp_path: Path, writer: PhraseWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from biprompt.training.compact import samples as module

    objects = [("car", LEFT, {}), ("car", RIGHT, {})]
    write_folder(tmp_path / "mine", {file_names(1, validation=False)[0]: objects})
    bank = SceneBank(load_folders(tmp_path, {"mine": 1.0}, validation=False))
    seen: list[np.ndarray] = []

    def phrases(self: PhraseWriter, scene: Scene, rng: np.random.Generator) -> list:
        seen.append(scene.image)
        return []

    monkeypatch.setattr(PhraseWriter, "phrases", phrases)
    monkeypatch.setattr(module, "jitter_colour", lambda image, rng: np.full_like(image, 7))
    sample = CompactSamples(bank, writer, SampleSpec(64, 1, 0.0, 0.0), seed=0)[0]
    assert (sample["image"] == 7).all() and (seen[0] == 7).all()


def test_the_paint_of_this_file_is_what_it_is_called() -> None:
    from biprompt.data.colours import colour_name

    named = [colour_name(np.full((50, 3), c, np.uint8)) for c in COLOURS]
    assert all(
        n is not None and close_colours(n, PAINT[label])
        for n, label in zip(named, LABELS, strict=True)
    )


def test_photographs_without_usable_masks_are_an_error_not_a_wait(
    tmp_path: Path, writer: PhraseWriter
) -> None:
    objects = [("dog", rectangle(0, 0, 2, 2), {"iscrowd": 1})]
    write_folder(tmp_path / "mine", {file_names(1, validation=False)[0]: objects})
    bank = SceneBank(load_folders(tmp_path, {"mine": 1.0}, validation=False))
    with pytest.raises(DataError, match="masks of 128 pixels or more"):
        CompactSamples(bank, writer, SampleSpec(64, 1, 0.0, 0.0), seed=0)[0]


def test_covered_counts_sixteenths() -> None:
    cells = covered(rectangle(0, 0, 6, 5, (8, 8)))
    assert cells.tolist() == [[16, 4], [8, 2]] and cells.dtype == np.uint8
