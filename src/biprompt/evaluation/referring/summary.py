"""Numbers of referring segmentation from records: by split, and by kind of question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from biprompt.evaluation.referring.kinds import kinds_of
from biprompt.evaluation.referring.ratios import Ratio, with_intervals
from biprompt.evaluation.referring.records import ReferringRun, by_image
from biprompt.metrics import (
    PERCENTS,
    Overlap,
    ReferringSums,
    generalised_sums,
    hit_sums,
    mean,
    merged,
    referring_sums,
    robust_sums,
)

Runs = Sequence[ReferringRun]


def summarize(
    runs: Runs, splits: Sequence[str], *, refusing: bool, robust: bool = False
) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals over images.

    Args:
        runs: all records of one contender.
        splits: parts of the data set.
        refusing: whether refusals count, as some of what is asked is not there.
        robust: whether references have sentences that mean them and sentences that mean nothing.

    Returns:
        `questions` and `images` asked; `left_out`: classes that an image does not show; `unread`:
        sentences that could not be asked; `not_understood`: without a word the model knows;
        `counted`: which of the two below is the protocol's; `splits`: see `numbers`; `kinds`:
        cIoU and gIoU by kind of question; `class_mean`: both, averaged over classes; a class
        without a pixel in any target or mask has no cIoU.
    """
    asked = [run for run in runs if run.asked]
    counted = "refusing" if refusing else "always"
    return {
        "questions": len(asked),
        "images": len({run.image for run in asked}),
        "left_out": len(runs) - len(asked),
        "unread": sum(bool(run.unread) for run in asked),
        "not_understood": sum(run.understood is False for run in asked),
        "counted": counted,
        "splits": {
            split: numbers(
                [run for run in asked if run.split == split], refusing=refusing, robust=robust
            )
            for split in splits
        },
        "kinds": _by_kind(asked, refusing=refusing),
        "class_mean": _class_mean(asked, refusing=refusing),
    }


def numbers(runs: Runs, *, refusing: bool, robust: bool = False) -> dict[str, Any]:
    """Return the numbers of one split; arguments as `summarize`.

    Returns:
        `questions`, `images`, `no_target`: questions without a target; `always`: every question
        answered, whatever the presence, and `refusing`: a refusal is an empty mask; each holds
        `ciou` and `giou` over all questions, `miou` and `p50` to `p90` over those with a target
        (over all where refusals do not count); `refused`: share of all; `n_acc`: refused of those
        without a target, `t_acc`: answered of those with one; `point_m`; and `robust` with mRR,
        mIoU and rIoU over references.
    """
    always, answered = ([run.overlap(refusing=no) for run in runs] for no in (False, True))
    images, count = by_image(runs)
    parts = {
        "always": _masks(always, images, refusing=refusing),
        "refusing": _masks(answered, images, refusing=refusing),
        "": _verdicts(runs, answered, images),
    }
    ratios = {f"{part}/{name}": r for part, each in parts.items() for name, r in each.items()}
    found = with_intervals(ratios, count)
    nested = {
        part: {name: found[f"{part}/{name}"] for name in each} for part, each in parts.items()
    }
    return {
        "questions": len(runs),
        "images": count,
        "no_target": sum(run.truth == 0 for run in runs),
        **nested.pop(""),
        **nested,
        **({"robust": _robust(runs)} if robust else {}),
    }


def _masks(
    overlaps: Sequence[Overlap], images: Sequence[int], *, refusing: bool
) -> dict[str, Ratio]:
    each = [referring_sums([one]) for one in overlaps]
    targets = [i for i, one in enumerate(overlaps) if one.truth or not refusing]
    sums = merged([each[i] for i in targets], ReferringSums())
    ious, where = [one.iou for one in overlaps], [images[i] for i in targets]
    found = _both_ious(overlaps, images)
    found["miou"] = Ratio(sums.giou, where, [ious[i] for i in targets])
    for index, percent in enumerate(PERCENTS):
        reached = [each[i].reached[index] for i in targets]
        found[f"p{percent}"] = Ratio(sums.precision(percent), where, reached)
    return found


def _both_ious(overlaps: Sequence[Overlap], images: Sequence[int]) -> dict[str, Ratio]:
    sums = referring_sums(overlaps)
    over, under = [one.intersection for one in overlaps], [one.union for one in overlaps]
    return {
        "ciou": Ratio(sums.ciou, images, over, under),
        "giou": Ratio(sums.giou, images, [one.iou for one in overlaps]),
    }


def _verdicts(runs: Runs, answered: Sequence[Overlap], images: Sequence[int]) -> dict[str, Ratio]:
    sums, hits = generalised_sums(answered), [run.hit for run in runs]
    present = [i for i, run in enumerate(runs) if run.truth]
    absent = [i for i, run in enumerate(runs) if not run.truth]
    pointed = [i for i, hit in enumerate(hits) if hit is not None]
    point_m = hit_sums(hits[i] is True for i in pointed).point_m

    def share(value: float, places: Sequence[int], counted: Sequence[bool]) -> Ratio:
        return Ratio(value, [images[i] for i in places], [counted[i] for i in places])

    refused = [run.refused for run in runs]
    return {
        "refused": Ratio(mean(map(float, refused)), images, refused),
        "n_acc": share(sums.n_acc, absent, refused),
        "t_acc": share(sums.t_acc, present, [not no for no in refused]),
        "point_m": share(point_m, pointed, [hit is True for hit in hits]),
    }


def _by_kind(runs: Runs, *, refusing: bool) -> dict[str, Any]:
    overlaps, kinds = [run.overlap(refusing=refusing) for run in runs], kinds_of(runs)
    images, count = by_image(runs)
    ratios = {
        f"{kind}/{name}/{metric}": ratio
        for kind, names in kinds.items()
        for name, places in names.items()
        for metric, ratio in _both_ious(
            [overlaps[i] for i in places], [images[i] for i in places]
        ).items()
    }
    found = with_intervals(ratios, count)
    return {
        kind: {
            name: {"questions": len(places)}
            | {metric: found[f"{kind}/{name}/{metric}"] for metric in ("ciou", "giou")}
            for name, places in names.items()
        }
        for kind, names in kinds.items()
    }


def _class_mean(runs: Runs, *, refusing: bool) -> dict[str, float]:
    classes: dict[str, list[Overlap]] = defaultdict(list)
    for run in runs:
        if run.label:
            classes[run.label].append(run.overlap(refusing=refusing))
    sums = [referring_sums(overlaps) for overlaps in classes.values()]
    return {
        "ciou": mean(each.ciou for each in sums if each.union),
        "giou": mean(each.giou for each in sums),
    }


def _robust(runs: Runs) -> dict[str, float]:
    references: dict[str, list[Overlap]] = defaultdict(list)
    for run in runs:
        references[run.key.rpartition("#")[0]].append(run.overlap(refusing=True))
    sums = robust_sums(references.values())
    return {"mrr": sums.mrr, "miou": sums.miou, "riou": sums.riou}
