"""Which tricks of hard prompts help a label map. ``python -m benchmarks.classes --help``.

Every photograph is looked at once and asked once for each phrase; the variants share the answers,
so that they differ in what they are called after and in nothing else. Stopped, it goes on where it
was. Only validation parts of the training folders: what is chosen here is the default, and the
tests of `biprompt evaluate open-vocabulary` come after it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import facts
from biprompt import Segmenter, load
from biprompt.data.labels import IGNORE
from biprompt.data.samples import SemanticSample
from biprompt.evaluation.open_vocabulary import Classes, open_study
from biprompt.evaluation.open_vocabulary.composing import truth_map
from biprompt.evaluation.open_vocabulary.record import cells_of, counts_of
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.metrics import confusion
from biprompt.segmenter.classes import ClassRules, NamedClass
from biprompt.segmenter.classes.asking import Ask, class_maps
from biprompt.segmenter.classes.choosing import choose_template
from biprompt.segmenter.classes.composing import Composition
from biprompt.segmenter.classes.segmenting import asker, takes_part
from biprompt.segmenter.classes.templates import PLAIN, SEMANTIC

OUT = Path("docs/results")
FOLDERS = {"camvid-train": 25, "faces-train": 10, "coco-train": 12, "clothing-train": 12}
"""Folders, and how many photographs of the part kept aside, evenly taken."""
EVERY = "all {}"
CAPTIONS = ("a photo of a {}", "a photo of many {}", "there is a {} in the scene")
PLAIN_ONE, OWN = (PLAIN,), (PLAIN, SEMANTIC, EVERY)
TOLD = "told which classes are there"
DEFAULT = "default"
VARIANTS: Mapping[str, ClassRules] = {
    DEFAULT: ClassRules(PLAIN_ONE),
    "outlines alone, the surest class has the pixel": ClassRules(
        PLAIN_ONE, denoise=0.5, weight=1.0, soft=False
    ),
    "denoising: none": ClassRules(PLAIN_ONE, denoise=0.0),
    "denoising: presence 0.5 for any list": ClassRules(PLAIN_ONE, denoise=0.5),
    "template: [semantic] {}": ClassRules((SEMANTIC,)),
    "templates: mean of three the model was trained with": ClassRules(OWN),
    "templates: mean of three captions": ClassRules(CAPTIONS),
    "sharpness: the least sharp of these six": ClassRules((*OWN, *CAPTIONS), sharpest=True),
    "synonyms: plurals": ClassRules(PLAIN_ONE, synonyms="plural"),
    "synonyms: plurals and other names": ClassRules(PLAIN_ONE, synonyms="same"),
    "synonyms: plurals, other names and sorts": ClassRules(PLAIN_ONE, synonyms="narrow"),
    TOLD: ClassRules(PLAIN_ONE, denoise=0.0),
}


def main() -> None:
    """Measure, and write docs/results/classes.md and .json."""
    reading = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reading.add_argument("data", type=Path, help="the folder that holds the training folders")
    reading.add_argument("--out", type=Path, default=OUT)
    reading.add_argument("--kept", type=Path, default=Path("runs/classes"), help="for going on")
    reading.add_argument("--minutes", type=float, default=float("inf"), help="for each folder")
    given = reading.parse_args()
    model, found = load(), {}
    for name, count in FOLDERS.items():
        found[name] = _folder(model, given.data / name, count, given.kept, given.minutes)
        _write(found, given.out)


def _folder(model: Segmenter, root: Path, count: int, kept: Path, minutes: float) -> dict[str, Any]:
    study = open_study(root)
    places = np.unique(np.linspace(0, len(study.samples) - 1, count).astype(int))
    kept.mkdir(parents=True, exist_ok=True)
    file = kept / f"{root.name}.jsonl"
    done = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    keys = {each["key"] for each in done}
    until = time.monotonic() + 60 * minutes
    for place in places:
        if done and time.monotonic() > until:
            break
        sample = study.samples[place]
        if str(sample.image_id) not in keys:
            cells = dict(_photograph(model, sample, study.classes))
            done.append({"key": str(sample.image_id), "cells": cells})
            with file.open("a") as stream:
                stream.write(json.dumps(done[-1]) + "\n")
            print(root.name, len(done), "of", len(places), flush=True)
    return _summary([each["cells"] for each in done], study.classes)


def _photograph(
    model: Segmenter, sample: SemanticSample, classes: Classes
) -> Iterator[tuple[str, Any]]:
    truth = truth_map(sample, classes)
    hw, there = (truth.shape[0], truth.shape[1]), set(np.unique(truth).tolist())
    picture = sample.picture
    scene = model.embed(picture.path if picture.crop is None else picture.load().pixels)
    ask = _remembered(asker(model, scene))
    glance = _remembered(asker(model, scene, outline=False))
    names = [NamedClass(classes.names[index]) for index in classes.asked]
    for variant, rules in VARIANTS.items():
        templates = rules.templates or PLAIN_ONE
        if rules.sharpest:
            templates = (choose_template([glance], names, templates),)
        threshold = rules.threshold(len(names))
        composition = Composition(hw, classes.rest, rules.least, rules.weight)
        seen = class_maps(
            ask, names, templates, rules.synonyms, soft=rules.soft,
            glance=glance if threshold else None, threshold=threshold,
        )  # fmt: skip
        for found in seen:
            index = classes.asked[found.place]
            if takes_part(found, threshold) and (variant != TOLD or index in there):
                composition.add(index, found.spread(hw, scene.frame), found.confidence)
        yield variant, cells_of(confusion(composition.labels, truth, classes.count, IGNORE))


def _remembered(ask: Ask) -> Ask:
    known: dict[str, Any] = {}

    def answers(phrases: Sequence[str]) -> list[Any]:
        fresh = [phrase for phrase in phrases if phrase not in known]
        known.update(zip(fresh, ask(fresh), strict=True) if fresh else ())
        return [known[phrase] for phrase in phrases]

    return answers


def _summary(records: Sequence[Mapping[str, Any]], classes: Classes) -> dict[str, Any]:
    sums = {name: _sums([each[name] for each in records], classes) for name in VARIANTS}
    rows = np.random.default_rng(0).integers(len(records), size=(1000, len(records)))
    base = sums[DEFAULT]
    return {
        "photographs": len(records),
        "classes": len(classes.asked),
        "variants": {
            name: {
                "miou": float(_miou(*(part.sum(0) for part in each))),
                "gain": float(_miou(*(p.sum(0) for p in each)) - _miou(*(p.sum(0) for p in base))),
                "interval": np.percentile(_miou(*(p[rows].sum(1) for p in each))
                                          - _miou(*(p[rows].sum(1) for p in base)),
                                          [2.5, 97.5]).tolist(),
            }
            for name, each in sums.items()
        },
    }  # fmt: skip


def _sums(cells: Sequence[Any], classes: Classes) -> tuple[Any, Any]:
    """Pixels above and below the line of each class's IoU, a row a photograph."""
    counts = np.stack([counts_of(each, classes.count) for each in cells])
    hits = np.diagonal(counts, axis1=1, axis2=2)
    unions = counts.sum(1) + counts.sum(2) - hits
    return hits[:, classes.asked], unions[:, classes.asked]


def _miou(hits: Any, unions: Any) -> Any:
    ious = np.where(unions > 0, hits / np.maximum(unions, 1), np.nan)
    return np.nanmean(ious, axis=-1)


def _write(found: Mapping[str, Any], out: Path) -> None:
    report = {"run": facts(), "folders": found}
    (out / "classes.json").write_text(json.dumps(report, indent=1) + "\n")
    header = ("", *(f"{name}: mIoU" for name in found))
    rows = [
        (name, *(_cell(each["variants"][name]) for each in found.values())) for name in VARIANTS
    ]
    sizes = "; ".join(
        f"{name} {each['photographs']} photographs, {each['classes']} classes"
        for name, each in found.items()
    )
    run = report["run"]
    text = f"""# Hard prompts and label maps: what helps

`python -m benchmarks.classes DATA`: validation parts of the training folders ({sizes}), all classes
of the folder asked of each photograph. mIoU over the classes in per cent; in brackets the
difference from the default and its 95 % interval (1,000 paired resamples of the photographs).
Each row changes one thing of the default: the plain name, no further words, maps that compete, and
a presence of at least the threshold of the list's length (`denoising.threshold_for`).

{markdown_table(header, rows)}

Measured {run["date"]} at commit {run["commit"]}, with `{load().name}`.
"""
    (out / "classes.md").write_text(text)


def _cell(each: Mapping[str, Any]) -> str:
    low, high = each["interval"]
    if not each["gain"] and not low and not high:
        return f"{100 * each['miou']:.1f}"
    gain = f"{100 * each['gain']:+.1f}; {100 * low:+.1f} to {100 * high:+.1f}"
    return f"{100 * each['miou']:.1f} ({gain})"


if __name__ == "__main__":
    main()
