"""From the lines of a run to a data set: COCO, YOLO, LabelMe, PNG, and the lists for people."""

from __future__ import annotations

from biprompt.labeling.dataset.assembly import assemble
from biprompt.labeling.dataset.job import FORMATS, Job, Summary

__all__ = ["FORMATS", "Job", "Summary", "assemble"]
