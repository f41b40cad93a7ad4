"""DICOM segmentations, read back by highdicom and pydicom."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from tests.io.medical.phantoms import SECRET_ID, SECRETS, save_dicom, save_nifti

from biprompt.errors import InputError, MissingExtraError, OutputError
from biprompt.io.medical import coded as codes
from biprompt.io.medical.dicom_seg import Algorithm, segmentation_object
from biprompt.io.medical.files import open_volume, write_labels

pydicom = pytest.importorskip("pydicom")
highdicom = pytest.importorskip("highdicom")

SHAPE = (6, 5, 4)
NAMES = ["liver", "left kidney", "something odd"]
BY = Algorithm("fake", "0.1", by_hand=True)


def labels() -> np.ndarray:
    found = np.zeros(SHAPE, np.uint8)
    found[1:3, 2:4, 0] = 1
    found[4, 0, 1:3] = 2
    found[0, 4, 3] = 3
    return found


@pytest.fixture
def written(tmp_path: Path) -> Path:
    save_dicom(tmp_path / "s", np.zeros(SHAPE, np.int16), tilt=0.0)
    out = tmp_path / "out.dcm"
    write_labels(out, labels(), NAMES, open_volume(tmp_path / "s"), BY)
    return out


def test_every_voxel_and_its_place_come_back(written: Path, tmp_path: Path) -> None:
    volume = open_volume(tmp_path / "s")
    assert volume.source is not None
    uids = [str(pydicom.dcmread(file).SOPInstanceUID) for file in volume.source.files]
    found = highdicom.seg.segread(written)
    for number in (1, 2, 3):
        planes = found.get_pixels_by_source_instance(
            uids, segment_numbers=[number], assert_missing_frames_are_empty=True
        )[..., 0]
        np.testing.assert_array_equal(planes, (labels() == number).transpose(2, 1, 0))
        # The place of each voxel by highdicom's own geometry, which has x and y turned.
        own = found.get_volume(segment_numbers=[number])
        there = np.argwhere(own.array[..., 0])
        places = (own.affine[:3, :3] @ there.T).T + own.affine[:3, 3]
        ours = np.argwhere(labels() == number)
        expected = (volume.affine[:3, :3] @ ours.T).T + volume.affine[:3, 3]
        assert_same_points(places * (-1, -1, 1), expected)


def assert_same_points(one: np.ndarray, other: np.ndarray) -> None:
    in_order = [np.array(sorted(np.round(points, 4).tolist())) for points in (one, other)]
    np.testing.assert_allclose(*in_order, atol=1e-3)


def test_segments_have_codes_and_an_algorithm(written: Path) -> None:
    found = pydicom.dcmread(written)
    told = [
        (item.SegmentLabel, item.SegmentedPropertyTypeCodeSequence[0].CodeMeaning)
        for item in found.SegmentSequence
    ]
    assert told == [("liver", "Liver"), ("left kidney", "Kidney"), ("something odd", "Tissue")]
    kidney = found.SegmentSequence[1]
    side = kidney.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence[0]
    assert (side.CodeValue, side.CodeMeaning) == ("7771000", "Left")
    assert kidney.SegmentAlgorithmType == "SEMIAUTOMATIC"
    algorithm = kidney.SegmentationAlgorithmIdentificationSequence[0]
    assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("fake", "0.1")
    assert found.Modality == "SEG" and found.SegmentationType == "BINARY"


def test_codes_are_those_of_the_standard() -> None:
    concepts = pytest.importorskip("pydicom.sr._concepts_dict").concepts["SCT"]
    known = {
        (value, facts[0].lower()) for entry in concepts.values() for value, facts in entry.items()
    }
    own = [codes.ANATOMY, codes.TISSUE, *codes.SIDES.values(), *codes._SINGLE.values(),
           *codes._PAIRED.values()]  # fmt: skip
    for code in own:
        assert (code.value, code.meaning.lower()) in known


def test_names_and_codes() -> None:
    assert codes.coded("The  Right Kidney") == codes.Coded("64033007", "Kidney", "right")
    assert codes.coded("kidney").side is None
    assert codes.coded("left liver") is codes.TISSUE
    assert codes.coded("gallbladder").value == "28231008"


def test_it_belongs_to_the_patient_and_study_of_its_source(written: Path) -> None:
    found = pydicom.dcmread(written)
    assert str(found.PatientID) == SECRET_ID  # the standard's rule, and the only place
    assert found.SeriesDescription == "biprompt segmentation (research only)"
    # File names are nothing the standard asks for.
    assert SECRETS[6] not in found.to_json()


def test_an_organ_that_is_nowhere_is_an_empty_segment(tmp_path: Path) -> None:
    save_dicom(tmp_path / "s", np.zeros(SHAPE, np.int16))
    out = tmp_path / "out.dcm"
    write_labels(out, np.zeros(SHAPE, np.uint8), ["liver"], open_volume(tmp_path / "s"), BY)
    found = pydicom.dcmread(out)
    assert [item.SegmentLabel for item in found.SegmentSequence] == ["liver"]
    assert not found.pixel_array.any()


def test_segmentations_beside_their_series_are_no_second_series(written: Path) -> None:
    again = written.rename(written.parent / "s" / "seg.dcm")
    assert open_volume(again.parent).shape == SHAPE


def test_nifti_has_no_series_to_refer_to(tmp_path: Path) -> None:
    volume = open_volume(save_nifti(tmp_path / "a.nii", np.zeros(SHAPE, np.int16), np.eye(4)))
    with pytest.raises(OutputError, match="a DICOM segmentation refers to the DICOM series"):
        write_labels(tmp_path / "out.dcm", labels(), NAMES, volume, BY)
    with pytest.raises(OutputError, match=r"ends in \.nii, \.nii\.gz, \.dcm"):
        write_labels(tmp_path / "out.png", labels(), NAMES, volume, BY)
    assert [path.name for path in tmp_path.iterdir()] == ["a.nii"]


def test_dicom_labels_as_nifti(tmp_path: Path) -> None:
    nibabel = pytest.importorskip("nibabel")
    save_dicom(tmp_path / "s", np.zeros(SHAPE, np.int16))
    volume = open_volume(tmp_path / "s")
    write_labels(tmp_path / "out.nii.gz", labels(), NAMES, volume, BY)
    image = nibabel.load(tmp_path / "out.nii.gz")
    np.testing.assert_array_equal(np.asarray(image.dataobj), labels())
    np.testing.assert_allclose(image.affine, volume.affine, rtol=1e-6)
    assert not [s for s in SECRETS if s.encode() in image.to_bytes()]


def test_a_source_that_lacks_its_study_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    for path in save_dicom(tmp_path / "s", np.zeros(SHAPE, np.int16)):
        dataset = pydicom.dcmread(path)
        del dataset.StudyInstanceUID
        dataset.save_as(path)
    volume = open_volume(tmp_path / "s")
    with pytest.raises(InputError, match="patient, study and frame of reference") as caught:
        segmentation_object(labels(), NAMES, volume, BY)
    assert not [s for s in SECRETS if s in str(caught.value)]


def test_without_highdicom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_dicom(tmp_path / "s", np.zeros(SHAPE, np.int16))
    volume = open_volume(tmp_path / "s")
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[medical\]"):
        segmentation_object(labels(), NAMES, volume, BY)
