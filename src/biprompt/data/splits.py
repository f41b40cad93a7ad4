"""Which images are kept out of training: a rule on the file name, the same on every machine."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath

VALIDATION_SHARE = 0.15

# video_frame.jpg, as in the surgery sets: neighbouring frames must stay on one side
_FRAME_OF_VIDEO = re.compile(r"(\d+)_\d+\.\w+")


def split_group(file_name: str | PurePath) -> str:
    """Return what must not be torn apart: the video of a frame, else the file name itself.

    Only the last part of a path counts. A frame is `<digits>_<digits>.<suffix>`; its video is what
    stands before the underscore.
    """
    name = PurePath(file_name).name
    frame = _FRAME_OF_VIDEO.fullmatch(name)
    return frame.group(1) if frame else name


def is_validation(file_name: str | PurePath) -> bool:
    """Say whether an image belongs to the held-out part, about 15 % of the groups.

    The answer hangs on the name alone (SHA-256 of `split_group`), never on the other files, so a
    growing data set moves no image from one side to the other.
    """
    digest = hashlib.sha256(split_group(file_name).encode()).digest()
    return int.from_bytes(digest[:8], "big") < VALIDATION_SHARE * 2**64
