from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.data.coco import CocoDataset, read_coco
from biprompt.data.readers.registry import Kind
from biprompt.errors import DataError
from biprompt.evaluation.baselines import baselines
from biprompt.evaluation.interactive import Clicking, ClickRun, Interactive
from biprompt.evaluation.model import Contender, PromptModel
from biprompt.evaluation.samples import open_samples
from biprompt.masks import rle_encode


def interactive(
    model: PromptModel,
    dataset: CocoDataset,
    *,
    clicks: int = 20,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[ClickRun]:
    opened = open_samples(dataset.root, kinds=(Kind.INTERACTIVE,), limit=limit)
    study = Interactive(opened.data, opened.samples, Clicking(limit=clicks))
    for task in study.tasks(done):
        yield from study.measure(Contender("", "", model), task)


def iou_of_eroded(width: int, height: int, pixels: int) -> float:
    return (width - 2 * pixels) * (height - 2 * pixels) / (width * height)


def test_ious_are_those_of_the_answers(dataset: CocoDataset, model: Any) -> None:
    runs = list(interactive(model, dataset))
    assert [run.key for run in runs] == ["1#1", "1#2", "2#3", "3#4"]
    assert [run.label for run in runs] == ["cup", "dog", "dog", "cup"]
    expected = [iou_of_eroded(20, 24, pixels) for pixels in (3, 2, 1)] + [1.0]
    assert list(runs[0].ious) == pytest.approx(expected)
    assert list(runs[0].first_ious) == pytest.approx(
        [iou_of_eroded(20, 24, pixels) for pixels in (3, 1, 4)]
    )
    assert list(runs[0].first_scores) == [0.5, 0.5, 0.5]


def test_looks_once_at_a_photograph(dataset: CocoDataset, model: Any) -> None:
    list(interactive(model, dataset))
    assert model.embedded == ["a.png", "b.png", "c.png"]


def test_hands_over_all_clicks_and_the_last_mask(dataset: CocoDataset, model: Any) -> None:
    list(interactive(model, dataset, limit=1))
    first, second, third, last = model.prompts
    assert first.mask is None and first.points.xy.tolist() == [[13, 13]]
    assert [len(prompt.points) for prompt in (first, second, third, last)] == [1, 2, 3, 4]
    assert np.count_nonzero(second.mask.mask) == 14 * 18
    assert np.count_nonzero(last.mask.mask) == 18 * 22
    np.testing.assert_array_equal(last.points.xy[:3], third.points.xy)
    assert set(last.points.labels) == {1}


def test_an_imperfect_object_gets_every_click(dataset: CocoDataset, model: Any) -> None:
    model.clicks_needed = 5
    (run,) = interactive(model, dataset, clicks=3, limit=1)
    assert len(run.ious) == 3


def test_negative_clicks_take_away(dataset: CocoDataset) -> None:
    _, whole = baselines()
    runs = list(interactive(whole.model, dataset, clicks=20))
    assert all(len(run.ious) == 20 and len(set(run.ious)) == 1 for run in runs)
    disk, _ = baselines()
    runs = list(interactive(disk.model, dataset, clicks=20))
    assert all(run.ious[-1] > run.ious[0] for run in runs)


def test_finished_objects_are_left_out_and_not_looked_at(dataset: CocoDataset, model: Any) -> None:
    runs = list(interactive(model, dataset, done={"1#2", "2#3"}, limit=3))
    assert [run.key for run in runs] == ["1#1"]
    assert model.embedded == ["a.png"]


def test_the_ignored_band_counts_nowhere(tmp_path: Path, tools: Any) -> None:
    box = (10, 10, 40, 40)
    band = tools.rectangle(box) & ~tools.eroded(tools.rectangle(box), 3)
    photos = {"a.png": [("cup", box)]}
    data = read_coco(tools.write_set(tmp_path / "x", photos, ["cup"], ignore=rle_encode(band)))
    (run,) = interactive(tools.Knowing(data), data)
    assert list(run.ious) == [1.0]  # eroded by three pixels, all of them ignored


def test_an_image_of_another_size_is_an_error(dataset: CocoDataset, model: Any) -> None:
    Image.new("RGB", (10, 12)).save(dataset.images[0].path)
    disk, _ = baselines()
    with pytest.raises(DataError, match=r"a\.png: image size: expected 48 x 64"):
        list(interactive(disk.model, dataset))
