"""``python -m benchmarks.harness``: objects a second of the evaluation harness without a model.

The real masks of a folder are clicked on, compared and summed up, on one core, with a model that
answers at once. Beside it stands the same as one would write it down, `benchmarks.naive`; both have
to give the same clicks and numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import machine, naive
from benchmarks.moved import CLICKS, Moved
from benchmarks.timing import Sample, repeat
from biprompt import BipromptError
from biprompt.data.readers.registry import read_dataset
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.evaluation.interactive import Clicking, Interactive
from biprompt.evaluation.interactive.asking import Thing, asking, click_turns
from biprompt.evaluation.interactive.clicking import JITTERED
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.evaluation.provenance import DataFacts
from biprompt.metrics import PERCENTS, overlap, referring_sums

DATA = Path("../shared/data/coco-mval-test")
AT_LEAST = 200.0
"""Objects a second that were asked for."""
NOTES = """\
- "20 clicks" is the whole click protocol of an object: decode it, click, answer, click on the
  largest error, twenty times, and compare every answer. The answer is the true mask, moved by less
  and less, about as good after each click as the embedded model's.
- Times are those of the processor: what else the machine does has little part in them.
- The naive way takes distance transforms of whole images and plain loops; the ratio is of medians,
  on the same objects."""

_timed = partial(repeat, clock=time.process_time)

Pair = tuple[InteractiveObject, Moved]


@dataclass(frozen=True, slots=True)
class Speed:
    """How long a part of the harness takes.

    Attributes:
        name: what was done.
        objects: of how many objects.
        ours: seconds of all of them together.
        naive: seconds of the naive way, None where it was not timed.
        at_least: objects a second that were asked for, None for no such wish.
    """

    name: str
    objects: int
    ours: Sample
    naive: Sample | None = None
    at_least: float | None = None

    @property
    def per_second(self) -> float:
        """Objects a second, by the median."""
        return self.objects / self.ours.median

    @property
    def ratio(self) -> float | None:
        """How many times ours goes into the naive way."""
        return None if self.naive is None else self.naive.median / self.ours.median

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        naive = None if self.naive is None else self.naive.to_dict()
        told = {"name": self.name, "objects": self.objects, "at_least": self.at_least}
        speed = {"objects_per_second": self.per_second, "ratio": self.ratio}
        return told | speed | {"seconds": self.ours.to_dict(), "naive_seconds": naive}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 where both ways do not give the same."""
    options = _options(arguments)
    if not options.data.is_dir():
        print(f"harness: nothing measured, there are no masks at {options.data} (--data DIR)")
        return 0
    facts = machine.facts()
    _stay_on_one_core()
    try:
        every = pairs(options.data, options.limit)
        some = every[:: max(1, len(every) // options.compared)][: options.compared]
        speeds, same = measure(every, some, options.repeat), agree(some)
    except BipromptError as error:
        print(f"harness: {error}", file=sys.stderr)
        return 1
    print(f"{_table(speeds)}\n\n{NOTES}")
    print(f"- clicks and IoUs of both ways are {'the same' if same else '**not the same**'}")
    print(f"- masks of {options.data.resolve().name}; one core; medians of {options.repeat} runs")
    for line in machine.lines(facts):
        print(f"- {line}")
    if options.json:
        report = {"run": facts, "same": same, "speeds": [speed.to_dict() for speed in speeds]}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if same else 1


def pairs(folder: Path, limit: int | None = None) -> list[Pair]:
    """Return the objects of a folder in COCO layout, each with the model that knows it.

    Raises:
        DataError: the folder is wrong, or no object has a pixel.
    """
    found = read_dataset("coco-folder", folder)[:limit]
    return [(each, Moved(each)) for each in found if each.mask().any()]


def measure(every: Sequence[Pair], some: Sequence[Pair], times: int) -> list[Speed]:
    """Time the parts of the harness on all objects, and on some of them beside the naive way."""
    masks = [(model.truth, model.after(CLICKS // 2)) for _, model in some]
    _say(f"the naive way on {len(some)} objects")
    clicked = _timed(lambda: [_naive_clicks(*pair) for pair in some], 1, warm_up=0)
    compared = _timed(lambda: naive.numbers(masks), times)
    _say(f"ours on {len(every)} objects")

    def ours(chosen: Sequence[Pair], clicking: Clicking) -> Sample:
        return _timed(lambda: click(chosen, clicking), times)

    return [
        Speed("20 clicks", len(every), ours(every, Clicking()), at_least=AT_LEAST),
        Speed("20 clicks", len(some), ours(some, Clicking()), clicked, AT_LEAST),
        Speed("20 jittered clicks", len(some), ours(some, Clicking(JITTERED))),
        Speed("1 click", len(every), ours(every, Clicking(limit=1)), at_least=AT_LEAST),
        Speed(
            "a mask compared: cIoU, gIoU, P@X", len(some), _timed(lambda: numbers(masks), times),
            compared,
        ),
    ]  # fmt: skip


def click(chosen: Sequence[Pair], clicking: Clicking) -> dict[str, Any]:
    """Run the click protocol on objects, and sum it up."""
    samples = SampleSet("coco-folder", "all", [each for each, _ in chosen])
    study = Interactive(DataFacts("harness", ""), samples, clicking)
    runs = (study.measure(_contender(model), (each.picture, (each,))) for each, model in chosen)
    return study.summarize([run for found in runs for run in found])


def numbers(masks: Sequence[tuple[Any, Any]]) -> dict[str, float]:
    """Compare pairs of truth and answer, as `naive.numbers`."""
    found = referring_sums(overlap(answer, truth) for truth, answer in masks)
    shares = {f"P@{percent}": found.precision(percent) for percent in PERCENTS}
    return {"cIoU": found.ciou, "gIoU": found.giou} | shares


def agree(some: Sequence[Pair]) -> bool:
    """Say whether both ways give the same clicks and the same numbers."""
    masks = [(model.truth, model.after(CLICKS // 2)) for _, model in some]
    one, other = numbers(masks), naive.numbers(masks)
    close = all(abs(one[name] - other[name]) < 1e-12 for name in other)
    return close and all(_our_clicks(*pair) == _naive_clicks(*pair) for pair in some)


def _our_clicks(sample: InteractiveObject, model: Moved) -> tuple[list[Any], list[float]]:
    thing = Thing.of(sample)
    found = click_turns(asking(_contender(model), None, thing), thing, Clicking())
    clicks = found[-1].clicks if found else ()
    ious = [thing.iou(turn.answer.mask) for turn in found]
    return [(int(each.y), int(each.x), each.label) for each in clicks], ious


def _naive_clicks(sample: InteractiveObject, model: Moved) -> tuple[list[Any], list[float]]:
    return naive.click(sample.mask(), model.after, CLICKS)


def _contender(model: Moved) -> Contender:
    return Contender(model.name, "1", model)


def _stay_on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _table(speeds: Sequence[Speed]) -> str:
    header = ["objects a second", "objects", "ours", "at least", "naive", "ratio"]
    return markdown_table(header, [_cells(speed) for speed in speeds])


def _cells(speed: Speed) -> list[str]:
    wish = "-" if speed.at_least is None else f"{speed.at_least:,.0f}"
    beside = ["-", "-"]
    if speed.naive is not None and speed.ratio is not None:
        beside = [_digits(speed.objects / speed.naive.median), f"{_digits(speed.ratio)} x"]
    return [speed.name, str(speed.objects), _digits(speed.per_second), wish, *beside]


def _digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harness", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help=f"a COCO folder ({DATA})")
    parser.add_argument("--limit", type=int, help="only the first so many objects")
    parser.add_argument("--compared", type=int, default=40, help="objects of the naive way (40)")
    parser.add_argument("--repeat", type=int, default=5, help="repeats of ours (5)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all numbers to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
