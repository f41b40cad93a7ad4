"""``python -m benchmarks.gpu``: SAM's image encoder on a GPU, beside transformers' eager SamModel.

Both with the same random weights, at 1024, in the precision that is asked for. Prints images per
second, milliseconds and memory for each way of working; run it where there is a GPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.large.models import SIZES
from benchmarks.large.oracle import transformers_encoder
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.models.sam import Sam
from biprompt.runtime.torch import Place
from biprompt.runtime.torch.precision import settle

Look = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Speed:
    """One way of working, measured.

    Attributes:
        name: which.
        seconds: of one call.
        images: in one call.
        nbytes: peak of the device's memory.
    """

    name: str
    seconds: float
    images: int
    nbytes: int

    @property
    def rate(self) -> float:
        """Images in a second."""
        return self.images / self.seconds


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="h")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU here: nothing was measured", file=sys.stderr)
        return 3
    place = Place.of("cuda", given.dtype)
    found = list(speeds(given.size, place, given.batch, given.times))
    print(
        torch.cuda.get_device_name(), f"torch {torch.__version__}, ViT-{given.size}, random weights"
    )
    print(table(found))
    return 0


def speeds(size: str, place: Place, batch: int, times: int) -> Iterator[Speed]:
    """Ours eager and compiled, and transformers eager, each alone in memory."""
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pth"
        torch.save(Sam(SIZES[size].sam()).state_dict(), weights)
        for name, make in (
            ("transformers, eager", lambda: _theirs(size, weights, place)),
            ("ours, eager", lambda: _ours(size, weights, place)),
            ("ours, compiled", lambda: torch.compile(_ours(size, weights, place))),
        ):
            for count in sorted({1, batch}):
                yield _measured(f"{name}, {count} at once", make(), place, count, times)


def _ours(size: str, weights: Path, place: Place) -> nn.Module:
    model = Sam(SIZES[size].sam())
    model.load_state_dict(torch.load(weights, weights_only=True))
    settle(model, place)
    return model.image_encoder


def _theirs(size: str, weights: Path, place: Place) -> Look:
    look = transformers_encoder(SIZES[size].sam(), weights)
    look.model.to(place.device, place.dtype)
    return look


def _measured(name: str, look: Look, place: Place, count: int, times: int) -> Speed:
    x = torch.randn(count, 3, 1024, 1024, device=place.device, dtype=place.dtype)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    with torch.inference_mode():
        for _ in range(3):
            look(x)
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(times):
            look(x)
        end.record()
        torch.cuda.synchronize()
    seconds = start.elapsed_time(end) / 1e3 / times
    return Speed(name, seconds, count, torch.cuda.max_memory_allocated())


def table(found: list[Speed]) -> str:
    """The speeds, and how many times as fast as the first with as many images at once."""
    rows = []
    for one in found:
        first = next(other for other in found if other.images == one.images)
        rows.append((
            one.name, f"{one.rate:.1f}", f"{one.seconds * 1e3:.1f}", f"{one.nbytes / 1e9:.2f} GB",
            f"{one.rate / first.rate:.2f} x",
        ))  # fmt: skip
    return markdown_table(("", "images/s", "ms a call", "peak memory", "beside transformers"), rows)


if __name__ == "__main__":
    sys.exit(main())
