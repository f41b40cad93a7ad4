"""How well the embedded model refuses, before and after the text gate: docs/results/refusal.md.

    python -m benchmarks.refusal --data data/coco-train

Every photograph kept out of training is asked for the 80 names, for them in other words, and for
things outside the domain (the held-back questions of the bank). Then the presence score is taken
away, and estimated from how the masks look: fitted on every other photograph, measured on the rest.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import biprompt
from biprompt import Prompt, Segmentation, Segmenter, Verdict
from biprompt.evaluation.absence import Photograph, open_photographs
from biprompt.io.files import atomic_write
from biprompt.metrics import auroc
from biprompt.presence import Resolution, resolve
from biprompt.presence.bank import read_bank
from biprompt.presence.calibration import Logistic, fit_logistic
from biprompt.presence.gates import ESTIMATE, SIGNS
from biprompt.presence.questions import concepts_of
from biprompt.segmenter.questions import signs

OUT = Path("docs/results/refusal.md")
NAMES, OTHER, OUTSIDE = "the 80 names", "the names in other words", "things outside the domain"
_BATCH = 16


@dataclass(frozen=True)
class Asked:
    """One question of one photograph: is it there, what the model says alone, and with the gate."""

    photograph: int
    sort: str
    there: bool
    alone: bool
    gated: bool


@dataclass(frozen=True)
class Looked:
    """How the mask for a name looks; the presence score that is taken away, beside it."""

    photograph: int
    there: bool
    presence: float
    values: tuple[float, ...]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--keep", action="store_true", help=f"write the estimate to {ESTIMATE}")
    given = parser.parse_args()
    opened = open_photographs(given.data, limit=given.limit)
    model = biprompt.load()
    asked: list[Asked] = []
    looked: list[Looked] = []
    for number, photograph in enumerate(opened.photographs):
        one, two = measure(model, photograph, number)
        asked, looked = asked + one, looked + two
    estimate = fit([each for each in looked if each.photograph % 2 == 0])
    text = page(asked, looked, estimate, opened.data.name, len(opened.photographs))
    atomic_write(given.out, text.encode(), force=True)
    print(text)
    if given.keep:
        atomic_write(ESTIMATE, toml(estimate, opened.data.name).encode(), force=True)


def questions() -> tuple[dict[str, Resolution], dict[str, str], list[str]]:
    """Return what each question means, the name behind the other words, and what is outside."""
    cache = concepts_of("coco")
    held = [q for q in read_bank("coco", cache.domain) if q.held_back]
    other = {q.text: next(iter(q.things)) for q in held if q.things}
    outside = [q.text for q in held if not q.things]
    every = [*cache.domain.things, *other, *outside]
    return {text: resolve(text, cache) for text in every}, other, outside


def measure(
    model: Segmenter, photograph: Photograph, number: int
) -> tuple[list[Asked], list[Looked]]:
    """Ask a photograph everything."""
    meant, other, outside = questions()
    there = {question.name: question.there for question in photograph.questions()}
    scene = model.embed(photograph.picture.load().pixels)
    answers = dict(answered(model, scene, meant))
    sorts = dict.fromkeys(there, NAMES) | dict.fromkeys(other, OTHER)
    sorts |= dict.fromkeys(outside, OUTSIDE)
    asked = []
    for text, sort in sorts.items():
        named = meant[text].concepts
        gated = any(found(answers[thing]) for thing in named)
        truth = there.get(other.get(text, text), False)
        asked.append(Asked(number, sort, truth, found(answers[text]), gated))
    likely = [t for t, sort in sorts.items() if sort != OUTSIDE and len(meant[t].concepts) == 1]
    shown = {text: answers[meant[text].concepts[0]] for text in likely}
    shown = {text: answer for text, answer in shown.items() if answer.card.text_mask is not None}
    similar = [meant[text].parts[0].similarity for text in shown]
    seen = signs(model, scene, [*shown.values()], similar)
    looked = [
        Looked(number, there[other.get(text, text)], answer.presence, each.values)
        for (text, answer), each in zip(shown.items(), seen, strict=True)
        if answer.presence is not None and each.area > 0
    ]
    return asked, looked


def answered(
    model: Segmenter, scene: biprompt.segmenter.ImageEmbedding, texts: Iterable[str]
) -> Iterable[tuple[str, Segmentation]]:
    """Yield each text with the model's own answer."""
    every = list(texts)
    for start in range(0, len(every), _BATCH):
        part = every[start : start + _BATCH]
        prompts = [Prompt.build(text=text) for text in part]
        yield from zip(part, model.segment_many(scene, prompts), strict=True)


def found(answer: Segmentation) -> bool:
    """Whether the model says that it is there."""
    return answer.verdict is not Verdict.ABSENT


def fit(looked: Sequence[Looked]) -> Logistic:
    """Fit presence to how masks look, for questions whose thing is there every other time.

    Here few are: of 80 names some four. The offset is moved by the logarithm of the odds.
    """
    there = [each.there for each in looked]
    fitted = fit_logistic([each.values for each in looked], there, SIGNS)
    odds = float(np.mean(there)) / (1 - float(np.mean(there)))
    return replace(fitted, offset=fitted.offset - float(np.log(odds)))


def page(
    asked: Sequence[Asked], looked: Sequence[Looked], estimate: Logistic, data: str, count: int
) -> str:
    """Return the Markdown."""
    rows = [_row(asked, sort) for sort in (NAMES, OTHER, OUTSIDE)]
    rest = [each for each in looked if each.photograph % 2]
    truth = np.array([each.there for each in rest])
    own = np.array([each.presence for each in rest])
    guess = np.array([_estimated(each, estimate) for each in rest])
    weights = [f"| {n} | {w:.3f} |" for n, w in zip(SIGNS, estimate.weights, strict=True)]
    lines = [
        "# Refusal before and after the text gate",
        "",
        f"`compact` on {count} photographs of {data}; `python -m benchmarks.refusal` makes this "
        "page. N-acc: share of absent things that are refused; T-acc: share of present things "
        "that are answered. After: the question is resolved in the domain `coco`, refused where "
        "it names none of it, and else the model is asked for the name it was resolved to.",
        "",
        "| asked for | absent | N-acc before | after | present | T-acc before | after |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
        "",
        "What lies outside the domain counts as absent, though some of it may be in a photograph: "
        "the right answer within the domain is a refusal. The gate's descriptions and threshold "
        "were tuned on the other half of the bank.",
        "",
        "## Presence without a presence score",
        "",
        "For an expert that gives none, presence is estimated from its mask. Here the embedded "
        "model's score was taken away; fitted on every other photograph, measured on the rest "
        f"({len(rest)} masks, {int(truth.sum())} of things that are there).",
        "",
        "| presence | AUROC | N-acc at 0.5 | T-acc at 0.5 |",
        "|---|---:|---:|---:|",
        _scored("the model's own score", own - 0.5, truth),
        _scored("estimated from the mask", guess, truth),
        "",
        "The estimate is calibrated for questions whose thing is there every other time. It is "
        "weak: better than nothing, and no substitute for a presence score.",
        "",
        "| sign | weight |",
        "|---|---:|",
        *weights,
        "",
    ]
    return "\n".join(lines)


def _row(asked: Sequence[Asked], sort: str) -> str:
    mine = [each for each in asked if each.sort == sort]
    absent = [each for each in mine if not each.there]
    present = [each for each in mine if each.there]
    cells = [
        str(len(absent)),
        _share([not each.alone for each in absent]),
        _share([not each.gated for each in absent]),
        str(len(present)),
        _share([each.alone for each in present]),
        _share([each.gated for each in present]),
    ]
    return f"| {sort} | {' | '.join(cells)} |"


def _scored(label: str, margins: np.ndarray, truth: np.ndarray) -> str:
    """A row; a thing counts as there from margin 0 on."""
    said = margins >= 0
    refused, kept = _share([*~said[~truth]]), _share([*said[truth]])
    return f"| {label} | {auroc(margins, truth):.3f} | {refused} | {kept} |"


def _share(hits: Sequence[bool]) -> str:
    return f"{100 * float(np.mean(hits)):.1f} %" if hits else "-"


def _estimated(each: Looked, estimate: Logistic) -> float:
    return float(estimate.logit(each.values))


def toml(estimate: Logistic, data: str) -> str:
    """Return the estimate as the file in the package."""
    weights = [f"{n} = {w:.4f}" for n, w in zip(SIGNS, estimate.weights, strict=True)]
    return "\n".join(
        [
            f"# Fitted on {data}: `python -m benchmarks.refusal --keep`, docs/results/refusal.md.",
            f"offset = {estimate.offset:.4f}",
            "",
            "[weights]",
            *weights,
            "",
        ]
    )


if __name__ == "__main__":
    main()
