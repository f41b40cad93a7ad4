"""Which classes published methods keep out of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from biprompt.errors import DataError, InputError

STANDARD = "standard"

UNSEEN: Mapping[str, tuple[str, ...]] = {
    "pascal-voc": ("potted plant", "sheep", "sofa", "train", "tv monitor"),
    "pascal-context": (
        *("cow", "motorbike", "sofa", "cat", "boat", "fence", "bird", "tv monitor"),
        *("keyboard", "aeroplane"),
    ),
    "coco-stuff": (
        *("frisbee", "skateboard", "cardboard", "carrot", "scissors", "suitcase", "giraffe"),
        *("cow", "road", "wall-concrete", "tree", "grass", "river", "clouds", "playingfield"),
    ),
}
"""Pascal VOC and COCO-Stuff as SPNet (Xian et al. 2019), Pascal Context as ZS3Net (Bucher et al.
2019) with ten classes."""


def unseen_names(given: Sequence[str], dataset: str) -> tuple[str, ...]:
    """Return names of unseen classes: those given, or the usual ones for "standard".

    Raises:
        InputError: "standard" for a data set that has no usual ones.
    """
    if list(given) != [STANDARD]:
        return tuple(given)
    if dataset not in UNSEEN:
        expected = f"names of classes, as only {', '.join(UNSEEN)} have usual ones"
        raise InputError("unseen", expected=expected, actual=STANDARD)
    return UNSEEN[dataset]


def read_names(path: Path) -> tuple[str, ...]:
    """Read one name a line.

    Raises:
        DataError: the file cannot be read, or holds no name.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        actual = getattr(error, "strerror", None) or "other bytes"
        raise DataError("unseen", expected="a text file", actual=actual, path=path) from error
    names = tuple(line.strip() for line in lines if line.strip())
    if not names:
        raise DataError("unseen", expected="one name a line", actual="none", path=path)
    return names


def numbers_of(names: Sequence[str], classes: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of classes, rising.

    Raises:
        InputError: one is no class that is asked for, or none is left over.
    """
    for name in names:
        if name not in classes:
            expected = f"classes of the set, such as {', '.join(classes[:5])}"
            raise InputError("unseen", expected=expected, actual=name)
    found = tuple(sorted({classes.index(name) for name in names}))
    if found and len(found) == len(classes):
        raise InputError("unseen", expected="some of the classes", actual="all of them")
    return found
