from __future__ import annotations

from typing import Any

import pytest

from biprompt.data.readers.presence import read_presence
from biprompt.errors import DataError


def test_categories_in_images(disk: Any) -> None:
    pairs = [(1, 3), (1, 3), (1, 4), (2, 4), (9, 77)]
    marks = [{"id": i, "image_id": a, "category_id": c} for i, (a, c) in enumerate(pairs)]
    path = disk.json("instances.json", {
        "annotations": marks,
        "images": [{"id": i} for i in (1, 2, 3, 9)],
        "categories": [{"id": 3, "name": "cup"}, {"id": 4, "name": "dog"}],
    })  # fmt: skip
    presence = read_presence(path)
    assert presence.categories == {"cup", "dog"}
    assert presence.by_image == {1: {"cup", "dog"}, 2: {"dog"}, 9: frozenset()}


def test_a_missing_key(disk: Any) -> None:
    path = disk.json("instances.json", {"annotations": [{"id": 1, "image_id": 2}]})
    with pytest.raises(DataError, match=r"instances\.json: key 'category_id'"):
        read_presence(path)
