"""The absence protocol: ask every photograph for every name, there or not (R-SIS).

On photographs where every instance of the known names is labelled, absence is known too. The
photographs are the validation part of a training folder (`biprompt.data.splits`).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from biprompt.data.coco import CocoDataset, CocoImage
from biprompt.data.splits import is_validation
from biprompt.evaluation.model import PromptModel
from biprompt.metrics import auroc, balanced_threshold, bootstrap_statistic, mean
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict

BATCH = 16
NEIGHBOURS = (
    *("puppy", "kitten", "automobile", "infant", "sofa", "cellphone", "bike", "seagull"),
    *("lorry", "television", "aeroplane", "pony"),
)
WORD_LISTS = ("labels", "neighbours", "invented")
INVENTED = (
    *("flimbrot", "quazzle", "dorvish", "snerp", "yolkibar", "trennock", "gluphy", "vastrel"),
    *("brindlequok", "xyzzt", "morfanole", "zibbet"),
)


@dataclass(frozen=True, slots=True)
class AbsenceRun:
    """What one photograph gave.

    Attributes:
        key: file name.
        present: the names that are there, sorted.
        presence: presence score by name asked; None where the model gave none.
        absent: names the model called absent.
        unknown: names no word of which meant anything to the model.
    """

    key: str
    present: Sequence[str]
    presence: dict[str, float | None]
    absent: Sequence[str]
    unknown: Sequence[str]


def held_out(dataset: CocoDataset, limit: int | None = None) -> list[CocoImage]:
    """Return the photographs kept out of training, the first `limit` of them."""
    return list(islice((i for i in dataset.images if is_validation(i.path.name)), limit))


def absence(
    model: PromptModel,
    dataset: CocoDataset,
    *,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[AbsenceRun]:
    """Yield one record a photograph, asked for every name of the data set.

    Args:
        model: what to measure.
        dataset: photographs in which every instance of every label is annotated.
        limit: only the first so many photographs.
        done: keys to leave out.
    """
    for image in held_out(dataset, limit):
        if image.path.name not in done:
            answers = ask_names(model, model.embed(image.path), dataset.labels)
            yield _record(image, answers)


def ask_names(model: PromptModel, scene: Any, names: Sequence[str]) -> dict[str, Segmentation]:
    """Ask for each name alone, a few at a time so that the masks need little memory."""
    answers: dict[str, Segmentation] = {}
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        found = model.segment_many(scene, [Prompt.build(text=name) for name in batch])
        answers.update(zip(batch, found, strict=True))
    return answers


def _record(image: CocoImage, answers: dict[str, Segmentation]) -> AbsenceRun:
    labels = {annotation.label for annotation in image.annotations}
    return AbsenceRun(
        key=image.path.name,
        present=sorted(labels & answers.keys()),
        presence={name: answer.presence for name, answer in answers.items()},
        absent=[n for n, answer in answers.items() if answer.verdict is Verdict.ABSENT],
        unknown=[n for n, answer in answers.items() if answer.card.text_understood is False],
    )


@dataclass(frozen=True, slots=True)
class WordsRun:
    """Which words one photograph's answers understood.

    Attributes:
        key: name of the list of words.
        words: the words asked.
        understood: those that meant something to the model.
    """

    key: str
    words: Sequence[str]
    understood: Sequence[str]


def understood_words(
    model: PromptModel,
    dataset: CocoDataset,
    *,
    done: Container[str] = (),
) -> Iterator[WordsRun]:
    """Yield which of three lists of words mean something: labels, neighbours, invented ones.

    Understanding hangs on the words and not on the photograph, so one photograph is asked.
    """
    lists = dict(zip(WORD_LISTS, (dataset.labels, NEIGHBOURS, INVENTED), strict=True))
    for key, words in lists.items():
        if key not in done:
            answers = ask_names(model, model.embed(dataset.images[0].path), words)
            known = [w for w, a in answers.items() if a.card.text_understood is not False]
            yield WordsRun(key, list(words), known)


def summarize(runs: Sequence[AbsenceRun], words: Sequence[WordsRun] = ()) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values.

    A name without a presence score counts as undecided: it is left out of the AUROC and counted.

    Returns:
        `photographs`, `present` and `absent`: pairs of photograph and name; `auroc` with its 95 %
        interval over photographs; `auroc_by_name`: mean over names; `n_acc`: share of absent names
        called absent; `t_acc`: share of present names not called absent; `threshold`: the presence
        that splits best, with its two accuracies; `understood`: share by list of words.
    """
    pairs = [_pairs(run) for run in runs]
    scores = np.concatenate([s for s, _ in pairs]) if pairs else np.zeros(0)
    labels = np.concatenate([p for _, p in pairs]) if pairs else np.zeros(0, bool)
    return {
        "photographs": len(runs),
        "present": int(labels.sum()),
        "absent": int((~labels).sum()),
        "without_score": sum(value is None for run in runs for value in run.presence.values()),
        "auroc": {"mean": auroc(scores, labels), "interval": _interval(pairs)},
        "auroc_by_name": _by_name(runs),
        "n_acc": mean(name in run.absent for run in runs for name in _missing(run)),
        "t_acc": mean(name not in run.absent for run in runs for name in run.present),
        "threshold": _threshold(scores, labels),
        "understood": {
            run.key: {
                "asked": len(run.words),
                "understood": len(run.understood),
                "others": [word for word in run.words if word not in run.understood],
            }
            for run in words
        },
    }


def _pairs(run: AbsenceRun) -> tuple[Any, Any]:
    known = {name: value for name, value in run.presence.items() if value is not None}
    present = [name in run.present for name in known]
    return np.array(list(known.values()), float), np.array(present, bool)


def _missing(run: AbsenceRun) -> list[str]:
    return [name for name in run.presence if name not in run.present]


def _interval(pairs: Sequence[tuple[Any, Any]]) -> list[float]:
    def resampled(drawn: Any) -> float:
        chosen = [pairs[index] for index in drawn]
        return auroc(np.concatenate([s for s, _ in chosen]), np.concatenate([p for _, p in chosen]))

    return list(bootstrap_statistic(len(pairs), resampled, resamples=500))


def _by_name(runs: Sequence[AbsenceRun]) -> float:
    names = sorted({name for run in runs for name in run.presence})
    areas = [_area(name, runs) for name in names]
    return mean(area for area in areas if not np.isnan(area))


def _area(name: str, runs: Sequence[AbsenceRun]) -> float:
    asked = [(run.presence.get(name), name in run.present) for run in runs]
    known = [(value, there) for value, there in asked if value is not None]
    return auroc([value for value, _ in known], [there for _, there in known])


def _threshold(scores: Any, labels: Any) -> dict[str, float]:
    best = balanced_threshold(scores, labels)
    return {
        "presence": best,
        "n_acc": mean(scores[~labels] < best),
        "t_acc": mean(scores[labels] >= best),
    }
