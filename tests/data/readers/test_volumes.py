"""FLARE22: CT volumes in NIfTI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError, MissingExtraError

SHAPE = (4, 3, 2)
"""To the right, to the front, to the head."""


def save(path: Path, values: np.ndarray, directions: tuple[int, int, int] = (1, 1, 1)) -> None:
    nibabel = pytest.importorskip("nibabel")
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, np.diag([*directions, 1.0])), path)


def volume() -> np.ndarray:
    return (np.arange(24).reshape(SHAPE) * 10 - 100).astype(np.int16)


def organs() -> np.ndarray:
    labels = np.zeros(SHAPE, np.int16)
    labels[3, 2, 1] = 13
    labels[0, 0, 0] = 1
    return labels


@pytest.mark.parametrize("images", ["images", "imagesTr", "FLARE22Train/images"])
def test_flare22(tmp_path: Path, images: str) -> None:
    save(tmp_path / images / "FLARE22_Tr_0001_0000.nii.gz", volume())
    save(tmp_path / images.replace("images", "labels") / "FLARE22_Tr_0001.nii.gz", organs())
    (case,) = read_dataset("flare22", tmp_path)
    assert (case.image_id, len(case.organs)) == ("FLARE22_Tr_0001", 13)
    low, high = case.slices()
    assert (low.index, high.index) == (0, 1)
    assert low.values.dtype == np.float32
    # Row 0 is the front and column 0 the patient's right, the highest of both axes.
    assert high.values[0, 0] == volume()[3, 2, 1]
    assert (high.labels[0, 0], low.labels[2, 3]) == (13, 1)
    assert high.labels.sum() == 13
    for plane, labels in zip((low, high), case.labels(), strict=True):
        np.testing.assert_array_equal(labels, plane.labels)


def test_the_stored_order_of_the_axes_makes_no_difference(tmp_path: Path) -> None:
    for name, turned in (("a", False), ("b", True)):
        step = -1 if turned else 1
        directions = (-1, -1, 1) if turned else (1, 1, 1)
        for folder, values, ending in (("images", volume(), "_0000"), ("labels", organs(), "")):
            path = tmp_path / folder / f"{name}{ending}.nii.gz"
            save(path, values[::step, ::step], directions)
    plain, turned_case = read_dataset("flare22", tmp_path)
    for a, b in zip(plain.slices(), turned_case.slices(), strict=True):
        np.testing.assert_array_equal(a.values, b.values)
        np.testing.assert_array_equal(a.labels, b.labels)


def test_pixels_are_grey_within_the_window(tmp_path: Path) -> None:
    save(tmp_path / "images/a_0000.nii.gz", volume())
    save(tmp_path / "labels/a.nii.gz", organs())
    plane = next(read_dataset("flare22", tmp_path)[0].slices())
    pixels = plane.pixels((-100.0, 100.0))
    assert (pixels.shape, pixels.dtype) == ((3, 4, 3), np.uint8)
    assert (pixels[2, 3] == 0).all()
    assert (pixels[0, 0] == 255).all()


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (np.full(SHAPE, 14, np.int16), "from 0 to 13"),
        (np.full(SHAPE, 0.5, np.float32), "whole numbers"),
        (np.zeros((4, 3, 3), np.int16), "labels: expected 4 x 3 x 2 voxels"),
        (np.zeros((4, 3), np.int16), "three axes"),
    ],
)
def test_labels_that_do_not_fit(tmp_path: Path, labels: Any, named: str) -> None:
    save(tmp_path / "images/a_0000.nii.gz", volume())
    save(tmp_path / "labels/a.nii.gz", labels)
    (case,) = read_dataset("flare22", tmp_path)
    with pytest.raises(DataError, match=named):
        list(case.slices())


def empty_case(root: Path) -> Any:
    for name in ("images/a_0000.nii.gz", "labels/a.nii.gz"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(b"no volume")
    return read_dataset("flare22", root)[0]


def test_damaged_volumes(tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    with pytest.raises(DataError, match=r"a_0000\.nii\.gz: volume: expected a NIfTI file"):
        list(empty_case(tmp_path).slices())


def test_without_nibabel_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[medical\]"):
        list(empty_case(tmp_path).slices())


def test_missing_files(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match=r"labels: folder: .* or FLARE22Train/labels or labelsTr"):
        read_dataset("flare22", tmp_path)
    (tmp_path / "labels").mkdir()
    with pytest.raises(DataError, match="biprompt data where flare22"):
        read_dataset("flare22", tmp_path)
    (tmp_path / "labels/a.nii.gz").touch()
    with pytest.raises(DataError, match=r"a_0000\.nii\.gz: file"):
        read_dataset("flare22", tmp_path)
