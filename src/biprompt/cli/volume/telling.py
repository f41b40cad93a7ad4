"""An answer for a volume in a few lines for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biprompt.results import Segmentation
    from biprompt.segmenter.volumes import Organ, Scan, VolumeAnswer

NOTICE = (
    "biprompt: research software, not a medical device; nothing it answers is for diagnosis or "
    "treatment"
)
HINT = "nothing was written; -o organ.nii.gz keeps the mask, --overlay shows a slice"
_WIDTH = 12


def told_slice(
    answer: Segmentation, scan: Scan, index: int, organ: Organ, seconds: float,
    written: Sequence[Path],
) -> str:  # fmt: skip
    """Describe the answer for one slice."""
    row, column = scan.volume.plane_spacing(scan.axis)
    area = f"{organ.voxels:,} pixels, {organ.voxels * row * column / 100:.2f} cm²"
    presence = [] if answer.presence is None else [("presence", f"{answer.presence:.2f}")]
    rows = [
        ("verdict", answer.verdict.value),
        ("why", answer.card.reason),
        *presence,
        *_looked(scan, f"{scan.axis} slice {index} of {scan.count}"),
        ("area", area),
        ("volume", f"{organ.ml:.2f} ml in this slice"),
    ]
    return _lines(rows, seconds, written)


def told_things(
    verdict: str, reason: str, scan: Scan, index: int, organs: Sequence[Organ], seconds: float,
    written: Sequence[Path],
) -> str:  # fmt: skip
    """Describe the answers to a question about one slice."""
    rows = [
        ("verdict", verdict),
        ("why", reason),
        *_looked(scan, f"{scan.axis} slice {index} of {scan.count}"),
        *(row for organ in organs for row in _organ(organ)),
    ]
    return _lines(rows, seconds, written)


def told_volume(answer: VolumeAnswer, seconds: float, written: Sequence[Path]) -> str:
    """Describe the answer for a whole volume."""
    scan = answer.scan
    rows = [
        ("verdict", answer.verdict.value),
        ("why", answer.reason),
        *_looked(scan, f"{scan.count} {scan.axis} slices"),
        *(row for organ in answer.organs for row in _organ(organ)),
    ]
    return _lines(rows, seconds, written)


def _looked(scan: Scan, what: str) -> list[tuple[str, str]]:
    volume, window = scan.volume, scan.window
    spacing = " x ".join(f"{step:.3g}" for step in volume.spacing)
    return [
        ("looked at", f"{what}; {volume.orientation}, {spacing} mm"),
        ("window", f"{window.name}, {window.low:g} to {window.high:g}"),
        *(("note", remark) for remark in scan.remarks),
    ]


def _organ(organ: Organ) -> list[tuple[str, str]]:
    where = "" if organ.slices is None else f", slices {organ.slices[0]} to {organ.slices[1]}"
    size = f"{organ.name}: {organ.ml:.2f} ml ({organ.voxels:,} voxels{where})"
    return [("volume", size), *(("ends at", end) for end in organ.ends)]


def _lines(rows: Iterable[tuple[str, str]], seconds: float, written: Sequence[Path]) -> str:
    last = [("time", f"{seconds:.2f} s"), *(("wrote", str(path)) for path in written)]
    lines = [f"{name:<{_WIDTH}}{value}" for name, value in [*rows, *last]]
    return "\n".join(lines if written else [*lines, HINT])
