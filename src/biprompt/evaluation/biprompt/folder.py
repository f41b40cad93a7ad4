"""A folder in COCO layout, as the accuracy table wants it: one point, the name, no grid."""

from __future__ import annotations

from collections.abc import Container, Iterator

from biprompt.data.coco import CocoDataset
from biprompt.data.pictures import Picture
from biprompt.evaluation.biprompt.answers import ask
from biprompt.evaluation.biprompt.asking import NAME, Asking
from biprompt.evaluation.biprompt.cases import Case, named
from biprompt.evaluation.biprompt.rows import mask_rows
from biprompt.evaluation.biprompt.runs import DualRun, run_of
from biprompt.evaluation.model import Contender
from biprompt.evaluation.objects import photos

SHORT = Asking(("centre",), (NAME,), 1.0)


def dual(
    contender: Contender,
    dataset: CocoDataset,
    *,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[DualRun]:
    """Yield one record an object, its key made of file name and annotation number.

    Args:
        contender: who is asked.
        dataset: named objects with masks.
        limit: only the first so many objects.
        done: keys to leave out.

    Raises:
        DataError: an object has no name.
    """
    for image, objects in photos(dataset, limit, done):
        picture = Picture(image.path)
        scene = contender.model.embed(image.path)
        for key, each in objects:
            label = named(key, each.label, image.path)
            case = Case(key, key, label, image.path.name, picture, each)
            answers = ask(contender, scene, case, SHORT)
            rows = mask_rows(answers, SHORT) if answers else {}
            yield run_of(case, answers, rows, SHORT)
