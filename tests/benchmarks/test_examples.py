"""The fit of the example expert's numbers, on measurements whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.examples.fitting import chosen, errors_of, fit_gate, fit_iou
from benchmarks.examples.measuring import Asked

RANDOM = np.random.default_rng(3)
TRUE = np.array([0.3, -0.2, 0.1, 0.05, 0.4, -0.02])


def asked(folder: str, *, is_there: bool = True, is_strange: bool = False) -> Asked:
    """Proposals whose IoU is linear in their measurements, on a level of the question's own."""
    values = RANDOM.normal(size=(12, 6))
    ious = values @ TRUE + RANDOM.normal() if is_there else np.zeros(12)
    cosine = RANDOM.normal(0.8 if is_there else 0.2 if is_strange else 0.5, 0.1, 12)
    return Asked(folder, values, ious, np.stack([cosine, cosine], 1), is_there, is_strange)


def test_weights_are_found_whatever_the_level_of_a_question() -> None:
    line = fit_iou([asked(folder) for folder in "aabc" for _ in range(10)])
    assert line[0] == pytest.approx(TRUE, abs=0.01)


def test_the_best_proposal_is_chosen() -> None:
    one = asked("a")
    assert chosen(one, (TRUE, 0.0)) == int(one.ious.argmax())


def test_threshold_makes_both_errors_as_frequent() -> None:
    both = [asked("a") for _ in range(60)]
    both += [asked("a", is_there=False, is_strange=bool(i % 2)) for i in range(60)]
    line = (TRUE, 0.0)
    gate = fit_gate(both, line, 0)
    refused, found, strange = errors_of(gate, both, line, 0)
    assert refused == pytest.approx((found + strange) / 2, abs=0.04)
    assert 0.5 < gate.threshold < 0.8 and gate.slope > 0 and strange < found


def test_folder_without_absent_images_has_no_such_error() -> None:
    only = [asked("a") for _ in range(5)]
    line = (TRUE, 0.0)
    gate = fit_gate([*only, asked("a", is_there=False)], line, 0)
    assert np.isnan(errors_of(gate, only, line, 0)).tolist() == [False, True, True]
