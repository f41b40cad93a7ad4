"""Volumes of CT and MR: NIfTI and DICOM in, label maps and DICOM segmentations out.

Nothing here repeats a path, a file name, a name, a number or a date that a file holds: no message,
no value and no picture carries them. The one exception is a DICOM segmentation, which by the
standard belongs to the same patient and study as its source.
"""
