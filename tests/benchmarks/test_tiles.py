"""The large image of the benchmark, and what counts as found in it."""

from __future__ import annotations

import numpy as np
import rasterio
from PIL import Image

from benchmarks import tiles


def test_both_files_hold_the_same_photographs(tmp_path, monkeypatch):
    monkeypatch.setattr(tiles, "CELL", 40)
    tiles.make_images(tmp_path, 120)
    png = np.asarray(Image.open(tmp_path / "large.png"))
    with rasterio.open(tmp_path / "large.tif") as file:
        assert file.crs == "EPSG:32633"
        tiff = np.moveaxis(file.read(), 0, -1)
    assert png.shape == tiff.shape == (120, 120, 3)
    assert np.abs(png.astype(int) - tiff).mean() < 12  # JPEG
    # The same photograph stands again three cells on along a diagonal's neighbour.
    assert np.array_equal(png[:40, 40:80], png[40:80, :40])
    assert not np.array_equal(png[:40, :40], png[:40, 40:80])


def test_cells_are_counted_by_what_they_show(monkeypatch):
    monkeypatch.setattr(tiles, "CELL", 10)
    mask = np.zeros((30, 30), np.bool_)
    mask[:10, 10:20] = True  # row 0, column 1: a cat
    mask[10:20, 0] = True  # a tenth of row 1, column 0: a cat
    mask[20:22, 20:22] = True  # 4 % of row 2, column 2: a cat, too little
    mask[20:30, 0:5] = True  # row 2, column 0: none
    assert tiles._cats(mask) == {
        "cat_cells": 3, "cells_found": 2, "other_cells": 6, "other_cells_marked": 1,
    }  # fmt: skip


def test_the_table_stands_beside_the_plain_way():
    one = {"looks": 7, "processor_seconds": 3.2, "seconds": 4.0, "peak_bytes": 5e8, "cat_cells": 4,
           "cells_found": 4, "other_cells": 8, "other_cells_marked": 1}  # fmt: skip
    found = {
        task: {**one, "peak_bytes": 2e9 if task == "plain-tiff" else 5e8} for task in tiles.TASKS
    }
    text = tiles.markdown({"side": 12000, "cell": 1000, "tasks": found, "machine": tiles.facts()})
    assert "| words, GeoTIFF by tiles | 7 | 3 | 4 | 0.50 | 0.25 | 4 of 4 | 1 of 8 |" in text
