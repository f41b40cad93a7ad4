"""``python -m benchmarks.labeling``: images a second of `biprompt label` against plain loops.

Every way starts with a model that is loaded and ends with a COCO file on the disk, on the same
photographs and phrases; the masks are compared.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import biprompt
from benchmarks import machine
from benchmarks.timing import Sample, gather
from biprompt import Segmenter
from biprompt.cli.threads import threads_each
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.io.formats._json import to_json
from biprompt.io.formats.coco import coco_document, parse_coco
from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.labeling.crew import Crew
from biprompt.labeling.labeller import Facts
from biprompt.labeling.order import How, Order
from biprompt.labeling.prompts import prompt_of, read_prompts
from biprompt.labeling.run import label
from biprompt.labeling.sources import list_images
from biprompt.labeling.values import Ask, ModelName
from biprompt.results import Segmentation
from biprompt.segmenter.warming import warm_up

PHOTOGRAPHS = Path("data/coco-mval-test/images")
PHRASES = "person; dog; car; cup"
LOOP, SAME = "plain loop over segment", "loop over segment_many"
NOTES = """\
- Seconds from a loaded model to a COCO file on the disk; reading of the JPEG files included.
- The plain loop looks at each photograph once (`embed`) and asks its phrases one by one
  (`segment`), in one process with a thread for each core.
- The other loop makes the same calls as a worker: all phrases in one `segment_many`, without the
  outlines of what is absent. What one worker takes longer than it is the overhead of the runner.
- The masks of all ways are compared; a difference ends this with status 1."""

Masks = dict[tuple[str, str], str]
Answer = Callable[[Segmenter, Any, Sequence[Ask]], Sequence[Segmentation]]


class Timed(Crew):
    """A crew that notes when the first of its workers has loaded the model."""

    ready = 0.0

    def facts(self) -> Facts:
        """See `Crew`."""
        found = super().facts()
        self.ready = time.perf_counter()
        return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0: 1 where two ways gave different masks."""
    options = _options(arguments)
    facts: dict[str, Any] = machine.facts()
    images = [path for _, path in list_images(str(options.images))][: options.limit]
    ways = _ways(options, images)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    masks: dict[str, Masks] = {}
    for turn in range(options.repeat):  # by turns, so that a slow minute is everybody's
        for name, way in ways.items():
            print(f"measuring {name}, {turn + 1} of {options.repeat} ...", file=sys.stderr)
            with tempfile.TemporaryDirectory() as folder:
                seconds[name].append(way(Path(folder)))
                masks[name] = _masks(Path(folder, "instances.json").read_bytes())
    samples = {name: gather(values) for name, values in seconds.items()}
    print(_table(samples, len(images)))
    print(f"\n- {len(images)} photographs, phrases {options.prompts!r}\n{NOTES}")
    print(*(f"- {line}" for line in machine.lines(facts)), sep="\n")
    if options.json:
        ways_told = {name: sample.to_dict() for name, sample in samples.items()}
        report = {"run": facts, "images": len(images), "prompts": options.prompts}
        options.json.write_text(json.dumps(report | {"seconds": ways_told}, indent=1) + "\n")
    different = [name for name in masks if masks[name] != masks[LOOP]]
    for name in different:
        print(f"benchmarks: {name} gave other masks than the {LOOP}", file=sys.stderr)
    return 1 if different else 0


def _ways(options: argparse.Namespace, images: Sequence[str]) -> dict[str, Callable[[Path], float]]:
    asks = read_prompts(options.prompts).common
    loaded = biprompt.load(options.model)
    model = Segmenter(loaded.runtime, loaded.reader)
    warm_up(model)
    ways: dict[str, Callable[[Path], float]] = {
        LOOP: lambda out: _loop(model, images, asks, _one_by_one, out),
        SAME: lambda out: _loop(model, images, asks, _together, out),
    }
    for workers in options.workers:
        name = f"biprompt label, {workers} worker" + "s" * (workers > 1)
        ways[name] = lambda out, workers=workers: _label(options, workers, out)  # type: ignore[misc]
    return ways


def _one_by_one(model: Segmenter, scene: Any, asks: Sequence[Ask]) -> Sequence[Segmentation]:
    return [model.segment(scene, prompt=prompt_of(ask)) for ask in asks]


def _together(model: Segmenter, scene: Any, asks: Sequence[Ask]) -> Sequence[Segmentation]:
    return model.segment_many(scene, [prompt_of(ask) for ask in asks], outline_absent=False)


def _loop(
    model: Segmenter, images: Sequence[str], asks: Sequence[Ask], answer: Answer, out: Path
) -> float:
    started = time.perf_counter()
    found = []
    for path in images:
        scene = model.embed(path)
        answers = zip(asks, answer(model, scene, asks), strict=True)
        things = [
            LabelledMask.of(one.mask, ask.label, score=_score(one))
            for ask, one in answers
            if one.mask.any()
        ]
        hw = scene.frame.original_hw
        found.append(LabelledImage(Path(path).name, hw, tuple(things)))
    (out / "instances.json").write_bytes(to_json(coco_document(found)))
    return time.perf_counter() - started


def _score(answer: Segmentation) -> float | None:
    winner = answer.card.winner
    return None if winner is None else answer.card.candidates[winner].score


def _label(options: argparse.Namespace, workers: int, out: Path) -> float:
    threads = threads_each(workers)
    order = Order(
        str(options.images), options.prompts, str(out), ModelName(options.model, threads=threads)
    )
    crews: list[Timed] = []

    def hire(load: Any, how: How) -> Timed:
        crews.append(Timed(load, how.workers, how.threads))
        return crews[-1]

    label(order, How(workers=workers, threads=threads, limit=options.limit), hire=hire)
    return time.perf_counter() - crews[0].ready


def _masks(document: bytes) -> Masks:
    return {
        (Path(image.file_name).name, thing.label): str(thing.rle["counts"])
        for image in parse_coco(document)
        for thing in image.objects
    }


def _table(samples: dict[str, Sample], images: int) -> str:
    header = ["", "images/s", "seconds, median", "min", "times as fast as the plain loop",
              "longer than the other loop"]  # fmt: skip
    rows = []
    for name, sample in samples.items():
        faster = samples[LOOP].median / sample.median
        longer = sample.median / samples[SAME].median - 1
        rows.append(
            [
                name,
                f"{images / sample.median:.2f}",
                f"{sample.median:.2f}",
                f"{sample.least:.2f}",
                f"{faster:.2f} x",
                f"{longer:+.1%}",
            ]
        )
    return markdown_table(header, rows)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labeling", description=__doc__)
    parser.add_argument("--images", type=Path, default=PHOTOGRAPHS, help="folder of photographs")
    parser.add_argument("--limit", type=int, default=100, help="how many of them (100)")
    parser.add_argument("--prompts", default=PHRASES, help=f"phrases ({PHRASES})")
    parser.add_argument("--model", default="compact", help="a model's name or exported folder")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="numbers (1 2)")
    parser.add_argument("--repeat", type=int, default=3, help="repeats of each way (3)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every repeat to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
