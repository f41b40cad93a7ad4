"""``python -m benchmarks.training``: samples a second of EVF-SAM's training, with its loop.

The network has the sizes of the papers' small variant, SAM ViT-B and BEiT-3-Base, with random
weights: for its time only. Once SAM looks at every picture in every step, once what it saw is read
from the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from benchmarks import machine
from benchmarks.photograph import SOURCE, write_photograph
from benchmarks.timing import Sample, gather
from biprompt import BipromptError
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.masks import rle_encode
from biprompt.models.beit3 import Beit3Config
from biprompt.models.evf import EvfConfig, EvfSam
from biprompt.models.sam import DecoderConfig, Sam, SamConfig, VitConfig
from biprompt.runtime.torch.place import Place
from biprompt.training.evf.batches import Collator
from biprompt.training.evf.data.augment import Augmented
from biprompt.training.evf.data.embeddings import EmbeddingStore
from biprompt.training.evf.data.opening import FOLDER, SourceSpec
from biprompt.training.evf.data.precompute import Plan, precompute
from biprompt.training.evf.keeping import Keeper
from biprompt.training.evf.learner import Learner
from biprompt.training.evf.looking import Looker
from biprompt.training.evf.loop import EvfTrainer
from biprompt.training.evf.material import Material, open_material
from biprompt.training.evf.recipe import EvfRecipe, load_recipe
from biprompt.training.evf.seen import store_for
from biprompt.training.evf.sizes import Sizes
from biprompt.training.evf.wrapping import accelerator_for
from biprompt.zoo.families import PRESETS, Family
from biprompt.zoo.recognise import Recognised

LOOKING, READING = "SAM looks in every step", "embeddings read from the disk"
NOTES = """\
- A step is that of `biprompt train evf-sam`: forward, backward, clipping and AdamW, with BEiT-3,
  projector, mask decoder and no_mask_embed learning, SAM's image encoder frozen, BEiT-3's layers
  worked out again on the way back; pictures of 640 x 480 with up to 3 phrases, made in the same
  process. The first step of each turn does not count.
- Weights are random, so that masks mean nothing; times do not depend on them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 where it could not measure."""
    options = _options(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = _measure(Path(folder), options)
    except (BipromptError, OSError, RuntimeError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    print(_table(report, options.batch))
    print(f"\n{NOTES}")
    for line in machine.lines(report["run"]):
        print(f"- {line}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    data = write_pictures(folder / "data", options.pictures)
    recipe = load_recipe(
        None,
        {"batch": options.batch, "micro_batch": options.batch, "steps": 1000, "workers": 0,
         "held_out": 0, "precision": "auto"},
    )  # fmt: skip
    sizes, material = network_sizes(options.size), open_material([SourceSpec(FOLDER, data)], recipe)
    seconds: dict[str, list[float]] = {LOOKING: [], READING: []}
    store, each = _embedded(folder / "seen", sizes, material)
    for _ in range(options.repeat):  # by turns, so that a slow minute is everybody's
        for name, given in ((LOOKING, None), (READING, store)):
            print(f"measuring: {name} ...", file=sys.stderr)
            trainer = _trainer(recipe, sizes, material, given, folder)
            seconds[name] += trainer.timed(1 + options.steps)[1:]
    return {
        "run": machine.facts(),
        "size": options.size,
        "steps": {name: gather(values).to_dict() for name, values in seconds.items()},
        "embedding": {"seconds": each, "nbytes": store.nbytes / max(1, len(store))},
    }


def network_sizes(name: str) -> Sizes:
    """Sizes of a network: "base", or "tiny" to try the benchmark itself."""
    if name == "tiny":
        beit3, encoder = Beit3Config(64, 16, 64010, 32, 2, 64, 2), VitConfig(64, 32, 1, 2, 64, 4)
        sam = SamConfig(encoder, DecoderConfig(mlp=64, iou_hidden=32))
    else:
        beit3, sam = Beit3Config.base(), SamConfig.vit_b()
    evf = EvfConfig(beit3, out_dim=sam.dim)
    return Sizes(Recognised(Family.EVF_SAM, sam, evf), PRESETS[Family.EVF_SAM])


def write_pictures(folder: Path, count: int) -> Path:
    """Write a COCO folder of cuts of a photograph, 640 x 480, with two things each."""
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    with Image.open(write_photograph(folder, SOURCE)) as photograph:
        for number in range(count):
            cut = photograph.crop((4 * number, 3 * number, 640, 480)).convert("RGB")
            name = f"cut-{number}.jpg"
            ImageOps.fit(cut, (640, 480)).save(folder / "images" / name, quality=92)
            images.append({"id": number, "file_name": name, "height": 480, "width": 640})
            for kind, (x0, y0, x1, y1) in enumerate(((175, 40, 400, 375), (90, 60, 560, 460))):
                mask = np.zeros((480, 640), bool)
                mask[y0:y1, x0:x1] = True
                entry = {"id": len(annotations), "image_id": number, "category_id": kind}
                annotations.append(entry | {"segmentation": rle_encode(mask)})
    kinds = [{"id": 0, "name": "cup"}, {"id": 1, "name": "plate"}]
    document = {"images": images, "annotations": annotations, "categories": kinds}
    (folder / "instances.json").write_text(json.dumps(document))
    return folder


def _embedded(folder: Path, sizes: Sizes, material: Material) -> tuple[EmbeddingStore, float]:
    """The embeddings of all pictures, and how long one took."""
    looker = Looker.taken_from(_network(sizes), Place.of(batch=1))
    store = store_for(looker, sizes.view, folder, "float16")
    sources = [one for one in material.stream.sources if isinstance(one, Augmented)]
    started = time.perf_counter()
    done = precompute(Plan.of(sources), lambda pixels: _seen(looker, sizes, pixels), store)
    return store, (time.perf_counter() - started) / max(1, done.computed)


def _seen(looker: Looker, sizes: Sizes, pixels: Any) -> dict[str, torch.Tensor]:
    found = looker.look(sizes.view.canvas(pixels)[None])
    return {name: value[0] for name, value in found.items()}


def _network(sizes: Sizes) -> EvfSam:
    torch.manual_seed(0)
    visual = sizes.recognised.visual
    if not isinstance(visual, SamConfig):
        raise TypeError("sizes of a SAM")
    return EvfSam(Sam(visual), sizes.evf)


def _trainer(
    recipe: EvfRecipe, sizes: Sizes, material: Material, store: EmbeddingStore | None, folder: Path
) -> EvfTrainer:
    learner = Learner(recipe, sizes, _network(sizes), accelerator_for(recipe))
    stored = None if store is None else store.of
    collate = Collator(sizes.view, sizes.evf.beit3.image_size, _encode, stored)
    return EvfTrainer(recipe, learner, material, collate, Keeper(folder, recipe, None, {}))


def _encode(text: str) -> Any:
    """Ids of about as many pieces as BEiT-3's tokenizer has for a phrase; which does not matter."""
    return np.array([0, *(3 + ord(letter) for letter in text[::4]), 2], np.int64)


def _table(report: dict[str, Any], batch: int) -> str:
    samples = {name: Sample(tuple(one["values"])) for name, one in report["steps"].items()}
    usual = samples[LOOKING].median
    rows = [
        (name, f"{one.median:.3f} s", f"{batch / one.median:.3g}", f"{usual / one.median:.2f} x")
        for name, one in samples.items()
    ]
    made = report["embedding"]
    told = (
        f"\n\nAn embedding takes {made['seconds']:.2f} s once, and {made['nbytes'] / 1e6:.2f} MB."
    )
    head = (f"EVF-SAM {report['size']}", f"step of {batch}", "samples a second", "faster")
    return markdown_table(head, rows) + told


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--size", choices=("base", "tiny"), default="base")
    parser.add_argument("--batch", type=int, default=2, help="pictures in a step")
    parser.add_argument("--pictures", type=int, default=8, help="in the data")
    parser.add_argument("--steps", type=int, default=2, help="that count, in a turn")
    parser.add_argument("--repeat", type=int, default=3, help="turns")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
