"""The tables of the large models as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.machine import lines
from biprompt.evaluation.page.markdown import markdown_table

NAMES = {
    "mobile": "MobileSAM + BEiT-3 base", "b": "SAM ViT-B + BEiT-3 base",
    "l": "SAM ViT-L + BEiT-3 large", "h": "SAM ViT-H + BEiT-3 large",
}  # fmt: skip
_HEAD = """# The large models: times and memory

Made by `python -m benchmarks.large`, everything in one run on a 640 x 480 photograph, every task in
a process of its own. **All weights are random**: their masks mean nothing, their work is the same.
"""


def markdown(found: Mapping[str, Any]) -> str:
    """Return everything that was measured."""
    parts = [
        _HEAD,
        *_pair(found),
        *_same_image(found),
        *_encoder(found),
        *_growth(found["growth"], found),
    ]
    notes = "\n".join(
        f"- {line}" for line in [f"device {found['device']}", *lines(found["machine"])]
    )
    return "\n".join([*parts, notes, ""])


def _pair(found: Mapping[str, Any]) -> Iterator[str]:
    """One image pass for both experts, beside two separate models."""
    yield from _beside(found, found["size"])
    if again := found.get("again"):
        yield f"\n{again['note']}"
        yield from _beside(again, again["size"])


def _beside(found: Mapping[str, Any], size: str) -> Iterator[str]:
    ours, two = found["shared"], found["two"]
    a, b = ours["first"]["min"], two["first"]["min"]
    yield f"\n## Click and words on a new image ({NAMES[size]})\n"
    yield _table(
        ("", "seconds", "peak memory"),
        [
            ("two separate models, as the papers' code", f"{b:.2f}", _gb(two["peak_bytes"])),
            ("one encoder for both", f"{a:.2f}", _gb(ours["peak_bytes"])),
            ("", f"{b / a:.2f} x faster", f"{_gb(two['peak_bytes'] - ours['peak_bytes'])} less"),
        ],
    )


def _same_image(found: Mapping[str, Any]) -> Iterator[str]:
    ours = found["shared"]
    first = ours["first"]["min"]
    yield "\n## More questions about the same image\n"
    rows = [("first click and words", f"{first:.2f} s", "")]
    for name, key in (("the next click", "click"), ("the next words", "words")):
        seconds = ours[key]["median"]
        rows.append((name, f"{seconds * 1e3:.1f} ms", f"{first / seconds:.0f} x faster"))
    yield _table(("", "time", "beside the first"), rows)


def _encoder(found: Mapping[str, Any]) -> Iterator[str]:
    """The image encoder beside transformers' on the same weights."""
    ours, other = found["ours"], found["transformers"]
    a, b = ours["pass"]["min"], other["pass"]["min"]
    gap = max(abs(x - y) for x, y in zip(ours["probe"], other["probe"], strict=True))
    size = found["encoder_size"].upper()
    yield f"\n## The image encoder beside transformers' SamModel (ViT-{size})\n"
    yield _table(
        ("", "seconds", "peak memory"),
        [
            ("transformers", f"{b:.2f}", _gb(other["peak_bytes"])),
            ("ours", f"{a:.2f}", _gb(ours["peak_bytes"])),
            ("", f"{b / a:.2f} x faster", f"{other['peak_bytes'] / ours['peak_bytes']:.2f} x less"),
        ],
    )
    yield f"\nLargest difference of 64 numbers of both outputs: {gap:.1e}.\n"


def _growth(growth: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n## How the cost grows ({NAMES[found['growth_size']]})\n"
    rows = []
    for what, named in (("prompts", "prompts on one image"), ("images", "new images")):
        for count, sample in growth[what].items():
            seconds = sample["min"]
            each = seconds / int(count) * 1e3
            rows.append((f"{count} {named}", f"{seconds:.3f} s", f"{each:.1f} ms"))
    yield _table(("", "time", "each"), rows)
    yield "\n![The same as a picture](large-growth.png)\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return markdown_table(head, rows)


def _gb(count: float) -> str:
    return f"{count / 1e9:.2f} GB"
