"""The baselines of one run: GrabCut and SAM, each only where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fresh import fresh, grabcut_command
from benchmarks.photograph import CLICKS
from benchmarks.timing import Sample, gather, repeat

GRABCUT, SAM = "GrabCut", "SAM ViT-B"
Named = dict[str, Sample]


@dataclass(slots=True)
class Baselines:
    """What each baseline took, by its name.

    Attributes:
        mask: one mask of a photograph that is looked at already.
        look: the image pass.
        look_and_mask: both.
        twenty: an image pass and twenty masks.
        cold: a fresh process, seconds.
        peak: its memory, bytes.
        missing: a line for each one that was not measured.
    """

    mask: Named = field(default_factory=dict)
    look: Named = field(default_factory=dict)
    look_and_mask: Named = field(default_factory=dict)
    twenty: Named = field(default_factory=dict)
    cold: Named = field(default_factory=dict)
    peak: Named = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Those that were measured."""
        return list(self.mask)


def measure_baselines(
    photograph: Path, *, times: int, with_sam: bool, say: Callable[[str], None]
) -> Baselines:
    """Measure what is installed.

    Args:
        photograph: 640 x 480.
        times: repeats; SAM's image pass is timed once.
        with_sam: whether SAM is wanted.
        say: told what comes next.
    """
    found = Baselines()
    say(GRABCUT)
    _attempt(found, GRABCUT, "opencv-python-headless", lambda: _grabcut(found, photograph, times))
    if with_sam:
        say(SAM)
        _attempt(found, SAM, "transformers torch", lambda: _sam(found, photograph, times))
    else:
        found.missing.append(f"{SAM} was left out (--no-sam)")
    return found


def _attempt(found: Baselines, name: str, needs: str, measure: Callable[[], None]) -> None:
    try:
        measure()
    except ModuleNotFoundError as error:
        found.missing.append(f"{name} was not measured, no {error.name} here: pip install {needs}")


def _grabcut(found: Baselines, photograph: Path, times: int) -> None:
    from benchmarks.grabcut import grabcut, read

    image = read(photograph)
    taken = repeat(lambda: grabcut(image), times)
    # It has no image pass to keep: each mask starts anew.
    found.mask[GRABCUT] = found.look_and_mask[GRABCUT] = taken
    found.cold[GRABCUT], found.peak[GRABCUT] = fresh(
        lambda folder: grabcut_command(photograph, folder), times
    )


def _sam(found: Baselines, photograph: Path, times: int) -> None:
    from benchmarks.sam import Sam

    model, kept = Sam(), []
    look = repeat(lambda: kept.append(model.embed(photograph)), 1, warm_up=0)
    mask = repeat(lambda: model.click(kept[0], CLICKS[0]), times)
    twenty = repeat(lambda: [model.click(kept[0], click) for click in CLICKS], 1, warm_up=0)
    found.look[SAM], found.mask[SAM] = look, mask
    found.look_and_mask[SAM] = gather(look.least + value for value in mask.values)
    found.twenty[SAM] = gather(look.least + value for value in twenty.values)
