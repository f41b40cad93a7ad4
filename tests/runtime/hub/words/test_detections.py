from __future__ import annotations

import numpy as np
import pytest

from biprompt.runtime.hub.words import detections
from biprompt.runtime.hub.words.detections import (
    Detections,
    box_iou,
    containing,
    counted,
    distinct,
)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float64)


def test_iou_by_hand() -> None:
    others = boxes((0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30), (0, 0, 5, 5))
    assert box_iou(others[0], others).tolist() == pytest.approx([1, 50 / 150, 0, 25 / 100])


def test_the_worse_of_two_alike_is_dropped() -> None:
    found = boxes((0, 0, 10, 10), (0, 0, 10, 9), (20, 0, 30, 10), (0, 0, 10, 4))
    kept = distinct(found, np.array([0.5, 0.9, 0.1, 0.2], np.float32))
    assert kept.tolist() == [1, 3, 2]


def test_at_most_a_hundred_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detections, "MOST", 3)
    found = np.array([(i * 10, 0, i * 10 + 5, 5) for i in range(9)], np.float64)
    kept = distinct(found, np.arange(9, dtype=np.float32))
    assert kept.tolist() == [8, 7, 6]


def test_boxes_come_back_to_the_original_frame_and_are_cut() -> None:
    centred = np.array([(0.5, 0.5, 0.5, 0.25), (0.9, 0.9, 0.4, 0.4), (1.4, 0.5, 0.1, 0.1)])
    found = Detections.of(
        centred.astype(np.float32), np.array([0.2, 0.8, 0.9], np.float32), (200, 200), (100, 200)
    )
    # The second lies below the image (rows 140 to 220 of 100), the third right of it.
    np.testing.assert_allclose(found.boxes, [(50, 75, 150, 100)], atol=1e-4)
    assert found.scores.tolist() == pytest.approx([0.2])


@pytest.mark.parametrize(
    ("every", "scores", "expected"),
    [
        (False, [0.9, 0.5, 0.1], [0]),
        (True, [0.9, 0.5, 0.1], [0, 1]),
        (True, [0.2, 0.1, 0.0], [0]),
        (False, [0.2, 0.1, 0.0], [0]),
        (True, [0.0, 0.0, 0.0], []),
    ],
)
def test_which_count(every: bool, scores: list[float], expected: list[int]) -> None:
    assert counted(np.array(scores, np.float32), 0.35, every=every).tolist() == expected


def test_boxes_that_hold_all_clicks() -> None:
    found = boxes((0, 0, 10, 10), (0, 0, 20, 20)).astype(np.float32)
    inside = np.array([(5, 5), (12, 3)], np.float32)
    assert containing(found, inside).tolist() == [False, True]
    assert containing(found, inside[:0]).tolist() == [True, True]
