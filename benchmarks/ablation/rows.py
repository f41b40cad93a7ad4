"""What is varied: each row is a change of the recipe, run with several seeds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One way to train.

    Attributes:
        name: what the table calls it.
        key: of its folders.
        changes: fields of the recipe, as `--set` takes them.
        paper: cIoU of the published network on RefCOCO testA with this change.
    """

    name: str
    key: str
    changes: tuple[str, ...]
    paper: float


@dataclass(frozen=True, slots=True)
class Study:
    """Rows that stand beside each other.

    Attributes:
        name: of the table.
        key: of its folders.
        source: where the papers vary the same.
        about: what is held fixed, in a sentence.
        frozen_sam: whether runs begin with the SAM of a finished run, and a random BEiT-3.
        steps: of each run.
        rows: in the order in which the papers rank them, the best first.
    """

    name: str
    key: str
    source: str
    about: str
    frozen_sam: bool
    steps: int
    rows: tuple[Row, ...]


FUSION = Study(
    "How picture and phrase meet",
    "fusion",
    "EVF-SAM (2024), tables 3 and 5, BEiT-3-Large",
    "Everything learns, from a random start.",
    False,
    400,
    (
        Row("early fusion in all 4 layers", "early", (), 83.7),
        Row("early fusion in the first 2 of 4 layers", "early-2", ("early_layers=2",), 82.2),
        Row("late fusion: both [CLS]", "late", ("fusion='late'", "feature='concat'"), 69.6),
        Row("text only", "text", ("fusion='text'", "feature='text_cls'"), 65.1),
    ),
)
_FROZEN = "train_image_encoder=false"
_NO_MASK, _DECODER = "train_no_mask_embed=false", "train_mask_decoder=false"
PARTS = Study(
    "What learns",
    "parts",
    "EVF-SAM (2024), table 4",
    "SAM begins with the weights of a finished run (early fusion, seed 0) and its image encoder is "
    "frozen, as in the papers; BEiT-3 begins at random, where the papers' was pre-trained.",
    True,
    200,
    (
        Row("BEiT-3, mask decoder, no_mask_embed", "all", (_FROZEN,), 83.7),
        Row("BEiT-3, mask decoder", "no-mask", (_FROZEN, _NO_MASK), 83.3),
        Row("BEiT-3", "beit", (_FROZEN, _NO_MASK, _DECODER), 82.9),
        Row("mask decoder", "decoder", (_FROZEN, _NO_MASK, "train_beit3=false"), 21.2),
    ),
)
STUDIES = (FUSION, PARTS)
