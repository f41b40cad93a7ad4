from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.training.evf.data.conftest import Made

from biprompt.data.faults import Faults
from biprompt.errors import DataError, ImageError
from biprompt.training.evf.data.augment import Augmentation, Augmented
from biprompt.training.evf.data.embeddings import EmbeddingStore, Features
from biprompt.training.evf.data.precompute import Done, Plan, precompute
from biprompt.training.evf.data.stream import Stream

LABELS = frozenset({"dog", "cat", "car"})
ONE, TWO = (Made(((label,),) * n, LABELS, name=label) for label, n in (("dog", 4), ("cat", 6)))


@dataclass
class Encoder:
    """Remembers what it was asked; an embedding tells its picture."""

    seen: list[int] = field(default_factory=list)

    def __call__(self, pixels: np.ndarray) -> Features:
        self.seen.append(int(pixels[0, 0, 0]))
        return {"image": torch.from_numpy(pixels[:2, :2].astype(np.float32))}


def store(root: Path) -> EmbeddingStore:
    return EmbeddingStore(root, weights="w", preprocessing="p")


def test_every_picture_once_also_if_two_sources_have_it(tmp_path: Path) -> None:
    encoder, steps = Encoder(), []
    done = precompute(Plan((ONE, TWO)), encoder, store(tmp_path), progress=steps.append)
    assert encoder.seen == [0, 10, 20, 30, 40, 50]
    assert done == Done(seen=10, total=10, computed=6) == steps[-1]
    assert [step.seen for step in steps] == list(range(1, 11))


@pytest.mark.parametrize("workers", [0, 1])
def test_training_finds_what_it_needs(tmp_path: Path, workers: int) -> None:
    sources = [Augmented(drafts, Augmentation(flip=0.5)) for drafts in (ONE, TWO)]
    plan = Plan.of(sources)
    assert plan.variants == ("", "flip") and len(plan) == 20
    made = store(tmp_path)
    precompute(plan, Encoder(), made, workers=workers)
    assert len(made) == 12
    stream, found = Stream(sources, seed=0), store(tmp_path)
    variants = set()
    for number in range(40):
        sample = stream.sample(number)
        features = found.of(sample)
        assert features is not None
        np.testing.assert_array_equal(features["image"], sample.pixels[:2, :2])
        variants.add(sample.variant)
    assert variants == {"", "flip"}


def test_it_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    class Stopped(Encoder):
        def __call__(self, pixels: np.ndarray) -> Features:
            if len(self.seen) == 3:
                raise KeyboardInterrupt
            return super().__call__(pixels)

    with pytest.raises(KeyboardInterrupt):
        precompute(Plan((TWO,)), Stopped(), store(tmp_path))
    encoder = Encoder()
    assert precompute(Plan((TWO,)), encoder, store(tmp_path)) == Done(6, 6, 3)
    assert encoder.seen == [30, 40, 50]
    assert precompute(Plan((TWO,)), Encoder(), store(tmp_path)).computed == 0


def test_processes_share_the_pictures(tmp_path: Path) -> None:
    seen = []
    for process in range(3):
        encoder = Encoder()
        done = precompute(Plan((TWO,)), encoder, store(tmp_path), process=process, processes=3)
        assert done == Done(2, 2, 2)
        seen.append(encoder.seen)
    assert seen == [[0, 30], [10, 40], [20, 50]]
    assert len(store(tmp_path)) == 6


class Broken(Made):
    def picture(self, index: int) -> np.ndarray:
        if index == 2:
            raise ImageError("image", expected="an image", actual="noise", path="two.jpg")
        return super().picture(index)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_broken_picture(tmp_path: Path, workers: int) -> None:
    plan = Plan((Broken(TWO.labels, LABELS),))
    with pytest.raises(ImageError, match=r"two\.jpg"):
        precompute(plan, Encoder(), store(tmp_path), workers=workers)
    faults = Faults(skip=True)
    done = precompute(plan, Encoder(), store(tmp_path), faults=faults, workers=workers)
    assert (done.seen, len(store(tmp_path)), faults.count) == (6, 5, 1)


def test_changes_without_end_cannot_be_embedded_beforehand() -> None:
    source = Augmented(ONE, Augmentation(light=0.1))
    with pytest.raises(DataError, match="source 'dog': expected no change but flips"):
        Plan.of([source])


def test_the_size_is_known_before() -> None:
    plan = Plan((ONE, TWO), ("", "flip"))
    shapes = {"image": (256, 64, 64), "fine": (32, 256, 256)}
    assert plan.estimate(shapes) == 20 * 2 * (256 * 64 * 64 + 32 * 256 * 256)
    assert plan.estimate({"image": (256, 64, 64)}, "float32") == 20 * 2**22


def test_the_size_is_that_of_the_store(tmp_path: Path) -> None:
    def encoder(pixels: np.ndarray) -> Features:
        return {"image": torch.full((32, 4), float(pixels[0, 0, 0]))}

    plan, made = Plan((TWO,)), store(tmp_path)
    precompute(plan, encoder, made)
    assert made.nbytes == plan.estimate({"image": (32, 4)}) == 6 * 256
