"""The page about the models: what there is, how near it is to what was published, presets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biprompt.cli.table import size
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.zoo.checkpoints import CHECKPOINTS, PAIRS, CheckpointSpec, UrlSource
from biprompt.zoo.families import Family

_HEAD = """\
# The models

Made by `python -m benchmarks.parity` from the table of checkpoints
(`src/biprompt/zoo/checkpoints.py`) and from what it measured; not written by hand. How to get,
check and use a checkpoint is in
[checkpoints.md](checkpoints.md); the model that ships in the package has a [card](model-card.md).

**No published weights were at hand where this was written** (that machine reaches none of their
hosts). So none of these networks was run with its trained weights, and no accuracy is stated for
them. What is shown instead is that the arithmetic is the same, with random weights: at reduced size
beside numbers of the official code, and at published size beside transformers."""

_PARITY = """\
Largest absolute difference in float32 on the CPU; behind the sign ± how large the compared numbers
get. Empty: that comparison has no such part."""

_HOW = """\
- **Official code**: EVF-SAM's repository (commit 9935dc5), which holds SAM, EfficientSAM, SAM 2 and
  BEiT-3, was run at reduced size with random weights, and its numbers kept in
  [tests/golden](../tests/golden/README.md). Here the same weights go through the loader of
  checkpoints, and photographs of 120 x 90 and 70 x 110 pixels through our own preprocessing:
  phrases (as token ids), clicks, one mask and three. "The whole way" starts from the photograph;
  "decoder alone" from the official embedding and prompt token: these random decoders make a good
  deal more of a rounding error in the embedding.
- **kornia** (0.9.0) stands for MobileSAM's image encoder; its decoder is SAM's.
- **transformers**, SamModel and Sam2Model, shares the random weights of the published size: one
  image of 1024 x 1024 noise, two prompts of two points and a box each. It has neither
  EfficientSAM, MobileSAM nor BEiT-3. Its SAM decoder needs `layer_norm_eps=1e-5`.
- `make test` holds every array of the golden data to 1e-4 (absolute and relative together; 5e-4 for
  EfficientSAM and SAM 2 on the whole way); batches with padding, boxes, masks, the choices of the
  gate, and preprocessing at 224 and 1024 pixels are among them."""

_PRESETS = """\
No tensor tells how the images of a checkpoint were made in training, so this goes by its name (of
the file or its folder). A checkpoint of another name is taken for the newest generation of its
family. `biprompt models convert` writes the preset into the file, and `biprompt models show` prints
the one in force; a `config.json` beside the weights can name another under `biprompt_config`,
`preset`."""

_RESIZE = {
    "longest": "longest side to 1024, zeros right and below (Pillow)",
    "square": "stretched to 1024 x 1024 (no anti-aliasing)",
    "square_pil": "stretched to 1024 x 1024 (Pillow)",
    "longest_then_square": "longest side to 1024 (Pillow), then stretched to the square",
}
_PIXELS = {"imagenet": "ImageNet mean and deviation", "unit": "0 to 1, by the image's own range"}

OFFICIAL, SAM2_LARGE = "official code, reduced size", "sam2-hiera-l"
_COMPARED: Sequence[tuple[str, str, str]] = (
    ("evf-sam", "SAM in EVF-SAM, BEiT-3", OFFICIAL),
    ("evf-efficient-sam", "EfficientSAM in EVF-SAM, BEiT-3", OFFICIAL),
    ("evf-sam2", "SAM 2 in EVF-SAM, BEiT-3", OFFICIAL),
    ("mobile-sam", "MobileSAM's image encoder", "kornia, reduced size"),
    ("sam-vit-b", "SAM ViT-B", "transformers, published size"),
    ("sam-vit-l", "SAM ViT-L", "transformers, published size"),
    ("sam-vit-h", "SAM ViT-H", "transformers, published size"),
    (SAM2_LARGE, "SAM 2 Hiera-L", "transformers, published size"),
)
_OF_FAMILY: Mapping[Family, tuple[str, ...]] = {
    Family.SAM: ("evf-sam",),
    Family.MOBILE_SAM: ("mobile-sam", "evf-sam"),
    Family.EFFICIENT_SAM: ("evf-efficient-sam",),
    Family.EVF_SAM: ("evf-sam", "sam-vit-h"),
    Family.EVF_SAM2: ("evf-sam2", SAM2_LARGE),
    Family.SAM2: ("evf-sam2", SAM2_LARGE),
    # Compared with transformers by tests/zoo/test_naming.py only.
    Family.SAM_HQ: (),
    Family.EDGE_TAM: (),
}
_OWN_SIZE = {"medsam": "sam-vit-b"}


def page(found: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        found: what each comparison measured.
    """
    parts = [_HEAD, _models(found), "## Pairs", _pairs(), "## Parity", _PARITY, _parity(found)]
    parts += [_HOW, _runs(found), "## Presets", _PRESETS, _presets()]
    return "\n\n".join(parts) + "\n"


def _models(found: Mapping[str, Any]) -> str:
    head = ("model", "what it is", "can be asked", "parameters", "download", "licence", "source",
            "parity error of mask logits")  # fmt: skip
    return markdown_table(head, [_model(spec, found) for spec in CHECKPOINTS.values()])


def _model(spec: CheckpointSpec, found: Mapping[str, Any]) -> tuple[str, ...]:
    known = isinstance(spec.source, UrlSource) and spec.source.nbytes
    where = spec.source.url.removeprefix("https://").partition("/")[0]
    if where == "huggingface.co":
        where = spec.source.url.removeprefix("https://huggingface.co/")
    return (
        f"`{spec.name}`", spec.summary, _asked(spec), f"{spec.parameters / 1e6:,.1f} M",
        f"{'' if known else 'about '}{size(spec.nbytes)}", spec.licence,
        f"[{where}]({spec.source.url})", "; ".join(_errors(spec, found)),
    )  # fmt: skip


def _asked(spec: CheckpointSpec) -> str:
    if spec.family is Family.EVF_SAM2:
        return "text; points, box, scribbles, polygon, mask"
    if spec.name == "medsam":
        return "box; the other kinds were not trained"
    return ", ".join(spec.family.prompts)


def _errors(spec: CheckpointSpec, found: Mapping[str, Any]) -> Iterator[str]:
    names = {name: (what, beside) for name, what, beside in _COMPARED}
    own = _OWN_SIZE.get(spec.name, spec.name)
    for name in dict.fromkeys((*_OF_FAMILY[spec.family], own)):
        if name in found and "logits" in found[name]["greatest"]:
            beside = names[name][1].partition(",")[0]
            yield f"{found[name]['greatest']['logits']:.1e} ({beside})"
        elif name in found:
            yield f"{found[name]['greatest']['embedding']:.1e} (kornia, embedding)"


def _pairs() -> str:
    rows = [
        (f"`{pair.name}`", pair.summary, f"`{pair.points}`",
         f"`{pair.text}`" + (", or another" if pair.any_text else ""))
        for pair in PAIRS.values()
    ]  # fmt: skip
    return markdown_table(("pair", "what it is", "points", "words"), rows)


def _parity(found: Mapping[str, Any]) -> str:
    head = (
        "network", "beside", "image embedding", "prompt token", "mask logits, the whole way",
        "mask logits, decoder alone", "predicted IoU", "pixels of masks that differ",
    )  # fmt: skip
    rows = []
    for name, what, beside in _COMPARED:
        if one := found.get(name):
            parts = ("embedding", "token", "logits", "decoder", "iou")
            pixels = f"{one['pixels']} of {one['of_pixels']:,}" if one["of_pixels"] else ""
            rows.append((what, beside, *(_cell(one, part) for part in parts), pixels))
    return markdown_table(head, rows)


def _cell(one: Mapping[str, Any], part: str) -> str:
    if part not in one["greatest"]:
        return ""
    error = one["greatest"][part]
    shown = f"{error:.1e}" if error else "0"
    return f"{shown} (±{one['magnitude'][part]:.2g})"


def _runs(found: Mapping[str, Any]) -> str:
    runs = [one["run"] for one in found.values()]
    dates = sorted(run["date"][:10] for run in runs)
    libraries = {f"torch {run['torch']}, transformers {run['transformers']}" for run in runs}
    days = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    return f"Measured {days} on {runs[0]['cpu']}, {'; '.join(sorted(libraries))}."


def _presets() -> str:
    rows = []
    for spec in CHECKPOINTS.values():
        preset = spec.preset
        answer = "the best of three masks" if preset.multimask_text else "its one mask"
        semantic = "known" if preset.semantic else "unknown"
        rows.append((
            f"`{spec.name}`", _RESIZE[preset.resize], _PIXELS[preset.pixels],
            *((answer, semantic) if spec.family.takes_text else ("", "")),
        ))  # fmt: skip
    head = ("model", "the image", "its numbers", "a phrase is answered by", "`[semantic]`")
    return markdown_table(head, rows)
