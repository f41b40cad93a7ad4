"""NIfTI in and out; geometry compared as bytes of the files, and beside nibabel."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.io.medical.phantoms import AFFINES, SECRETS, save_nifti

from biprompt.errors import ImageError, InputError, MissingExtraError
from biprompt.io.medical.dicom_seg import Algorithm
from biprompt.io.medical.files import open_volume, write_labels
from biprompt.io.medical.nifti import label_map, read_nifti
from biprompt.io.medical.views import Axis
from biprompt.io.medical.volume import Volume

nibabel = pytest.importorskip("nibabel")

SHAPE = (5, 4, 3)
BY = Algorithm("fake", "0", True)
# Bytes of the NIfTI-1 header: pixdim, xyzt_units, and from qform_code to srow_z.
GEOMETRY = (slice(76, 108), slice(123, 124), slice(252, 328))


def values() -> np.ndarray:
    return np.arange(60, dtype=np.int16).reshape(SHAPE) * 10 - 300


def labels() -> np.ndarray:
    return (np.arange(60).reshape(SHAPE) % 3).astype(np.uint8)


def geometry(path: Path) -> list[bytes]:
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return [data[part] for part in GEOMETRY]


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("name", AFFINES)
def test_geometry_comes_back_to_the_last_bit(tmp_path: Path, name: str, ending: str) -> None:
    source = save_nifti(tmp_path / f"a{ending}", values(), AFFINES[name])
    volume = open_volume(source)
    out = tmp_path / f"out{ending}"
    write_labels(out, labels(), ["a", "b"], volume, BY)
    assert geometry(out) == geometry(source)
    before, after = nibabel.load(source), nibabel.load(out)
    assert before.affine.tobytes() == after.affine.tobytes() == volume.affine.tobytes()
    assert after.get_data_dtype() == np.uint8
    np.testing.assert_array_equal(np.asarray(after.dataobj), labels())


@pytest.mark.parametrize("codes", [(1, 0), (0, 2), (2, 1), (0, 0), (3, 4)])
def test_codes_of_both_forms_are_kept(tmp_path: Path, codes: tuple[int, int]) -> None:
    image = nibabel.Nifti1Image(values(), AFFINES["oblique"])
    image.set_qform(AFFINES["oblique flipped"], code=1)
    image.header["qform_code"], image.header["sform_code"] = codes
    # Written by hand, as nibabel would make both forms agree with the affine.
    data = bytearray(image.to_bytes())
    data[252:256] = np.array(codes, "<i2").tobytes()
    source, out = tmp_path / "a.nii", tmp_path / "out.nii"
    source.write_bytes(data)
    volume = read_nifti(source)
    write_labels(out, labels(), ["a"], volume, BY)
    assert geometry(out) == geometry(source)
    assert nibabel.load(out).affine.tobytes() == nibabel.load(source).affine.tobytes()
    assert bool(volume.notes) == (codes == (0, 0))


def test_nifti_2_and_big_endian_keep_their_numbers(tmp_path: Path) -> None:
    affine = AFFINES["oblique"]
    second = tmp_path / "second.nii"
    nibabel.save(nibabel.Nifti2Image(values(), affine), second)
    write_labels(tmp_path / "b.nii", labels(), ["a"], read_nifti(second), BY)
    again = nibabel.load(tmp_path / "b.nii")
    assert isinstance(again, nibabel.Nifti2Image)
    assert again.affine.tobytes() == nibabel.load(second).affine.tobytes() == affine.tobytes()
    big = nibabel.Nifti1Image(values().astype(">i2"), affine,
                              nibabel.Nifti1Header(endianness=">"))  # fmt: skip
    nibabel.save(big, tmp_path / "big.nii")
    volume = read_nifti(tmp_path / "big.nii")
    np.testing.assert_array_equal(volume.voxels[:, :, :], values())
    write_labels(tmp_path / "c.nii", labels(), ["a"], volume, BY)
    assert nibabel.load(tmp_path / "c.nii").affine.tobytes() == volume.affine.tobytes()


def test_texts_and_extensions_of_the_header_are_left_behind(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(values(), np.eye(4))
    image.header["descrip"], image.header["aux_file"] = SECRETS[0], SECRETS[1]
    image.header["db_name"], image.header["intent_name"] = SECRETS[2], SECRETS[3]
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension(6, SECRETS[5].encode()))
    source, out = tmp_path / f"{SECRETS[6]}.nii", tmp_path / "out.nii"
    nibabel.save(image, source)
    assert all(secret.encode() in source.read_bytes() for secret in SECRETS[:4])
    volume = read_nifti(source)
    write_labels(out, labels(), ["a"], volume, BY)
    assert not [s for s in SECRETS if s.encode() in out.read_bytes() or s in repr(volume)]


def test_rescale_slope_and_intercept(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(values(), np.eye(4))
    image.header.set_slope_inter(0.5, -7)
    data = bytearray(image.to_bytes())
    raw = np.frombuffer(bytes(data[352:]), "<i2").reshape(SHAPE, order="F")
    (tmp_path / "a.nii").write_bytes(data)
    plane = read_nifti(tmp_path / "a.nii").plane(Axis.AXIAL, 1)
    assert plane.dtype == np.float32
    np.testing.assert_allclose(plane, raw[::-1, ::-1, 1].T * 0.5 - 7)


def test_metres_and_microns(tmp_path: Path) -> None:
    for unit, length in (("meter", 0.002), ("mm", 2.0), ("micron", 2000.0)):
        image = nibabel.Nifti1Image(values(), np.diag([length, length, length, 1]))
        image.header.set_xyzt_units(unit)
        nibabel.save(image, tmp_path / f"{unit}.nii")
        volume = read_nifti(tmp_path / f"{unit}.nii")
        assert volume.voxel_ml == pytest.approx(0.008)
        assert volume.spacing == pytest.approx((2.0, 2.0, 2.0))


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    volume = open_volume(save_nifti(tmp_path / "a.nii.gz", values(), AFFINES["LAS"]))
    first, second = (label_map(labels(), volume, compressed=True) for _ in range(2))
    assert first == second


def test_arrays_and_dicom_get_a_header_of_their_own() -> None:
    volume = Volume(values(), AFFINES["oblique"])
    image = nibabel.Nifti1Image.from_bytes(label_map(labels(), volume, compressed=False))
    np.testing.assert_allclose(image.affine, AFFINES["oblique"], rtol=1e-6)
    assert int(image.header["sform_code"]) == int(image.header["qform_code"]) == 1


def test_a_fourth_axis_of_one_is_left_out(tmp_path: Path) -> None:
    source = save_nifti(tmp_path / "a.nii.gz", values()[..., None], np.eye(4))
    volume = read_nifti(source)
    assert volume.shape == SHAPE
    np.testing.assert_array_equal(volume.voxels[:, :, 1], values()[:, :, 1])


@pytest.mark.parametrize(
    ("array", "named"),
    [
        (np.zeros((4, 4, 3, 5), np.int16), "three axes, got 4 axes, 4 x 4 x 3 x 5; a series in"),
        (np.zeros((4, 4), np.int16), "three axes, got 2 axes"),
        (np.zeros((4, 4, 3), np.complex64), "one number each"),
        (np.zeros((4, 4, 3), [("R", "u1"), ("G", "u1"), ("B", "u1")]), "one number each"),
    ],
)
def test_what_is_no_volume(tmp_path: Path, array: np.ndarray, named: str) -> None:
    source = save_nifti(tmp_path / f"{SECRETS[6]}.nii", array, np.eye(4))
    with pytest.raises(ImageError, match=named) as caught:
        read_nifti(source).plane(Axis.AXIAL, 0)
    assert SECRETS[6] not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 100, 348, 360])
def test_damaged_files_are_not_named(tmp_path: Path, cut: int) -> None:
    whole = nibabel.Nifti1Image(values(), np.eye(4)).to_bytes()
    for ending, data in ((".nii", whole[:cut]), (".nii.gz", gzip.compress(whole)[: cut // 4])):
        source = tmp_path / f"{SECRETS[6]}{ending}"
        source.write_bytes(data)
        with pytest.raises(ImageError, match="expected a NIfTI file") as caught:
            read_nifti(source).plane(Axis.AXIAL, 2)
        assert SECRETS[6] not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_missing_files_and_series(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="nothing of this name"):
        open_volume(tmp_path / "a.nii")
    source = save_nifti(tmp_path / "b.nii", values(), np.eye(4))
    with pytest.raises(InputError, match="NIfTI has no series"):
        open_volume(source, series="2")


def test_labels_that_do_not_fit() -> None:
    volume = Volume(values(), np.eye(4))
    for wrong in (labels()[1:], labels().astype(np.int16)):
        with pytest.raises(InputError, match="label map: expected shape"):
            label_map(wrong, volume, compressed=False)


def test_without_nibabel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[medical\]"):
        open_volume(tmp_path / "a.nii")
