"""What speaks for a candidate, worked by hand on small masks."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.selection.evidence import NAMES, Found, Told, evidence

H, W = 10, 12


def block(y0: int, y1: int, x0: int, x1: int) -> np.ndarray:
    mask = np.zeros((H, W), bool)
    mask[y0:y1, x0:x1] = True
    return mask


# Areas 16, 32, 8; the first lies in the second, the third beside both.
MASKS = np.stack([block(2, 6, 2, 6), block(2, 6, 2, 10), block(7, 9, 2, 6)])
FOUND = (
    Found("part", ("box",), clear=True, pick=True),
    Found("part", ("click",), pick=True),
    Found("mean", ("box", "click")),
)
SOFT = np.zeros((5, 6), np.float32)
SOFT[1:3, 1:3] = (0.9, 0.6)


def told(**given: object) -> dict[str, np.ndarray]:
    softs = [SOFT, None, None]
    rows = evidence(MASKS, [0.8, np.nan, np.nan], softs, FOUND, Told(**given))  # type: ignore[arg-type]
    assert rows.shape == (3, len(NAMES))
    return dict(zip(NAMES, rows.T, strict=True))


def test_agreement_is_with_the_picks() -> None:
    found = told()
    # IoU of the first two: 16 / 32; each agrees with itself wholly.
    assert found["agreement"].tolist() == [0.75, 0.75, 0.0]
    assert found["least agreement of parts"].tolist() == [0.5, 0.5, 0.0]
    assert found["like the mean"].tolist() == [0.0, 0.0, 1.0]
    assert found["size"] == pytest.approx(np.log([17 / 9, 33 / 9, 1.0]))


def test_scores_that_are_missing_are_those_of_the_picks() -> None:
    assert told()["score"].tolist() == [0.8, 0.8, 0.8]


def test_stability_and_confidence_come_from_the_soft_mask() -> None:
    found = told()
    assert found["stability"].tolist() == [0.5, 0.9, 0.9]  # 2 of 4 cells stay at the threshold up
    assert found["confidence"] == pytest.approx([0.75, 0.9, 0.9])


def test_box() -> None:
    found = told(box=np.array([2.0, 2.0, 6.0, 6.0]))
    assert found["like the box"] == pytest.approx([1.0, 0.5, 0.0])
    assert found["inside the box"].tolist() == [1.0, 0.5, 0.0]


def test_points_count_where_they_are_obeyed() -> None:
    clicks = np.array([[3.0, 3.0], [8.0, 3.0]]), np.array([1.0, 0.0])
    assert told(clicks=clicks)["clicks"].tolist() == [1.0, 0.5, 0.5]
    assert told(strokes=clicks)["strokes"].tolist() == [1.0, 0.5, 0.5]


def test_words_count_also_where_no_candidate_is() -> None:
    words = block(2, 6, 2, 6) | block(0, 1, 0, 12)
    found = told(words=words, presence=0.5)
    assert found["words"] == pytest.approx([16 / 28, 16 / 44, 0])
    assert found["words and presence"] == pytest.approx([8 / 28, 8 / 44, 0])
    assert found["inside the words"] == pytest.approx([1.0, 0.5, 0.0])


def test_origin() -> None:
    found = told()
    assert found["part: box"].tolist() == [1, 0, 0]
    assert found["pick of part: click"].tolist() == [0, 1, 0]
    assert found["mean"].tolist() == [0, 0, 1]


def test_large_masks_are_thinned_and_nothing_but_rounding_changes() -> None:
    large = np.kron(MASKS, np.ones((60, 60), bool))
    softs = [SOFT, None, None]
    scores = [0.8, 0.8, 0.8]
    box = np.array([2.0, 2.0, 6.0, 6.0])
    small_rows = evidence(MASKS, scores, softs, FOUND, Told(box=box))
    rows = evidence(large, scores, softs, FOUND, Told(box=box * 60))
    skipped = NAMES.index("size")  # it counts pixels, and one more than there are
    np.testing.assert_allclose(
        np.delete(rows, skipped, 1), np.delete(small_rows, skipped, 1), atol=0.02
    )


def test_empty_masks_are_told() -> None:
    nothing = np.zeros((2, H, W), bool)
    rows = evidence(nothing, [0.5, 0.5], [None, None], FOUND[:2], Told())
    assert np.isfinite(rows).all() and rows[:, NAMES.index("filled")].tolist() == [0, 0]
