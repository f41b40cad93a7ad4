"""Measure, print, write.

python -m benchmarks.refusal --data data/coco-train
"""

from __future__ import annotations

import argparse
from pathlib import Path

import biprompt
from benchmarks.refusal.asking import Asked, measure
from benchmarks.refusal.estimating import Looked, fit, toml
from benchmarks.refusal.pages import page
from biprompt.evaluation.absence import open_photographs
from biprompt.evaluation.page.html import to_html
from biprompt.evaluation.page.markdown import to_markdown
from biprompt.io.files import atomic_write
from biprompt.presence.gates import ESTIMATE

OUT = Path("docs/results/refusal.md")


def main() -> None:
    """Ask every photograph everything, and write the page as Markdown and HTML."""
    parser = argparse.ArgumentParser(description="How well the embedded model refuses.")
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
    made = page(asked, looked, estimate, opened.data.name, len(opened.photographs))
    atomic_write(given.out, to_markdown(made), force=True)
    atomic_write(given.out.with_suffix(".html"), to_html(made), force=True)
    print(to_markdown(made).decode())
    if given.keep:
        atomic_write(ESTIMATE, toml(estimate, opened.data.name).encode(), force=True)


if __name__ == "__main__":
    main()
