"""What is varied: each row is a change of the recipe, run with several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Literal

Start = Literal["random", "random BEiT-3", "trained"]


@dataclass(frozen=True, slots=True)
class Row:
    """One way to train.

    Attributes:
        name: what the table calls it.
        key: of its folders.
        changes: fields of the recipe, as `--set` takes them.
        paper: cIoU of the published network on RefCOCO testA with this change; NaN for none.
    """

    name: str
    key: str
    changes: tuple[str, ...] = ()
    paper: float = nan


@dataclass(frozen=True, slots=True)
class Study:
    """Rows that stand beside each other.

    Attributes:
        name: of the table.
        key: of its folders.
        source: where the papers vary the same.
        about: what is held fixed.
        start: what runs begin with: nothing; the SAM of `BASE` and a random BEiT-3; or both.
        steps: of each run.
        seeds: how many runs a row has.
        rows: in the order in which the papers rank them, the best first.
    """

    name: str
    key: str
    source: str
    about: str
    start: Start
    steps: int
    seeds: int
    rows: tuple[Row, ...]


FIRST = Row("early fusion, trained first", "early")
BASE = Study("", "base", "", "", "random", 1200, 1, (FIRST,))
"""The run whose weights stand for pre-trained ones."""

_FUSION = (
    Row("early fusion in all 4 layers", "early", (), 83.7),
    Row("early fusion in the first 2 of 4 layers", "early-2", ("early_layers=2",), 82.2),
    Row("late fusion: both [CLS]", "late", ("fusion='late'", "feature='concat'"), 69.6),
    Row("text only", "text", ("fusion='text'", "feature='text_cls'"), 65.1),
)
_PAPERS = "EVF-SAM (2024), table 3, BEiT-3-Large"
FUSION = Study(
    "How picture and phrase meet, trained encoders",
    "fusion-trained",
    _PAPERS,
    "SAM and BEiT-3 begin with the weights of one run with early fusion, as the papers begin with "
    "encoders pre-trained with fused pictures and texts; so this start favours early fusion, as "
    "theirs does. The projector is new, and SAM's image encoder is frozen.",
    "trained",
    150,
    3,
    _FUSION,
)
SCRATCH = Study(
    "How picture and phrase meet, from nothing",
    "fusion",
    _PAPERS,
    "Everything learns, from a random start; one seed. Attention between picture and phrase in all "
    "layers is then the slowest to learn.",
    "random",
    400,
    1,
    _FUSION,
)
_NO_MASK, _DECODER = "train_no_mask_embed=false", "train_mask_decoder=false"
PARTS = Study(
    "What learns",
    "parts",
    "EVF-SAM (2024), table 4",
    "SAM begins with the weights of a finished run and its image encoder is frozen, as in the "
    "papers; BEiT-3 begins at random, where the papers' was pre-trained. The projector learns.",
    "random BEiT-3",
    150,
    3,
    (
        Row("BEiT-3, mask decoder, no_mask_embed", "all", (), 83.7),
        Row("BEiT-3, mask decoder", "no-mask", (_NO_MASK,), 83.3),
        Row("BEiT-3", "beit", (_NO_MASK, _DECODER), 82.9),
        Row("mask decoder", "decoder", (_NO_MASK, "train_beit3=false"), 21.2),
    ),
)
STUDIES = (FUSION, PARTS, SCRATCH)
