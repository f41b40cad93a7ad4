"""From files to a study."""

from __future__ import annotations

from pathlib import Path

from biprompt.data.readers.registry import Kind, find_reader
from biprompt.errors import DataError, InputError
from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.cases import cases_of
from biprompt.evaluation.biprompt.ours import ENDOVIS
from biprompt.evaluation.biprompt.protocol import BiPrompt
from biprompt.evaluation.biprompt.summary import AS_DEFAULT
from biprompt.evaluation.samples import FOLDER, open_samples


def open_study(
    root: Path,
    dataset: str = FOLDER,
    split: str | None = None,
    asking: Asking = AS_DEFAULT,
    *,
    by_class: bool | None = None,
    validation_only: bool | None = None,
    limit: int | None = None,
) -> BiPrompt:
    """Read the index of a data set and return the study of it.

    Args:
        root: its folder.
        dataset: its name, as `biprompt data` lists it.
        split: which part; None takes the first of the reader's.
        asking: points, words, weights.
        by_class: join the objects of a name in each image as well; None: for EndoVis17.
        validation_only: see `open_samples`.
        limit: only the first so many objects or references.

    Raises:
        DataError: the data are of another kind, missing, or wrong; or an object has no name.
        InputError: references are to be joined.
    """
    kinds = (Kind.INTERACTIVE, Kind.REFERRING)
    if by_class and find_reader(dataset).kind is Kind.REFERRING:
        raise InputError("by class", expected="data of named objects", actual=dataset)
    opened = open_samples(
        root, dataset, split, kinds=kinds, validation_only=validation_only, limit=limit
    )
    for _ in cases_of(opened.samples):
        pass  # an object without a name is found before a model is asked
    joining = dataset == ENDOVIS if by_class is None else by_class
    return BiPrompt(opened.data, opened.samples, asking, dataset, joining)


def read_templates(path: Path) -> tuple[str, ...]:
    """Read templates, one a line; empty lines are left out.

    Raises:
        DataError: the file cannot be read, or holds none.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise DataError("templates", expected="a text file", actual=error, path=path) from error
    found = tuple(line.strip() for line in lines if line.strip())
    if not found:
        raise DataError("templates", expected="one a line", actual="an empty file", path=path)
    return found
