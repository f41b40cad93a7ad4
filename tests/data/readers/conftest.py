"""Writes small data sets in their official layouts."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

HW = (6, 8)


class Disk:
    """A folder that tests fill; paths are relative to it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def at(self, path: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def photo(self, path: str, hw: tuple[int, int] = HW) -> Path:
        height, width = hw
        rows, columns = np.mgrid[:height, :width]
        pixels = np.stack([rows * 9, columns * 9, rows + columns], axis=2).astype(np.uint8)
        Image.fromarray(pixels).save(self.at(path))
        return self.root / path

    def grey(self, path: str, values: Any, dtype: Any = np.uint8) -> Path:
        Image.fromarray(np.asarray(values, dtype)).save(self.at(path))
        return self.root / path

    def palette(self, path: str, indices: Any, colours: list[int]) -> Path:
        image = Image.fromarray(np.asarray(indices, np.uint8), "P")
        image.putpalette(colours)
        image.save(self.at(path))
        return self.root / path

    def json(self, path: str, content: Any) -> Path:
        self.at(path).write_text(json.dumps(content), "utf-8")
        return self.root / path

    def text(self, path: str, content: str) -> Path:
        self.at(path).write_text(content, "utf-8")
        return self.root / path

    def pickle(self, path: str, content: Any, protocol: int = 2) -> Path:
        self.at(path).write_bytes(pickle.dumps(content, protocol))
        return self.root / path


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)
