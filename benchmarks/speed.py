"""Times and memory of biprompt on a 640 x 480 photograph, beside two baselines of the same run."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.baselines import Baselines, measure_baselines
from benchmarks.fresh import fresh, segment_command
from benchmarks.ours import Ours
from benchmarks.photograph import SOURCE, write_photograph
from benchmarks.report import Row, table
from benchmarks.timing import Sample, repeat
from biprompt import BipromptError

NOTES = """\
- Every ratio is the baseline's median over ours: 20 x means that ours took a twentieth.
- Times hold everything between the call and the answer at the size of the photograph; "embedding"
  holds the reading of the JPEG file too. Nothing is answered from a cache. On one thread it tells
  what the other cores are worth: those of a rented machine may be halves of one.
- A cold start is a fresh process that imports, loads the model, looks, answers a click and a
  phrase, and writes mask, overlay and card; its files were read once before, so the disk is warm.
- GrabCut (OpenCV, five rounds) was given a box, as it takes no click and no words; its cold start
  writes the mask alone.
- SAM is transformers' SamModel ViT-B at 1024 with random weights: for its time only, its masks
  mean nothing. A row without an image pass is compared with its decoder."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0: a benchmark judges nothing. 1 where it could not measure."""
    options = _options(arguments)
    facts: dict[str, Any] = machine.facts()
    try:
        with tempfile.TemporaryDirectory() as folder:
            photograph = write_photograph(Path(folder), options.photograph)
            rows, calls, baselines, about = _measure(photograph, options)
    except (BipromptError, OSError, RuntimeError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    facts["model"] = about
    print(table(rows, baselines.names))
    told = ", ".join(f"{name} {count}" for name, count in calls.items())
    print(f"\nTwenty clicks ran: {told}.\n\n{NOTES}")
    for line in (*baselines.missing, _model_line(about), *machine.lines(facts)):
        print(f"- {line}")
    if options.json:
        report = {"run": facts, "rows": [row.to_dict() for row in rows], "twenty_clicks": calls}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def _measure(
    photograph: Path, options: argparse.Namespace
) -> tuple[list[Row], dict[str, int], Baselines, dict[str, str]]:
    _say("whole processes")
    cold, peak = fresh(lambda to: segment_command(photograph, options.model, to), options.cold)
    ours = Ours(photograph, options.model)
    taken: dict[str, Sample] = {}
    for name in ("embed", "embed_on_one_thread", "click", "phrase", "both", "first_click"):
        _say(name)
        taken[name] = repeat(getattr(ours, name), options.repeat, warm_up=3)
    _say("twenty clicks")
    twenty = repeat(ours.twenty_clicks, max(1, options.repeat // 4))
    baselines = measure_baselines(
        photograph, times=options.baseline, with_sam=options.sam, say=_say
    )
    mask, look, both = baselines.mask, baselines.look, baselines.look_and_mask
    rows = [
        Row("embedding", "seconds", taken["embed"], 0.150, look),
        Row("embedding, on one thread", "seconds", taken["embed_on_one_thread"]),
        Row("one more click", "seconds", taken["click"], 0.015, mask),
        Row("one more phrase", "seconds", taken["phrase"], 0.030, mask),
        Row("a click and a phrase, through the gate", "seconds", taken["both"], None, mask),
        Row("embedding and a first click", "seconds", taken["first_click"], None, both),
        Row("embedding and twenty clicks", "seconds", twenty, None, baselines.twenty),
        Row("`biprompt segment`, cold start to files", "seconds", cold, 2.5, baselines.cold),
        Row("its peak memory", "bytes", peak, 500e6, baselines.peak),
    ]
    return rows, ours.twenty_clicks(), baselines, ours.facts


def _model_line(about: dict[str, str]) -> str:
    return f"model {about['model']}, version {about['version']}, sees {about['sees']} pixels"


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--model", default="compact", help="a model's name or exported folder")
    parser.add_argument("--photograph", type=Path, default=SOURCE, help="another one; cut to 4:3")
    parser.add_argument("--repeat", type=_count, default=20, help="repeats of a prompt (20)")
    parser.add_argument("--cold", type=_count, default=5, help="repeats of a cold start (5)")
    parser.add_argument("--baseline", type=_count, default=3, help="repeats of a baseline (3)")
    parser.add_argument("--no-sam", dest="sam", action="store_false", help="leave SAM out: it is "
                        "slow, one image pass takes 5 to 20 s")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every repeat to this file")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
