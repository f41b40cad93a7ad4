"""FSS-1000 (Li et al., 2020) in HSNet's layout.

::

    root/FSS-1000/<class>/1.jpg to 10.jpg, and 1.png to 10.png in black and white
    root/splits/fss/test.txt               names of classes

`splits` is the folder `data/splits` of HSNet's repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from biprompt.data.pictures import Picture
from biprompt.data.readers._episodes import Episodes, grouped
from biprompt.data.readers._files import Layout, lines, pictures
from biprompt.data.samples import EpisodeSample, SampleSet, Shot
from biprompt.data.sources import Values

SPLITS = ("val", "test")
_WHITE = 128


@dataclass(frozen=True, slots=True)
class FolderShots:
    """A folder a class, of photographs and masks in black and white.

    Attributes:
        layout: finds the files.
        folder: holds the classes' folders; names are relative to it and have no suffix.
    """

    layout: Layout
    folder: Path

    def shot(self, name: str, class_id: int) -> Shot:
        """Return an image with its mask; it shows one class only.

        Raises:
            DataError: one of the files is missing.
        """
        picture = Picture(self.layout.below(self.folder, f"{name}.jpg"))
        mask = self.layout.below(self.folder, f"{name}.png")
        return Shot(picture, name, Values(mask, _WHITE))


def read_fss1000(
    name: str, root: str | Path, split: str, *, shots: int = 1, seed: int = 0
) -> SampleSet[EpisodeSample]:
    """Read "val" or "test" of FSS-1000: every image of its 240 classes is a query once.

    Args:
        name: how `biprompt data` lists it.
        root: the folder that holds FSS-1000 and splits.
        split: which classes.
        shots: examples in each episode.
        seed: fixes the examples.

    Raises:
        DataError: as in `read_pascal5i`.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    listing = layout.file(f"splits/fss/{split}.txt", f"data/splits/fss/{split}.txt")
    folder = layout.folder("FSS-1000")
    labels = tuple(sorted(lines(listing)))
    pairs = [
        (f"{label}/{path.stem}", class_id)
        for class_id, label in enumerate(labels)
        for path in pictures(layout.folder(f"FSS-1000/{label}"))
        if path.suffix == ".jpg"
    ]
    readable = tuple(label.replace("_", " ") for label in labels)
    source = FolderShots(layout, folder)
    episodes = Episodes(source, tuple(pairs), grouped(pairs), readable, 0, shots, seed)
    return SampleSet(name, split, episodes)
