from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.data.readers.conftest import Disk

from biprompt.data.labels import IGNORE, ClassMasks, LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.samples import SemanticSample
from biprompt.data.sources import Shapes
from biprompt.evaluation.open_vocabulary.composing import truth_map
from biprompt.evaluation.open_vocabulary.record import Classes

NAMES = ("rest", "horse", "rider")


def box(x0: int, y0: int, x1: int, y1: int) -> Shapes:
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)
    return Shapes((4, 6), (corners,))


def sample(tmp_path: Path, source: Any, background: int | None = None) -> SemanticSample:
    Image.new("RGB", (6, 4)).save(tmp_path / "a.png")
    return SemanticSample(Picture(tmp_path / "a.png"), 1, NAMES, source, background)


def test_of_masks_that_share_a_pixel_the_smaller_one_has_it(tmp_path: Path) -> None:
    both = ClassMasks(((1, box(0, 0, 4, 4)), (2, box(2, 0, 4, 2))))
    horse = sample(tmp_path, both)
    labels = truth_map(horse, Classes.of(horse, partial=True, ignored=False, unseen=()))
    assert labels.tolist() == [[1, 1, 2, 2, 3, 3]] * 2 + [[1, 1, 1, 1, 3, 3]] * 2


def test_a_photograph_without_labels_is_background(tmp_path: Path) -> None:
    bare = sample(tmp_path, ClassMasks(()))
    labels = truth_map(bare, Classes.of(bare, partial=True, ignored=False, unseen=()))
    assert labels.shape == (4, 6) and (labels == 3).all()


@pytest.mark.parametrize(("ignored", "rest"), [(False, 0), (True, IGNORE)])
def test_the_background_of_a_label_image(tmp_path: Path, ignored: bool, rest: int) -> None:
    Disk(tmp_path).grey("labels.png", [[0, 1, 2, 255]])
    source = LabelMap(tmp_path / "labels.png", {0: 0, 1: 1, 2: 2, 255: IGNORE})
    mapped = sample(tmp_path, source, background=0)
    classes = Classes.of(mapped, partial=False, ignored=ignored, unseen=())
    assert truth_map(mapped, classes).tolist() == [[rest, 1, 2, IGNORE]]
    assert (classes.asked, classes.rest, classes.count) == ([1, 2], 0, 3)
    assert classes.counted == ([1, 2] if ignored else [0, 1, 2])
