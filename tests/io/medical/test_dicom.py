"""DICOM series that the tests write: order, place, units, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.io.medical.phantoms import AFFINES, SECRETS, save_dicom, save_nifti

from biprompt.errors import ImageError, InputError
from biprompt.io.medical.dicom import read_dicom
from biprompt.io.medical.files import open_volume
from biprompt.io.medical.kinds import is_volume
from biprompt.io.medical.views import Axis
from biprompt.io.medical.volume import Modality, Volume

pydicom = pytest.importorskip("pydicom")

SHAPE = (6, 5, 4)


def values() -> np.ndarray:
    return (np.arange(120).reshape(SHAPE) * 9 - 500).astype(np.int16)


def silent(error: BaseException) -> bool:
    """Whether a message, and what a traceback would show behind it, names nobody."""
    chain = [error] if error.__suppress_context__ else [error, error.__context__]
    return not [s for s in SECRETS for e in chain if s in str(e)]


def test_a_series_is_ordered_and_seen_as_the_same_nifti(tmp_path: Path) -> None:
    save_dicom(tmp_path / "s", values())
    save_nifti(tmp_path / "a.nii", values(), AFFINES["RAS"])
    dicom, nifti = open_volume(tmp_path / "s"), open_volume(tmp_path / "a.nii")
    assert (dicom.shape, dicom.orientation, dicom.modality) == (SHAPE, "LPS", Modality.CT)
    np.testing.assert_allclose(dicom.spacing, (1.5, 1.25, 3.0))
    for axis in Axis:
        for index in range(nifti.count(axis)):
            np.testing.assert_array_equal(dicom.plane(axis, index), nifti.plane(axis, index))
    np.testing.assert_array_equal(dicom.loaded().voxels, dicom.voxels[:, :, :])


def test_the_affine_by_hand(tmp_path: Path) -> None:
    """C.7.6.2.1.1: column i, row j lies at position + i * along + j * down; then to RAS."""
    turn = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # sagittal: columns to the back, rows to the feet
    save_dicom(tmp_path, values(), turn=turn, spacing=(0.5, 0.75, 2.0))
    volume = read_dicom(tmp_path)
    assert volume.orientation == "PIR"[:2] + ("R" if volume.affine[0, 2] > 0 else "L")
    # The normal, along x down, is (-1, 0, 0): to the right, where the file counts to the left.
    expected = [[0, 0, 2.0, 50], [-0.5, 0, 0, 40], [0, -0.75, 0, 7], [0, 0, 0, 1]]
    np.testing.assert_allclose(volume.affine, expected)


def test_oblique_slices_and_a_tilted_gantry(tmp_path: Path) -> None:
    c, s = np.cos(0.3), np.sin(0.3)
    save_dicom(tmp_path / "oblique", values(), turn=(c, 0.0, s, 0.0, 1.0, 0.0))
    oblique = read_dicom(tmp_path / "oblique")
    np.testing.assert_allclose(oblique.spacing, (1.5, 1.25, 3.0), rtol=1e-6)
    assert oblique.orientation == "LPS"
    save_dicom(tmp_path / "tilted", values(), tilt=0.8)
    tilted = read_dicom(tmp_path / "tilted")
    # A shear moves slices against each other and leaves every voxel as large as it was.
    assert tilted.voxel_ml == pytest.approx(1.5 * 1.25 * 3.0 / 1000)
    assert tilted.spacing[2] == pytest.approx(np.hypot(3.0, 0.8))


def test_rescaling_is_applied_slice_by_slice(tmp_path: Path) -> None:
    paths = save_dicom(tmp_path, values(), RescaleSlope="2.5", RescaleIntercept="-1024")
    one = pydicom.dcmread(paths[1])
    one.RescaleSlope = "0.5"
    one.save_as(paths[1])
    volume = read_dicom(tmp_path)
    right = values()[::-1, ::-1].astype(float)
    np.testing.assert_allclose(volume.voxels[:, :, 0], right[..., 0] * 2.5 - 1024)
    np.testing.assert_allclose(volume.voxels[:, :, 1], right[..., 1] * 0.5 - 1024)


def test_padding_is_air_in_ct_and_black_elsewhere(tmp_path: Path) -> None:
    plain = values()
    plain[2, 2, :] = -2000
    plain[3, 3, :] = -1990
    for modality, limit, expected in (
        ("CT", None, (-1000.0, -1990.0)),
        ("CT", -1990, (-1000.0, -1000.0)),
        ("MR", -1990, None),
    ):
        folder = tmp_path / f"{modality}{limit}"
        tags: dict[str, Any] = {"PixelPaddingValue": -2000, "Modality": modality}
        if limit is not None:
            tags["PixelPaddingRangeLimit"] = limit
        save_dicom(folder, plain, **tags)
        plane = read_dicom(folder).voxels[:, :, 1][::-1, ::-1]
        lowest = np.delete(values()[..., 1].ravel(), [2 * 5 + 2, 3 * 5 + 3]).min()
        assert (plane[2, 2], plane[3, 3]) == (expected or (lowest, lowest))


def test_monochrome1_is_told_and_its_values_are_left_alone(tmp_path: Path) -> None:
    save_dicom(tmp_path, values(), PhotometricInterpretation="MONOCHROME1")
    volume = read_dicom(tmp_path)
    assert volume.inverted
    np.testing.assert_array_equal(volume.voxels[:, :, :], values()[::-1, ::-1])


def test_one_file_is_a_volume_of_one_slice(tmp_path: Path) -> None:
    path = save_dicom(tmp_path, values())[2]
    volume = open_volume(path)
    assert volume.shape == (6, 5, 1)
    assert volume.spacing == pytest.approx((1.5, 1.25, 3.0))
    np.testing.assert_array_equal(volume.voxels[:, :, 0], values()[::-1, ::-1, 2])


def test_an_image_without_a_place_says_so(tmp_path: Path) -> None:
    path = save_dicom(tmp_path, values())[0]
    dataset = pydicom.dcmread(path)
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(dataset, name)
    dataset.Modality, dataset.ImagerPixelSpacing = "CR", [0.2, 0.1]
    dataset.save_as(path)
    volume = open_volume(path)
    assert "does not say how the image lies" in volume.notes[0]
    assert volume.spacing[:2] == pytest.approx((0.1, 0.2))
    # As stored: row 0 on top, column 0 left.
    stored = values()[::-1, ::-1, 0].T
    np.testing.assert_array_equal(volume.plane(Axis.AXIAL, 0), stored)


def test_missing_slices_are_named_by_their_neighbours(tmp_path: Path) -> None:
    paths = save_dicom(tmp_path, np.zeros((4, 4, 9), np.int16), offset=100)
    paths[4].unlink()
    paths[5].unlink()
    with pytest.raises(ImageError) as caught:
        read_dicom(tmp_path)
    assert str(caught.value) == (
        "series: expected a slice every 3 mm, got 2 missing between instance 104 at 16.0 mm and "
        "instance 107 at 25.0 mm along the normal"
    )


def change(path: Path, **tags: Any) -> None:
    dataset = pydicom.dcmread(path)
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.save_as(path)


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ({"ImagePositionPatient": [-50, -40, 14.1]}, r"a slice every .* mm, got .* between"),
        ({"ImagePositionPatient": [-50, -40, 10]}, "one slice in each place"),
        ({"ImagePositionPatient": [-49, -40, 13]}, "slices on one straight line"),
        ({"ImagePositionPatient": [1, 2]}, "ImagePositionPatient: expected 3 numbers"),
        ({"ImageOrientationPatient": [0, 1, 0, 1, 0, 0]}, "slices of one direction"),
        ({"PixelSpacing": [2, 2]}, "slices of one PixelSpacing"),
        ({"PixelSpacing": [0, 2]}, "PixelSpacing: expected two numbers above 0"),
        ({"Rows": 4}, "slices of the same Rows"),
        ({"NumberOfFrames": 3}, "several frames in one file"),
        ({"SamplesPerPixel": 3}, "got colours"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "same PhotometricInterpretation"),
    ],
)
def test_series_that_are_no_grid(tmp_path: Path, tags: dict[str, Any], named: str) -> None:
    paths = save_dicom(tmp_path, values())
    change(paths[2], **tags)
    with pytest.raises(ImageError, match=named) as caught:
        read_dicom(tmp_path)
    assert silent(caught.value)


def test_several_series_are_listed_and_chosen(tmp_path: Path) -> None:
    save_dicom(tmp_path / "a", values(), series="1.2.3", SeriesNumber=7)
    save_dicom(tmp_path / "b", values()[:, :, :2], series="1.2.4", SeriesNumber=2, Modality="MR")
    with pytest.raises(ImageError) as caught:
        read_dicom(tmp_path)
    assert str(caught.value) == (
        "series: expected one, or --series with one of: 1: MR, 2 slices of 6 x 5; "
        "2: CT, 4 slices of 6 x 5, got 2 series"
    )
    assert read_dicom(tmp_path, series="1").modality is Modality.MR
    assert read_dicom(tmp_path, series="1.2.3").shape == SHAPE
    with pytest.raises(InputError, match="--series: expected one of: 1: MR"):
        read_dicom(tmp_path, series="3")


@pytest.mark.parametrize(
    ("syntax", "named"),
    [
        ("1.2.840.10008.1.2.4.70", r"pylibjpeg.*got JPEG Lossless, Non-Hierarchical"),
        ("1.2.840.10008.1.2.4.100", r"convert it first.*got MPEG2 Main Profile"),
        ("1.2.3.4.5.6.7", r"got a private transfer syntax"),
    ],
)
def test_compression_that_nothing_decodes(
    tmp_path: Path, syntax: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if syntax.endswith(".70"):  # somebody may have installed a decoder for it
        decoder = pydicom.pixels.get_decoder(syntax)
        monkeypatch.setattr(type(decoder), "is_available", property(lambda _: False))
    save_dicom(tmp_path, values(), syntax=syntax)
    with pytest.raises(ImageError, match=named) as caught:
        read_dicom(tmp_path)
    assert "\n" not in str(caught.value) and silent(caught.value)


def test_compressed_pixels_that_are_damaged(tmp_path: Path) -> None:
    save_dicom(tmp_path, values(), syntax="1.2.840.10008.1.2.5")  # RLE of four bytes
    volume = read_dicom(tmp_path)
    with pytest.raises(ImageError, match="series: expected DICOM images") as caught:
        volume.plane(Axis.AXIAL, 0)
    assert silent(caught.value)


def test_rle_is_decoded(tmp_path: Path) -> None:
    for path in save_dicom(tmp_path, values()):
        dataset = pydicom.dcmread(path)
        dataset.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
        dataset.save_as(path)
    np.testing.assert_array_equal(read_dicom(tmp_path).voxels[:, :, :], values()[::-1, ::-1])


def test_folders_without_images(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "HUSHFILE.dcm").write_bytes(b"nothing")
    assert is_volume(tmp_path)  # by the ending; the reader says what is wrong
    for path in (tmp_path, tmp_path / "HUSHFILE.dcm"):
        with pytest.raises(ImageError, match="DICOM images of slices, got none in") as caught:
            read_dicom(path)
        assert silent(caught.value)
    with pytest.raises(ImageError, match="nothing of this name"):
        read_dicom(tmp_path / "absent.dcm")


def test_damaged_files_at_an_end_are_told(tmp_path: Path) -> None:
    """In the middle they would be missing slices; at an end nothing else shows it."""
    paths = save_dicom(tmp_path, values())
    (tmp_path / "notes.txt").write_text("no DICOM, and no loss")
    assert read_dicom(tmp_path).notes == ()
    paths[-1].write_bytes(b"nothing")
    volume = read_dicom(tmp_path)
    assert volume.shape == (6, 5, 3)
    assert volume.notes == ("1 of the DICOM files could not be read as images and were left out.",)


def test_what_is_taken_as_a_volume(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "s", values())[0]
    plain = path.rename(tmp_path / "s" / "IM0001")
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    taken = {name: is_volume(tmp_path / name) for name in ("s", "empty", "a.png", "none.jpg")}
    assert taken == {"s": True, "empty": False, "a.png": False, "none.jpg": False}
    assert is_volume(plain) and is_volume("x.NII.GZ") and is_volume("x.nii")


def test_volumes_do_not_show_where_they_come_from(tmp_path: Path) -> None:
    save_dicom(tmp_path / "HUSHFILE", values())
    volume = open_volume(tmp_path / "HUSHFILE")
    assert isinstance(volume, Volume)
    assert not [s for s in (*SECRETS, str(tmp_path)) if s in repr(volume) or s in str(volume)]
