"""A tiny COCO folder, and a recipe that trains on it in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from biprompt.data.splits import is_validation
from biprompt.masks import rle_encode
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.photos import load_folders
from biprompt.training.compact.recipe import CompactRecipe, load_recipe
from biprompt.zoo.words import WordTable

HW = (80, 96)
LABELS = ("dog", "cup", "cat", "car")
COLOURS = ((200, 40, 40), (40, 170, 60), (240, 240, 240), (50, 70, 200))


def rectangle(top: int, left: int, bottom: int, right: int, hw: tuple[int, int] = HW) -> np.ndarray:
    mask = np.zeros(hw, bool)
    mask[top:bottom, left:right] = True
    return mask


def annotation(
    number: int, image: int, label: int, mask: np.ndarray, **more: Any
) -> dict[str, Any]:
    ys, xs = np.nonzero(mask)
    box = [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1]
    return {
        "id": number,
        "image_id": image,
        "category_id": label,
        "segmentation": rle_encode(mask),
        "area": int(mask.sum()),
        "bbox": [int(v) for v in box],
        "iscrowd": 0,
    } | more


def write_folder(
    root: Path,
    photos: dict[str, list[tuple[str, np.ndarray, dict[str, Any]]]],
    labels: tuple[str, ...] = LABELS,
) -> Path:
    """Write photographs with flat objects: file name -> label, mask and further keys of each."""
    (root / "images").mkdir(parents=True)
    images, annotations = [], []
    for number, (name, objects) in enumerate(photos.items(), 1):
        pixels = np.random.default_rng(number).integers(90, 120, (*HW, 3), np.uint8)
        for label, mask, more in objects:
            index = labels.index(label)
            pixels[mask] = COLOURS[index % len(COLOURS)]
            annotations.append(annotation(len(annotations) + 1, number, index + 1, mask, **more))
        Image.fromarray(pixels).save(root / "images" / name)
        images.append({"id": number, "file_name": name, "height": HW[0], "width": HW[1]})
    categories = [{"id": i + 1, "name": label} for i, label in enumerate(labels)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (root / "instances.json").write_text(json.dumps(document))
    return root


def file_names(count: int, *, validation: bool) -> list[str]:
    """Return names that fall to one side of the split."""
    names = (f"photo-{i}.png" for i in range(10_000))
    chosen = (name for name in names if is_validation(name) == validation)
    return [next(chosen) for _ in range(count)]


def some_objects(seed: int) -> list[tuple[str, np.ndarray, dict[str, Any]]]:
    """Return two or three rectangles in their own columns."""
    rng = np.random.default_rng(seed)
    objects = []
    for column in range(int(rng.integers(2, 4))):
        top, left = int(rng.integers(4, 30)), 2 + 32 * column + int(rng.integers(0, 6))
        mask = rectangle(top, left, top + int(rng.integers(20, 40)), left + 22)
        objects.append((LABELS[int(rng.integers(len(LABELS)))], mask, {}))
    return objects


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds one COCO folder, `things`: eight photographs to train on, three not."""
    root = tmp_path_factory.mktemp("data")
    names = file_names(8, validation=False) + file_names(3, validation=True)
    write_folder(root / "things", {name: some_objects(i) for i, name in enumerate(names)})
    return root


@pytest.fixture(scope="session")
def words() -> WordTable:
    return WordTable.load()


@pytest.fixture(scope="session")
def bank(data: Path) -> SceneBank:
    return SceneBank(load_folders(data, {"things": 1.0}, validation=False))


TINY = {
    "folders": {"things": 1.0},
    "batch": 2,
    "size": 64,
    "late_size": 64,
    "steps": 6,
    "warmup": 2,
    "frozen_blocks": 0,
    "precision": "no",
    "workers": 0,
    "threads": 1,
    "log_every": 1,
    "save_minutes": 1000.0,
    "paste_rate": 0.5,
    "mosaic_rate": 0.3,
}


@pytest.fixture(scope="session")
def tiny() -> CompactRecipe:
    return load_recipe(None, TINY)


@pytest.fixture(autouse=True)
def _few_threads() -> Any:
    """Leave torch as it was: the recipe sets the threads of the whole process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
