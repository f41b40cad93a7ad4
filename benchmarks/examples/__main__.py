"""Ask the example expert about photographs kept out of training, fit, and write the numbers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import biprompt
from benchmarks.examples.fitting import Gate, chosen, errors_of, fit_gate, fit_iou
from benchmarks.examples.measuring import Asked, ask
from benchmarks.examples.questions import questions
from biprompt.experts.examples.judging import MEASURED
from biprompt.io.files import atomic_write

FOLDERS = ("animals-train", "carparts-train", "clothing-train", "coco-train", "polyp-train")
COUNT = 24
"""Questions a folder of things that are there, and as many of things that are not."""
_HEAD = """\
# How examples are judged; see biprompt.experts.examples.judging. Made by
#   python -m benchmarks.examples --data ../shared/data -o FILE
# with the model {model} on {there} questions of things that are there and {absent} of things that
# are not, about half of the latter in images of another folder; one example each; only photographs
# that are kept out of training, of
# {folders}.
#
# Mean IoU of what was chosen, the folder's own questions left out of the fit: {chosen:.3f}; of the
# decoder's own favourite: {favourite:.3f}; of the best proposal there was: {best:.3f}.
# Refusal, likewise left out: {refused:.0%} of what is there refused; found were {found:.0%} of what
# is not there in images of the same folder, and {strange:.0%} in images of others.
"""


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="benchmarks.examples", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds the folders")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--cache", default=None, help="folder for embeddings")
    given = parser.parse_args()
    model = biprompt.load(given.model, cache=given.cache or False)
    asked = []
    for question in questions(given.data, FOLDERS, 1, COUNT):
        asked.append(ask(model, question))
        if len(asked) % 20 == 0:
            print(f"{len(asked)} questions, {question.folder}", flush=True)
    text = written(asked, model.name)
    atomic_write(given.output, text.encode(), force=True)
    print(text)


def written(asked: Sequence[Asked], model: str) -> str:
    """The file: how it was made, and the numbers."""
    line = fit_iou(asked)
    weights = "".join(
        f"{name} = {value:.4f}\n" for name, value in zip(MEASURED, line[0], strict=True)
    )
    gates = "".join(
        f"\n[presence.{name}]\nslope = {gate.slope:.3f}\nthreshold = {gate.threshold:.4f}\n"
        f"equal_error = {gate.errors:.3f}\n"
        for name, gate in ((model, fit_gate(asked, line, 0)), ("any", fit_gate(asked, line, 1)))
    )
    return f"{_head(asked, model)}\n[iou]\nbias = {line[1]:.4f}\n\n[iou.weights]\n{weights}{gates}"


def _head(asked: Sequence[Asked], model: str) -> str:
    rows, errors = [], []
    for folder in FOLDERS:
        others = [one for one in asked if one.folder != folder]
        own = [one for one in asked if one.folder == folder]
        line = fit_iou(others)
        gate: Gate = fit_gate(others, line, 0)
        errors.append(errors_of(gate, own, line, 0))
        there = [one for one in own if one.is_there]
        favourite = MEASURED.index("predicted")
        rows.append(
            np.mean(
                [
                    (o.ious[chosen(o, line)], o.ious[o.values[:, favourite].argmax()], o.ious.max())
                    for o in there
                ],
                0,
            )
        )
    taken, favourite_iou, best = np.mean(rows, 0)
    refused, found, strange = np.nanmean(errors, 0)
    return _HEAD.format(
        model=model, there=sum(one.is_there for one in asked),
        absent=sum(not one.is_there for one in asked), folders=", ".join(FOLDERS),
        chosen=taken, favourite=favourite_iou, best=best,
        refused=refused, found=found, strange=strange,
    )  # fmt: skip


if __name__ == "__main__":
    main()
