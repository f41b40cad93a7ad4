from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.data.readers.conftest import Disk

from biprompt.data.faults import Faults
from biprompt.errors import DataError
from biprompt.training.evf.data.objects import ObjectDrafts
from biprompt.training.evf.data.opening import Opening, SourceSpec, open_drafts

ONE, TWO = [1, 1, 4, 1, 4, 3, 1, 3], [3, 2, 6, 2, 6, 5, 3, 5]
CATEGORIES = ["Person", "Cup", "Cabinet/shelf", "Dog", "Hat", "Flag"]


def entry(number: int, category: int, outline: Any, **more: Any) -> dict[str, Any]:
    named = {"id": number, "image_id": 1, "category_id": category}
    return named | {"segmentation": [outline]} | more


def opened(disk: Disk, entries: list[Any], faults: Faults | None = None) -> ObjectDrafts:
    disk.photo("train/a.jpg", (6, 8))
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "height": 6, "width": 8}],
        "categories": [{"id": i, "name": name} for i, name in enumerate(CATEGORIES)],
        "annotations": entries,
    }
    disk.json("objects365_train.json", document)
    drafts = open_drafts(SourceSpec("objects365", disk.root), Opening(), faults or Faults())
    assert isinstance(drafts, ObjectDrafts)
    return drafts


def test_only_categories_with_one_instance_are_asked_for(disk: Disk) -> None:
    drafts = opened(disk, [entry(1, 0, ONE), entry(2, 0, TWO), entry(3, 1, ONE), entry(4, 2, TWO)])
    made = drafts.draft(0, np.random.default_rng(0))
    masks = dict(zip(made.phrases, made.masks, strict=True))
    assert set(masks) == {"cup", "cabinet/shelf"}, "two people; names in lower case, no prefix"
    assert masks["cup"][1:3, 1:4].all() and masks["cup"].sum() == 6


def test_at_most_three(disk: Disk) -> None:
    drafts = opened(disk, [entry(i, i, ONE) for i in range(6)])
    made = [drafts.draft(0, np.random.default_rng(seed)).phrases for seed in range(30)]
    assert all(len(set(phrases)) == 3 for phrases in made)
    assert len({phrase for phrases in made for phrase in phrases}) == 6


def test_two_points_are_no_polygon(disk: Disk) -> None:
    entries = [entry(1, 0, ONE), entry(2, 1, [1, 1, 4, 3])]
    with pytest.raises(
        DataError, match=r"annotation 2: polygon: expected at least 3 points, got 2"
    ):
        opened(disk, entries)
    faults = Faults(skip=True)
    assert opened(disk, entries, faults).draft(0, np.random.default_rng(0)).phrases == ("person",)
    assert faults.count == 1


def test_a_category_that_is_not_listed(disk: Disk) -> None:
    with pytest.raises(DataError, match="annotation 1: category: expected one with a name"):
        opened(disk, [entry(1, 77, ONE)])
