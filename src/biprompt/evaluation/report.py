"""The accuracy report as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from biprompt.evaluation.biprompt import GAINS, MEASURES
from biprompt.evaluation.page.blocks import Bullets
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.evaluation.page.numbers import number, provenance, with_interval

_PROTOCOL = """\
Masks are compared at the original resolution. Clicks are simulated: the first lies in the middle
of the object, each later one in the middle of the largest error (the pixel farthest from what is
right, Euclidean distance); 20 at most, an object that never reaches the IoU counts 20. Pixels of
an `ignore` band count nowhere and are not clicked. "Best of 3" takes the truth to choose among the
click's candidates. In coco-mval-test one instance of the named kind is recorded, so words alone
are judged too low. Brackets hold the 95 % bootstrap interval over objects (AUROC: over
photographs)."""


def to_markdown(report: Mapping[str, Any]) -> bytes:
    """Return the report as a Markdown page: the table, then every protocol's details."""
    run, model = report["run"], report["run"]["model"]["name"]
    parts = [f"# Accuracy of `{model}`", _bullets(provenance(run)), _summary(report["table"])]
    parts += [_PROTOCOL]
    for name, found in report["sets"].items():
        parts += [f"## {name}: {found['folder']}", *_details(found["results"], model)]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _summary(table: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in table for name in row["baselines"]))
    header = ["set and protocol", "result", "at least", "aim", "reached", *names]
    return markdown_table(header, ([*_judged(row), *_beside(row, names)] for row in table))


def _judged(row: Mapping[str, Any]) -> list[str]:
    digits = 2 if row["fewer_is_better"] else 3
    reached = {None: "", True: "yes", False: "no"}[row["reached"]]
    value = with_interval(row["value"], row["interval"], digits)
    targets = [number(row[key], digits) for key in ("at_least", "aim")]
    return [row["name"], value, *targets, reached]


def _beside(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    digits = 2 if row["fewer_is_better"] else 3
    return [number(row["baselines"].get(name), digits) for name in names]


def _mean(entry: Mapping[str, Any], digits: int = 3) -> str:
    return with_interval(entry["mean"], entry["interval"], digits)


def _details(results: Mapping[str, Mapping[str, Any]], model: str) -> list[str]:
    clicked = {name: found for name, found in results.items() if "noc" in found}
    parts = [_clicked(clicked)] if clicked else []
    found = results[model]
    if "gain" in found:
        parts += _dual(found)
    if "auroc" in found:
        parts += _absence(found)
    return parts


def _clicked(results: Mapping[str, Mapping[str, Any]]) -> str:
    first = next(iter(results.values()))
    clicks, thresholds = list(first["iou"]), list(first["noc"])
    header = ["", "objects", *(f"IoU@{k}" for k in clicks)]
    header += [cell for t in thresholds for cell in (f"NoC@{t}", f"fail@{t}")]
    header += ["1 click, best", "score correlation"]
    return markdown_table(header, (_click_row(name, found) for name, found in results.items()))


def _click_row(name: str, found: Mapping[str, Any]) -> list[str]:
    counts = [
        cell
        for entry in found["noc"].values()
        for cell in (_mean(entry, 2), str(entry["failures"]))
    ]
    ious = [number(entry["mean"]) for entry in found["iou"].values()]
    first = found["first"]
    best, alike = number(first["best"]["mean"]), number(first["score_correlation"], 2)
    return [name, str(found["objects"]), *ious, *counts, best, alike]


def _dual(found: Mapping[str, Any]) -> list[str]:
    ious = [[MEASURES[key], _mean(entry)] for key, entry in found["iou"].items()]
    gains = [[name.replace("_", " "), _mean(found["gain"][name])] for name in GAINS]
    picked = ", ".join(
        f"{name.replace('_', ' ')} {number(share, 2)}"
        for name, share in found["picked_best"].items()
    )
    verdicts = "; ".join(
        f"{name.replace('_', ' ')}: {_counts(counts)}" for name, counts in found["verdicts"].items()
    )
    notes = [
        f"{found['objects']} objects; names understood: {number(found['understood'], 2)}",
        f"share that takes the best of the click's candidates: {picked}",
        f"winners of pool=wide: {_counts(found['winners'])}",
        f"verdicts: {verdicts}",
        f"correlation of predicted with true IoU: {number(found['score_correlation'], 2)}",
    ]
    return [
        markdown_table(["answer", "mean IoU"], ious),
        markdown_table(["paired difference", "mean IoU"], gains),
        "\n".join(f"- {note}" for note in notes),
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _absence(found: Mapping[str, Any]) -> list[str]:
    best = found["thresholds"].get("balanced")
    rows = [
        ["AUROC of presence", _mean(found["auroc"])],
        ["AUROC, mean over names", number(found["auroc_by_name"])],
        ["absent names called absent (N-acc)", _mean(found["n_acc"])],
        ["present names not called absent (T-acc)", _mean(found["t_acc"])],
    ]
    if best:
        both = f"{number(best['n_acc']['mean'])} / {number(best['t_acc']['mean'])}"
        rows += [["threshold that splits best", number(best["presence"])]]
        rows += [["N-acc / T-acc at it", both]]
    words = [
        [name, f"{entry['understood']} of {entry['asked']}", ", ".join(entry["others"][:20]) or "-"]
        for name, entry in found["understood"].items()
    ]
    asked = f"{found['photographs']} photographs, {found['present']} present and {found['absent']}"
    return [
        f"{asked} absent names, {found['without_score']} without a score.",
        markdown_table(["presence", ""], rows),
        markdown_table(["words", "understood", "not understood"], words),
    ]


def _bullets(block: Bullets) -> str:
    return "\n".join(f"- {line}" for line in block.lines)
