from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.data.readers.conftest import Disk
from tests.data.readers.test_refer import ref, sentence
from tests.training.conftest import file_names, write_folder
from tests.training.evf.data.test_folder import TWO_DOGS
from tests.training.evf.data.test_referring import CUP, PLATE, annotation, of, write

from biprompt.data.faults import Faults
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.training.evf.data.augment import Augmentation
from biprompt.training.evf.data.opening import (
    FOLDER,
    RATIOS,
    Opening,
    SourceSpec,
    open_drafts,
    open_held_out,
    open_stream,
)


@pytest.fixture
def coco_sets(disk: Disk) -> Disk:
    """RefCOCO trains on pictures 9 and 10; RefCOCO+ trains on 9 and tests on 10."""
    masks = [annotation(5, CUP), annotation(6, PLATE, 10, category=4)]
    on_10 = ref(2, "train", sentence(2, "dog on plate"), ann=6)
    refs = [ref(1, "train", sentence(1, "cup"), ann=5), of(10, on_10)]
    write(disk, refs, masks)
    plus = [refs[0], of(10, ref(2, "testA", sentence(2, "dog"), ann=6))]
    write(disk, plus, masks, "refcoco+")
    return disk


def test_what_one_set_tests_on_no_set_trains_on(coco_sets: Disk) -> None:
    specs = [SourceSpec(name, coco_sets.root) for name in ("refcoco", "refcoco+")]
    both = open_stream(specs, Opening(), seed=0)
    assert [len(source) for source in both.sources] == [1, 1]
    assert [len(s) for s in open_stream(specs[:1], Opening(), seed=0).sources] == [2]
    as_published = open_stream(specs, Opening(drop_held_out=False), seed=0)
    assert [len(source) for source in as_published.sources] == [2, 1]


def test_what_is_where_is_read_for_mosaics_only(coco_sets: Disk) -> None:
    spec = SourceSpec("refcoco", coco_sets.root)
    assert open_drafts(spec, Opening(), Faults()).facts(0) is None
    how = Opening(augmentation=Augmentation(mosaic=0.1))
    drafts = open_drafts(spec, how, Faults())
    facts = [drafts.facts(i) for i in range(2)]
    assert [f.present for f in facts if f] == [{"cup"}, {"dog"}]
    assert all(f.searched == {"cup", "dog"} for f in facts if f)
    assert drafts.draft(1, np.random.default_rng(0)).about == ({"dog"},) or drafts.meanings


def test_held_out_are_all_sentences_of_the_validation_split(disk: Disk) -> None:
    said = [sentence(i, f"cup {i}") for i in range(5)]
    refs = [ref(1, "val", *said, ann=5), of(10, ref(2, "train", sentence(9, "x"), ann=6))]
    write(disk, refs, [annotation(5, CUP), annotation(6, PLATE, 10)])
    (held,) = open_held_out([SourceSpec("refcoco", disk.root)], Opening(most=2))
    (sample,) = held
    assert sample.phrases == tuple(f"cup {i}" for i in range(5))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = file_names(6, validation=False) + file_names(9, validation=True)
    return write_folder(tmp_path / "mine", dict.fromkeys(names, TWO_DOGS))


def test_held_out_pictures_of_a_folder_are_a_fixed_list(folder: Path) -> None:
    specs = [SourceSpec(FOLDER, folder)]
    (held,) = open_held_out(specs, Opening(augmentation=Augmentation(flip=1.0)))
    again = open_held_out(specs, Opening())[0]
    assert len(held) == 9
    assert [s.phrases for s in held] == [again[i].phrases for i in reversed(range(9))][::-1]
    assert all(s.variant == "" and 3 < len(s.phrases) <= 6 for s in held)
    few = open_held_out(specs, Opening(), limit=4)[0]
    assert [s.key for s in few] == sorted(s.key for s in few)
    keys = {s.key for s in held}
    assert len({s.key for s in few} & keys) == len(few) == 4
    trained = {s.key for s in map(open_stream(specs, Opening(), seed=0).sample, range(50))}
    assert len(trained) == 6 and trained.isdisjoint(keys)
    assert [s.key for s in held[2:4]] == [held[2].key, held[3].key]


def test_a_mixture_of_unlike_sets(disk: Disk, folder: Path) -> None:
    disk.photo("images/training/a.jpg", (2, 4))
    disk.grey("annotations/training/a.png", [[1, 2, 3, 4]] * 2)
    specs = [SourceSpec("ade20k", disk.root), SourceSpec(FOLDER, folder, 0.75)]
    stream = open_stream(specs, Opening(), seed=0)
    assert stream.shares == (250, 750)
    keys = [stream.sample(n).key.split("/")[0] for n in range(400)]
    assert abs(keys.count("ade20k") - 100) < 40
    assert set(keys) == {"ade20k", "mine"}


def test_ratios_of_the_published_code() -> None:
    refer = [RATIOS[name] for name in ("refclef", "refcoco", "refcoco+", "refcocog-umd")]
    assert len(set(refer)) == 1
    assert sum(refer) == 3 * RATIOS["objects365"]
    assert SourceSpec("refcoco", Path()).share == 0.75
    assert SourceSpec("phrasecut", Path()).share == 1.0
    assert SourceSpec("refcoco", Path(), 2.0).share == 2.0


@pytest.mark.parametrize("name", ["sbd", "flare22", "pascal-5i", "coco"])
def test_sets_that_cannot_be_trained_on(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"data set to train on: expected refcoco, .*, got {name}"):
        open_stream([SourceSpec(name, tmp_path)], Opening(), seed=0)


def test_a_folder_without_training_pictures(tmp_path: Path) -> None:
    names = file_names(2, validation=True)
    root = write_folder(tmp_path / "mine", dict.fromkeys(names, TWO_DOGS))
    with pytest.raises(DataError, match="source 'mine': expected samples, got none"):
        open_stream([SourceSpec(FOLDER, root)], Opening(), seed=0)


def test_faults_of_all_sets_come_together(folder: Path) -> None:
    broken = next(p for p in sorted(folder.glob("images/*.png")) if not is_validation(p))
    broken.write_bytes(b"no image")
    faults = Faults(skip=True)
    stream = open_stream([SourceSpec(FOLDER, folder)], Opening(), seed=0, faults=faults)
    keys = {stream.sample(n).key for n in range(60)}
    assert f"mine/{broken.name}" not in keys
    assert len(keys) == 5
    (line,) = faults.lines()[1:]
    assert str(broken) in line


def test_a_fault_of_a_file_that_is_opened_twice_counts_once(folder: Path) -> None:
    document = json.loads((folder / "instances.json").read_text())
    document["annotations"][0]["segmentation"] = []
    (folder / "instances.json").write_text(json.dumps(document))
    faults = Faults(skip=True)
    open_stream([SourceSpec(FOLDER, folder)], Opening(), seed=0, faults=faults)
    open_held_out([SourceSpec(FOLDER, folder)], Opening(), faults=faults)
    assert faults.count == 1
