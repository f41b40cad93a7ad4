"""Folders in COCO layout through the expression builder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.training.conftest import COLOURS, HW, file_names, rectangle, write_folder

from biprompt.data.faults import Faults
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.training.evf.data.augment import Augmentation, Augmented
from biprompt.training.evf.data.checking import read_checked
from biprompt.training.evf.data.folder import FolderDrafts, Wording, part, profile_of
from biprompt.training.evf.data.values import NothingSaid

NAMES = file_names(6, validation=False) + file_names(3, validation=True)
LEFT, RIGHT = rectangle(20, 5, 60, 30), rectangle(20, 65, 60, 90)
MIDDLE = rectangle(5, 40, 15, 55)
Objects = list[tuple[str, np.ndarray, dict[str, Any]]]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def opened(root: Path, objects: Objects, *, wording: Wording | None = None, most: int = 3,
           name: str = "mine") -> FolderDrafts:  # fmt: skip
    folder = write_folder(root / name, dict.fromkeys(NAMES, objects))
    dataset = read_checked(folder, Faults())
    return FolderDrafts(dataset, part(dataset, held_out=False), wording, most)


def gathered(drafts: FolderDrafts, count: int = 60) -> dict[str, set[bytes]]:
    """Every phrase that comes up, with the masks it came with."""
    found: dict[str, set[bytes]] = {}
    for seed in range(count):
        made = drafts.draft(0, rng(seed))
        for phrase, mask in zip(made.phrases, made.masks, strict=True):
            found.setdefault(phrase, set()).add(mask.tobytes())
    return found


TWO_DOGS: Objects = [("dog", LEFT, {}), ("dog", RIGHT, {}), ("cup", MIDDLE, {})]


def test_semantic_phrases_mean_all_of_a_label(tmp_path: Path) -> None:
    found = gathered(opened(tmp_path, TWO_DOGS, wording=Wording(semantic=1.0)))
    assert found == {
        "[semantic] dog": {(LEFT | RIGHT).tobytes()},
        "[semantic] cup": {MIDDLE.tobytes()},
    }


def test_written_phrases_are_true(tmp_path: Path) -> None:
    found = gathered(opened(tmp_path, TWO_DOGS, wording=Wording(semantic=0.0)), 300)
    masks = {phrase: masks.pop() for phrase, masks in found.items() if len(masks) == 1}
    assert len(masks) == len(found), "a phrase always means the same here"
    assert masks["leftmost dog"] == masks["left dog"] == LEFT.tobytes()
    assert masks["the rightmost dog"] == RIGHT.tobytes()
    assert masks["all dogs"] == (LEFT | RIGHT).tobytes()
    assert masks["the cup"] == MIDDLE.tobytes()
    bare = {"dog", "the dog", "a dog", "a photo of the dog", "segment the dog"}
    assert bare.isdisjoint(masks), "one of two dogs has no bare name"


def test_phrases_of_a_sample_differ_and_are_at_most_three(tmp_path: Path) -> None:
    drafts, kinds = opened(tmp_path, TWO_DOGS), Counter[bool]()
    for seed in range(100):
        made = drafts.draft(seed % len(drafts), rng(seed))
        assert 1 <= len(set(made.phrases)) == len(made.phrases) <= 3
        assert made.masks.any((1, 2)).all()
        kinds.update(phrase.startswith("[semantic]") for phrase in made.phrases)
    assert 0.3 < kinds[True] / kinds.total() < 0.65


def test_a_draft_depends_on_index_and_generator_alone(tmp_path: Path) -> None:
    drafts = opened(tmp_path, TWO_DOGS)
    first = [drafts.draft(1, rng(seed)).phrases for seed in range(10)]
    assert first == [drafts.draft(1, rng(seed)).phrases for seed in reversed(range(10))][::-1]
    assert drafts.draft(1, rng()).key == f"mine/{sorted(NAMES[:6])[1]}"


def test_no_sort_of_a_thing_that_the_label_does_not_tell(tmp_path: Path) -> None:
    person: Objects = [("person", LEFT, {})]
    folder = write_folder(tmp_path / "mine", dict.fromkeys(NAMES, person), ("person",))
    dataset = read_checked(folder, Faults())
    said = gathered(FolderDrafts(dataset, part(dataset, held_out=False)), 400)
    words = {word for phrase in said for word in phrase.split()}
    assert {"person", "human"} <= words
    assert words.isdisjoint({"boy", "girl", "man", "woman", "guy", "lady", "kid"})


def test_a_flip_keeps_what_is_written_true(tmp_path: Path) -> None:
    source = Augmented(opened(tmp_path, TWO_DOGS), Augmentation(flip=1.0))
    sides = Counter[str]()
    for seed in range(200):
        sample = source.sample(0, rng(seed))
        assert sample.variant == "flip"
        for phrase, mask in zip(sample.phrases, sample.masks, strict=True):
            side = next((s for s in ("left", "right") if s in phrase and "dog" in phrase), None)
            if side and "next" not in phrase and "of the cup" not in phrase:
                from_side = f"from {side}" in phrase or f"from the {side}" in phrase
                assert "second" not in phrase or not from_side
                centre = np.argwhere(mask)[:, 1].mean()
                assert (centre < HW[1] / 2) == (side == "left"), phrase
                sides[side] += 1
    assert min(sides["left"], sides["right"]) > 20


def test_a_crowd_is_part_of_its_class_and_of_nothing_else(tmp_path: Path) -> None:
    crowd: Objects = [("dog", LEFT, {}), ("dog", RIGHT, {"iscrowd": 1}), ("cup", MIDDLE, {})]
    found = gathered(opened(tmp_path, crowd), 200)
    assert found["[semantic] dog"] == {(LEFT | RIGHT).tobytes()}
    assert {p for p in found if "dog" in p} == {"[semantic] dog"}


def test_absent_things_have_an_empty_mask_and_only_on_request(tmp_path: Path) -> None:
    assert all(any(m) for m in gathered(opened(tmp_path / "a", TWO_DOGS)).values())
    wording = Wording(semantic=0.0, absent=1.0)
    found = gathered(opened(tmp_path / "b", TWO_DOGS, wording=wording))
    empty = {phrase for phrase, masks in found.items() if masks == {bytes(HW[0] * HW[1])}}
    assert any("cat" in p or "car" in p for p in empty)
    assert {"dog", "the dog", "dogs", "all dogs", "[semantic] dog"}.isdisjoint(empty)


def test_validation_pictures_are_never_trained_on(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine", dict.fromkeys(NAMES, TWO_DOGS))
    dataset = read_checked(folder, Faults())
    train, held = part(dataset, held_out=False), part(dataset, held_out=True)
    assert sorted(i.path.name for i in (*train, *held)) == sorted(NAMES)
    assert {i.path.name for i in held} == {n for n in NAMES if is_validation(n)}
    assert len(held) == 3


def test_facts_and_mosaics(tmp_path: Path) -> None:
    objects = {n: [("dog" if i else "cup", LEFT, {})] for i, n in enumerate(sorted(NAMES))}
    dataset = read_checked(write_folder(tmp_path / "mine", objects), Faults())
    drafts = FolderDrafts(dataset, dataset.images)
    facts = drafts.facts(0)
    assert (facts.present, facts.searched) == ({"cup"}, {"dog", "cup", "cat", "car"})
    source = Augmented(drafts, Augmentation(mosaic=1.0))
    sample = source.sample(0, rng(1))
    assert sample.variant == "mosaic"
    assert (sample.masks.sum((1, 2)) == LEFT.sum()).all()
    at = np.argwhere(sample.masks[0]).min(0)
    assert sample.pixels[tuple(at + 2)].tolist() == list(COLOURS[1])  # the colour of cups
    assert source.sample(1, rng(1)).variant == "", "seven other pictures hold a dog"


def test_a_known_folder_is_known_only_with_its_labels(tmp_path: Path) -> None:
    dataset = read_checked(write_folder(tmp_path / "coco", {NAMES[0]: TWO_DOGS}), Faults())
    assert profile_of(dataset).labels == {"dog", "cup", "cat", "car"}
    assert profile_of(dataset).foreign == frozenset()


def test_labels_that_name_nothing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "r", {NAMES[0]: [("region", LEFT, {})]}, ("region",))
    dataset = read_checked(folder, Faults())
    with pytest.raises(DataError, match="labels: expected names, got region"):
        FolderDrafts(dataset, dataset.images)


def test_a_picture_with_nothing_but_regions(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "r", {NAMES[0]: [("region", LEFT, {})]}, ("region", "dog"))
    dataset = read_checked(folder, Faults())
    with pytest.raises(NothingSaid):
        FolderDrafts(dataset, dataset.images).draft(0, rng())


def test_a_picture_of_another_size_than_its_masks(tmp_path: Path) -> None:
    from PIL import Image

    drafts = opened(tmp_path, TWO_DOGS)
    path = drafts.images[0].path
    Image.new("RGB", (50, 40)).save(path)
    with pytest.raises(DataError, match=rf"{path.name}: mine/{path.name}: picture: .*96 x 80"):
        drafts.draft(0, rng())
