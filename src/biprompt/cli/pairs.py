"""`biprompt data pairs`: question-mask pairs from volumes, for training Organ-Seg."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Force, extra

HELP = """Make question-mask pairs from labelled volumes, for `biprompt train organ-seg`.

\b
  biprompt data pairs flare22 DIR -o pairs

A fifth of the volumes is kept for testing, with questions that training never sees. Some pairs ask
for an organ that is not on the slice, or for no organ at all: their answer is "none of them".
"""

Dataset = Annotated[
    str, typer.Argument(metavar="DATASET", help="flare22, or another set of volumes.")
]
Root = Annotated[Path, typer.Argument(metavar="DIR", help="Its folder.")]
Out = Annotated[
    Path, typer.Option("-o", "--out", metavar="DIR", help="For pairs and slices; it is made.")
]
Domain = Annotated[
    str, typer.Option("--domain", metavar="NAME", help="Descriptions of the organs.")
]
Bank = Annotated[
    str, typer.Option("--questions", metavar="BANK", help="A bank by name, or a .toml file.")
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of all chance.")]
PerOrgan = Annotated[
    int, typer.Option("--slices", metavar="N", help="Slices of each organ at most.")
]
Pixels = Annotated[
    int, typer.Option("--pixels", metavar="N", help="From how many pixels on an organ is shown.")
]
Absent = Annotated[
    float, typer.Option("--absent", metavar="SHARE", help="Pairs for an organ not on the slice.")
]
OffTopic = Annotated[
    float, typer.Option("--off-topic", metavar="SHARE", help="Pairs for no organ at all.")
]


def pairs(
    dataset: Dataset,
    root: Root,
    out: Out,
    domain: Domain = "organs",
    questions: Bank = "organs",
    seed: Seed = 0,
    slices: PerOrgan = 500,
    pixels: Pixels = 50,
    absent: Absent = 0.2,
    off_topic: OffTopic = 0.1,
    force: Force = False,
    as_json: o.Json = False,
    debug: o.Debug = False,
) -> None:
    """Write a folder of pairs, and print how many there are."""
    with extra("question-mask pairs"):
        from biprompt.training.organ_seg.building import build_pairs, read_volumes
        from biprompt.training.organ_seg.choosing import Plan
    from biprompt.presence import load_domain
    from biprompt.presence.bank import read_bank

    listed = load_domain(domain)
    built = build_pairs(
        read_volumes(dataset, root), out, listed, read_bank(questions, listed),
        Plan(seed, slices, pixels, absent, off_topic),
        lambda line: print(line, file=sys.stderr), dataset=dataset, force=force,
    )  # fmt: skip
    if as_json:
        print(json.dumps({"out": str(out), "pairs": built.pairs, "slices": built.slices}))
        return
    for split, kinds in built.pairs.items():
        print(f"{split}: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    print(out)
