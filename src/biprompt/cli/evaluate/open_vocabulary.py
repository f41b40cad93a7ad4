"""`biprompt evaluate open-vocabulary`: every class of a set by its name, as one label map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli.classes.options import ClassOptions, Denoise, Least, Synonyms
from biprompt.cli.evaluate.absence import Template
from biprompt.cli.evaluate.common import Data, Dataset, Split, ValidationOnly, names
from biprompt.cli.evaluate.running import Running, with_running
from biprompt.errors import InputError

HELP = """Measure segmentation into named classes: open-vocabulary-SET.md, .json and .html.

Every photograph is asked for each class of its set by name, and the masks become one label map:
mIoU, IoU by class, pixel accuracy, FB-IoU, and seen, unseen and hIoU for a list of unseen classes,
beside the published rows. Pascal VOC and Context, COCO-Stuff, ADE20K, parts, and any labelled
folder. Stopped, the same command goes on where it was.

\b
  biprompt evaluate open-vocabulary --data data/camvid-train
  biprompt evaluate open-vocabulary --data VOC --dataset pascal-voc --unseen standard
  biprompt evaluate open-vocabulary --data coco --dataset coco-stuff --unseen-file unseen.txt
"""

Unseen = Annotated[
    list[str],
    typer.Option(
        "--unseen",
        metavar="A,B,...",
        help="Classes kept out of training; `standard` takes the usual ones of pascal-voc, "
        "pascal-context and coco-stuff.",
        show_default=False,
        default_factory=list,
    ),
]
UnseenFile = Annotated[
    Path | None,
    typer.Option(
        "--unseen-file", metavar="FILE", help="The same, a name a line.", show_default=False
    ),
]
IgnoreBackground = Annotated[
    bool,
    typer.Option("--ignore-background", help="Pixels of the background count nowhere."),
]


@with_running
def open_vocabulary(
    run: Running,
    data: Data,
    unseen: Unseen,
    dataset: Dataset = "coco-folder",
    split: Split = None,
    unseen_file: UnseenFile = None,
    ignore_background: IgnoreBackground = False,
    validation_only: ValidationOnly = None,
    template: Template = None,
    synonyms: Synonyms = None,
    denoise: Denoise = None,
    least: Least = None,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.evaluation.open_vocabulary import OpenVocabulary, open_study

    rules = ClassOptions(
        template=[] if template is None else [template], synonyms=synonyms,
        denoise=denoise, least=least,
    ).rules()  # fmt: skip
    kept_out = _unseen(names("--unseen", unseen), unseen_file)

    def study() -> OpenVocabulary:
        return open_study(
            data, dataset, split,
            unseen=kept_out, rules=rules, ignore_background=ignore_background,
            validation_only=validation_only, limit=run.limit,
        )  # fmt: skip

    run.carry_out(study)


def _unseen(given: tuple[str, ...], file: Path | None) -> tuple[str, ...]:
    from biprompt.evaluation.open_vocabulary.splits import read_names

    if file is None:
        return given
    if given:
        raise InputError("--unseen-file", expected="no --unseen beside it", actual=file)
    return read_names(file)
