"""Any folder in COCO layout: its labels as phrases, and expressions written from them.

A phrase is either the label of a class for all of it (`[semantic] dog`), or what the expression
builder writes for one thing, or for several ("the left dog", "all dogs"). Both are true by the
labels: a bare name is used only where it means one thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.data.coco import CocoDataset, CocoImage
from biprompt.data.expressions import Expression, ExpressionBuilder
from biprompt.data.pictures import Picture
from biprompt.data.profiles import DatasetProfile, known_names, profile_for
from biprompt.data.scenes import Scene
from biprompt.data.splits import is_validation
from biprompt.data.vocabulary import NARROW, load_vocabulary
from biprompt.errors import DataError, InputError
from biprompt.training.compact.bank import scene_of
from biprompt.training.compact.photos import Folder, Photo
from biprompt.training.compact.said import scene_object
from biprompt.training.evf.data.drafts import Draft, check_size, drafted
from biprompt.training.evf.data.meaning import Facts, Labels, Meanings
from biprompt.training.evf.data.values import NothingSaid
from biprompt.training.evf.data.words import SEMANTIC


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of the pictures of a folder.

    Attributes:
        semantic: share of the phrases that are `[semantic] ` and a label; the rest is written.
        absent: share of the written ones for things that are not there (with an empty mask).
    """

    semantic: float = 0.4
    absent: float = 0.0


class FolderDrafts:
    """Pictures of a folder in COCO layout, one an item."""

    def __init__(
        self,
        dataset: CocoDataset,
        images: Sequence[CocoImage],
        wording: Wording | None = None,
        most: int = 3,
    ) -> None:
        """Take some pictures of a folder.

        Args:
            dataset: the folder; see `checking.read_checked`.
            images: which of its pictures; see `part`.
            wording: what is said of them; None: the defaults.
            most: phrases of a picture in one sample.

        Raises:
            DataError: no label of the folder is a name.
        """
        vocabulary = load_vocabulary().with_labels(dataset.labels)
        if vocabulary.unnamed.issuperset(dataset.labels):
            actual = ", ".join(dataset.labels) or "none"
            raise DataError("labels", expected="names", actual=actual, path=dataset.root)
        self.name = dataset.name
        self.images = tuple(images)
        self.wording = wording or Wording()
        self.most = most
        self.meanings = Meanings(vocabulary, dataset.labels)
        self._builder = ExpressionBuilder(vocabulary)
        profile = profile_of(dataset)
        known = known_names([profile], vocabulary)
        self._folder = Folder(dataset.name, (), frozenset(dataset.labels), profile, known, 1.0)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.images)

    def draft(self, index: int, rng: np.random.Generator) -> Draft:
        """Make a sample of some phrases for a picture, as `Drafts.draft`."""
        image = self.images[index]
        key = f"{self.name}/{image.path.name}"
        picture, pixels = Picture(image.path), self.picture(index)
        check_size(key, picture, pixels, image.hw)
        try:
            classes = int(rng.binomial(self.most, self.wording.semantic))
            said = self._semantic(image, rng, classes)
            said |= self._written(pixels, image, rng, self.most - classes)
            said = said or self._semantic(image, rng, 1)
        except InputError as error:
            raise DataError(
                f"{key}: {error.what}",
                expected=error.expected,
                actual=error.actual,
                path=error.path,
            ) from error
        if not said:
            raise NothingSaid(key, expected="a label that is a name", actual="none")
        masks, about = [mask for mask, _ in said.values()], [labels for _, labels in said.values()]
        return drafted(key, picture, list(said), masks, about, pixels)

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels of a picture, (H, W, 3) uint8 RGB."""
        return Picture(self.images[index].path).load().pixels

    def facts(self, index: int) -> Facts:
        """Return the labels that are in a picture, and those that its folder searches for."""
        profile = self._folder.profile
        present = {a.label for a in self.images[index].annotations}
        present |= {whole for whole, parts in profile.wholes.items() if parts & present}
        searched = (profile.labels - profile.never) | profile.foreign
        return Facts(frozenset(present), frozenset(searched))

    def _semantic(
        self, image: CocoImage, rng: np.random.Generator, count: int
    ) -> dict[str, tuple[NDArray[np.bool_], Labels | None]]:
        """At most so many labels, each for all that bears it, crowds included."""
        unnamed = load_vocabulary().unnamed
        labels = sorted({a.label for a in image.annotations} - unnamed)
        chosen = [labels[i] for i in rng.permutation(len(labels))[:count].tolist()]
        masks = {name: [a.mask() for a in image.annotations if a.label == name] for name in chosen}
        return {
            SEMANTIC + name: (_union(np.stack(masks[name])), self._about(name, {name}))
            for name in chosen
        }

    def _written(
        self, pixels: NDArray[np.uint8], image: CocoImage, rng: np.random.Generator, count: int
    ) -> dict[str, tuple[NDArray[np.bool_], Labels | None]]:
        """At most so many expressions for what is there, or for what is not."""
        scene = scene_of(Photo(pixels, image), self._folder, rng)
        named = [i for i, label in enumerate(scene.labels) if label and label not in scene.hidden]
        if not named or not count:
            return {}
        found = {}
        for made in self._expressions(scene, named, rng, count):
            rows = [named[target] for target in made.targets]
            labels = {str(scene.labels[row]) for row in rows}
            about = self._about(made.text, labels) if rows else None
            found[made.text] = (_union(scene.masks[rows]), about)
        return found

    def _expressions(
        self, scene: Scene, named: Sequence[int], rng: np.random.Generator, count: int
    ) -> list[Expression]:
        vocabulary = self._builder.vocabulary
        close = vocabulary.too_close(scene.hidden)
        doubtful = {name.text for label in close for name in vocabulary.by_label.get(label, ())}
        sure = {text for text, name in vocabulary.names.items() if name.sort != NARROW}
        return self._builder.build(
            [scene_object(scene, row) for row in named],
            _scene_hw(scene),
            rng,
            count,
            scene.known - doubtful,
            self.wording.absent,
            allowed=sure.union(map(str, scene.labels)) - doubtful,  # no "boy" for every person
        )

    def _about(self, phrase: str, labels: set[str]) -> Labels | None:
        meant = self.meanings.of(phrase)
        return None if meant is None else meant | labels


def _union(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(masks.any(axis=0), np.bool_)


def _scene_hw(scene: Scene) -> tuple[int, int]:
    return scene.image.shape[0], scene.image.shape[1]


def part(dataset: CocoDataset, *, held_out: bool) -> tuple[CocoImage, ...]:
    """Return the pictures with masks that are held out of training, or all others.

    Which are held out hangs on their file names alone (`data.splits.is_validation`).
    """
    return tuple(
        image
        for image in dataset.images
        if image.annotations and is_validation(image.path.name) == held_out
    )


def profile_of(dataset: CocoDataset) -> DatasetProfile:
    """Return what is known of a folder's labels.

    A folder of a known name counts as that data set only where it has exactly its labels.
    """
    labels = frozenset(dataset.labels)
    profile = profile_for(dataset.name, labels)
    return profile if profile.labels == labels else DatasetProfile(labels)
