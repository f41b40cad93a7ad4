"""The whole protocol beside its definition, worked out pixel by pixel."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from biprompt.data.outlines import BoolMask
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.data.sources import Values
from biprompt.evaluation.baselines import Painted
from biprompt.evaluation.interactive import Clicking, Interactive
from biprompt.evaluation.model import Contender
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.run import measure
from biprompt.prompts import Prompt

HW = (13, 17)
LIMIT = 20
Spot = tuple[int, int, int]


def nearest(hw: tuple[int, int], clicks: list[Spot]) -> BoolMask:
    """Each pixel belongs where its nearest click does, at most five pixels away."""
    rows, columns = np.mgrid[: hw[0], : hw[1]]
    far = np.full((1, *hw), 26)
    away = np.stack([(rows - y) ** 2 + (columns - x) ** 2 for x, y, _ in clicks])
    labels = np.array([0, *(label for *_, label in clicks)], bool)
    return np.asarray(labels[np.concatenate([far, away]).argmin(0)])


def paint(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    assert prompt.points is not None
    xy, labels = prompt.points.xy.astype(int).tolist(), prompt.points.labels.tolist()
    return [nearest(hw, [(x, y, label) for (x, y), label in zip(xy, labels, strict=True)])]


def depths(error: BoolMask) -> dict[tuple[int, int], float]:
    """Of every wrong pixel: how far the nearest one is that is not, outside the image too."""
    places = [(y, x) for y in range(-1, HW[0] + 1) for x in range(-1, HW[1] + 1)]
    wrong = {(y, x) for y, x in places if 0 <= y < HW[0] and 0 <= x < HW[1] and error[y, x]}
    right = [place for place in places if place not in wrong]
    return {(y, x): min(math.hypot(y - v, x - u) for v, u in right) for y, x in sorted(wrong)}


def by_definition(truth: BoolMask, ignore: BoolMask) -> list[float]:
    """IoU after each click: the deepest wrong pixel of all, removing first, not twice the same."""
    clicks: list[Spot] = []
    ious: list[float] = []
    mask = np.zeros(HW, bool)
    while len(ious) < LIMIT:
        best = (0.0, 0, 0, 0)
        for label, error in ((0, mask & ~truth & ~ignore), (1, truth & ~mask & ~ignore)):
            for (y, x), depth in depths(error).items():
                if (x, y) not in [spot[:2] for spot in clicks] and depth > best[0] + 1e-9:
                    best = (depth, x, y, label)
        if best[0] == 0:
            break
        clicks.append(best[1:])
        mask = nearest(HW, clicks)
        one, other = mask & ~ignore, truth & ~ignore
        ious.append(int((one & other).sum()) / int((one | other).sum()))
    return ious


@pytest.fixture
def things(tmp_path: Path) -> list[InteractiveObject]:
    """Blobs: 255 is the object, 128 does not count; every other one has no such band."""
    found = []
    Image.new("RGB", HW[::-1]).save(tmp_path / "photo.png")
    for number in range(8):
        noise = np.random.default_rng(number).normal(size=HW)
        field = ndimage.gaussian_filter(noise, 1.5 if number % 3 else 0.8)
        values = np.where(field > 0, 255, 0).astype(np.uint8)
        if number % 2 == 0:
            values[np.abs(field) < 0.25 * field.std()] = 128
        path = tmp_path / f"{number}.png"
        Image.fromarray(values).save(path)
        target, ignore = Values(path, 129), Values(path, 128, 128)
        found.append(InteractiveObject(Picture(tmp_path / "photo.png"), 0, number, target, ignore))
    return found


def test_noc_nof_and_iou_are_those_of_the_definition(things: list[InteractiveObject]) -> None:
    contender = Contender("nearest", "1", Painted("nearest", paint))
    study = Interactive(DataFacts("blobs", ""), SampleSet("", "", things), Clicking(limit=LIMIT))
    runs = measure(study, contender, lambda: contender, None)
    expected = []
    for thing in things:
        ignore = thing.ignore_mask()
        assert ignore is not None
        expected.append(by_definition(thing.mask(), ignore))
    assert [run.ious for run in runs] == expected
    found = study.summarize(runs)
    for percent in (80, 85, 90, 95):
        reached = [[k for k, iou in enumerate(s, 1) if 100 * iou >= percent] for s in expected]
        needed = [ks[0] if ks else LIMIT for ks in reached]
        assert found["noc"][str(percent)]["mean"] == sum(needed) / len(needed)
        assert found["noc"][str(percent)]["failures"] == reached.count([])
    for k in range(1, LIMIT + 1):
        after = [each[min(k, len(each)) - 1] for each in expected]
        assert found["curve"]["mean"][k - 1] == pytest.approx(sum(after) / len(after), abs=1e-12)
    counts = [found["noc"][percent]["failures"] for percent in ("80", "90", "95")]
    assert len(set(counts)) > 1 and 0 < counts[-1] <= 8  # a case that tells the IoUs apart
