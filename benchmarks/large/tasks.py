"""What one process measures: ``python -m benchmarks.large.tasks TASK ...`` prints JSON."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks.large.models import SIZES, pair, photograph
from benchmarks.large.oracle import transformers_encoder
from benchmarks.timing import repeat
from biprompt.models.sam import Sam
from biprompt.prompts import Prompt
from biprompt.runtime.torch import Place

CLICK, WORDS = [(320, 240)], "the cat"
GROWTH_PROMPTS = (1, 10, 100)
GROWTH_IMAGES = (1, 8, 32)
_UNIT = 1 if sys.platform == "darwin" else 1024
Facts = dict[str, Any]


def answers(size: str, place: Place, *, shared: bool) -> Facts:
    """Click and words on a new image; then the next click and the next words on the same."""
    model = pair(size, place, shared=shared)
    image = photograph()
    loaded = _peak()
    first = repeat(lambda: model.segment(image, points=CLICK, text=WORDS), 2, warm_up=0)
    seen = model.embed(image)
    click = repeat(lambda: model.segment(seen, points=CLICK), 10)
    words = repeat(lambda: model.segment(seen, text=WORDS), 5)
    return {
        "first": first.to_dict(), "click": click.to_dict(), "words": words.to_dict(),
        "loaded_bytes": loaded,
    }  # fmt: skip


def encoder(size: str, place: Place, weights: Path, *, ours: bool) -> Facts:
    """One image pass with the weights of a file; its output is compared by the caller."""
    if ours:
        model = Sam(SIZES[size].sam())
        model.load_state_dict(torch.load(weights, mmap=True, weights_only=True), assign=True)
        look: Callable[[torch.Tensor], torch.Tensor] = model.eval().image_encoder
    else:
        look = transformers_encoder(SIZES[size].sam(), weights)
    x = torch.randn(1, 3, 1024, 1024, generator=torch.Generator().manual_seed(0))
    found: list[torch.Tensor] = []
    with torch.inference_mode():
        sample = repeat(lambda: found.append(look(x)), 2)
    probe = found[-1].flatten()[::4099][:64].tolist()
    return {"pass": sample.to_dict(), "probe": probe}


def write(size: str, weights: Path) -> Facts:
    """Random weights in a file."""
    torch.manual_seed(0)
    torch.save(Sam(SIZES[size].sam()).state_dict(), weights)
    return {"bytes": weights.stat().st_size}


def growth(size: str, place: Place) -> Facts:
    """Many prompts on one image, and many images."""
    model = pair(size, place, shared=True)
    seen = model.embed(photograph())
    prompts = [Prompt.build(points=[(20 + 6 * i, 40 + 4 * i)]) for i in range(max(GROWTH_PROMPTS))]
    clicks = {n: repeat(lambda n=n: model.segment_many(seen, prompts[:n]), 3).to_dict()
              for n in GROWTH_PROMPTS}  # fmt: skip
    looks = {n: repeat(lambda n=n: model.embed_many([photograph(i) for i in range(n)]), 1,
                       warm_up=0).to_dict() for n in GROWTH_IMAGES}  # fmt: skip
    return {"prompts": clicks, "images": looks}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def main() -> int:
    """Run the task named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task")
    parser.add_argument("--size", choices=list(SIZES), required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype")
    parser.add_argument("--weights", type=Path, default=Path("weights.pth"))
    given = parser.parse_args()
    place = Place.of(given.device, given.dtype)
    tasks: Mapping[str, Callable[[], Facts]] = {
        "shared": lambda: answers(given.size, place, shared=True),
        "two": lambda: answers(given.size, place, shared=False),
        "write": lambda: write(given.size, given.weights),
        "ours": lambda: encoder(given.size, place, given.weights, ours=True),
        "transformers": lambda: encoder(given.size, place, given.weights, ours=False),
        "growth": lambda: growth(given.size, place),
    }
    found = tasks[given.task]()
    print(json.dumps(found | {"peak_bytes": _peak()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
