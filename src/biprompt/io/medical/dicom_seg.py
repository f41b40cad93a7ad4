"""DICOM segmentations (SEG) out, through highdicom."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError, MissingExtraError, OutputError
from biprompt.io.medical.coded import ANATOMY, SIDES, TISSUE, Coded, coded
from biprompt.io.medical.dicom_access import reading_dicom
from biprompt.io.medical.source import DicomSeries
from biprompt.io.medical.volume import Volume

SERIES_NUMBER = 9000
"""Above what scanners give, so that the segmentation comes after the series it belongs to."""

_ARTIFICIAL_INTELLIGENCE = ("123110", "DCM", "Artificial Intelligence")
_MAY_BE_EMPTY = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("StudyID", "AccessionNumber", "ReferringPhysicianName"),
)
_MAX_LABEL = 64  # characters of a SegmentLabel (LO)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What made the segmentation.

    Attributes:
        name: of the model.
        version: of this package.
        by_hand: a person pointed at the organ ("SEMIAUTOMATIC"), else "AUTOMATIC".
    """

    name: str
    version: str
    by_hand: bool


def segmentation_object(
    labels: NDArray[np.uint8], names: Sequence[str], volume: Volume, algorithm: Algorithm
) -> bytes:
    """Return a DICOM SEG file of a label map, one binary segment for each name.

    It refers to the images it was made from and repeats their patient and study, as the standard
    asks. An organ without voxels is a segment without pixels.

    Args:
        labels: (I, J, K) uint8; the name at place n has the number n + 1.
        names: of the organs, at least one.
        volume: where the labels belong, read from a DICOM series.
        algorithm: what made them.

    Raises:
        MissingExtraError: the `medical` extra is not installed.
        OutputError: the volume is not from DICOM, or its files have gone.
        InputError: the shapes do not fit, or the source lacks what a segmentation needs.
    """
    if not isinstance(volume.source, DicomSeries):
        expected = ".nii or .nii.gz: a DICOM segmentation refers to the DICOM series it is of"
        raise OutputError("format", expected=expected, actual=f"DICOM for a {volume.kind} volume")
    if labels.shape != volume.shape or labels.dtype != np.uint8 or not names:
        expected = f"shape {volume.shape} of uint8, and a name for each organ"
        raise InputError("label map", expected=expected, actual=f"shape {labels.shape}")
    highdicom = _highdicom()
    pydicom = import_module("pydicom")
    with reading_dicom():
        sources = [pydicom.dcmread(file, stop_before_pixels=True) for file in volume.source.files]
        for source in sources:
            _filled(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = logging.getLogger("highdicom").level
        logging.getLogger("highdicom").setLevel(logging.CRITICAL)
        try:
            return _bytes(_made(highdicom, sources, labels, names, algorithm))
        except Exception as error:  # its texts quote what the files hold
            expected = "DICOM images with patient, study and frame of reference"
            raise InputError("source", expected=expected, actual=type(error).__name__) from None
        finally:
            logging.getLogger("highdicom").setLevel(level)


def _made(
    highdicom: Any, sources: list[Any], labels: NDArray[np.uint8], names: Sequence[str],
    algorithm: Algorithm,
) -> Any:  # fmt: skip
    numbers = np.arange(1, len(names) + 1, dtype=np.uint8)
    frames = labels.transpose(2, 1, 0)  # slices, rows, columns
    segments = [_segment(highdicom, i, name, algorithm) for i, name in enumerate(names, 1)]
    made = highdicom.seg.Segmentation(
        source_images=sources,
        pixel_array=(frames[..., None] == numbers).astype(np.uint8),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="biprompt",
        manufacturer_model_name=algorithm.name[:_MAX_LABEL],
        software_versions=algorithm.version,
        device_serial_number="0",
        content_label="SEGMENTATION",
        content_description="Research software, not a medical device",
        omit_empty_frames=bool(labels.any()),
    )
    made.SeriesDescription = "biprompt segmentation (research only)"
    for name, item in zip(names, made.SegmentSequence, strict=True):
        _add_side(highdicom, coded(name), item)
    return made


def _segment(highdicom: Any, number: int, name: str, algorithm: Algorithm) -> Any:
    kinds = highdicom.seg.SegmentAlgorithmTypeValues
    kind = coded(name)
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=name[:_MAX_LABEL],
        segmented_property_category=_code(highdicom, TISSUE if kind == TISSUE else ANATOMY),
        segmented_property_type=_code(highdicom, kind),
        algorithm_type=kinds.SEMIAUTOMATIC if algorithm.by_hand else kinds.AUTOMATIC,
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name=algorithm.name[:_MAX_LABEL],
            family=highdicom.sr.CodedConcept(*_ARTIFICIAL_INTELLIGENCE),
            version=algorithm.version,
        ),
    )


def _add_side(highdicom: Any, kind: Coded, item: Any) -> None:
    """Say right or left in a modifier of the type, as the standard has it for pairs."""
    if kind.side is not None:
        side = _code(highdicom, SIDES[kind.side])
        item.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [side]


def _code(highdicom: Any, kind: Coded) -> Any:
    return highdicom.sr.CodedConcept(kind.value, "SCT", kind.meaning)


def _filled(source: Any) -> None:
    """Give a source the empty values of type 2 that highdicom reads without asking."""
    for name in _MAY_BE_EMPTY:
        if name not in source:
            setattr(source, name, "")


def _bytes(made: Any) -> bytes:
    buffer = io.BytesIO()
    made.save_as(buffer)
    return buffer.getvalue()


def _highdicom() -> Any:
    try:
        return import_module("highdicom")
    except ImportError as error:
        raise MissingExtraError("medical", "writing DICOM segmentations") from error
