"""The estimate that decides between the candidates of a set of prompts."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import WeightsError
from biprompt.selection import composing, keeping
from biprompt.selection.composing import KINDS, LAW, Estimator, estimator, expanded
from biprompt.selection.evidence import NAMES

SPOKEN = np.array([[1.0, 0.0], [3.0, 2.0]])


def test_numbers_stand_once_more_for_every_kind_that_is_given() -> None:
    found = expanded(SPOKEN, ("click", "text"))
    blocks = found.reshape(2, 1 + len(KINDS), 2)
    given = [True, *(kind in ("click", "text") for kind in KINDS)]
    for i, is_given in enumerate(given):
        assert np.array_equal(blocks[:, i], SPOKEN if is_given else 0 * SPOKEN)


def test_value_is_expected_iou_and_the_law() -> None:
    size = 2 * (1 + len(KINDS))
    gain, law, pool = np.zeros(size), np.zeros(size), np.zeros(size + 1)
    gain[0], law[1], pool[-1] = 0.1, 0.5, 0.6
    rule = Estimator(gain, law, pool)
    assert rule.values(SPOKEN, ()) == pytest.approx([0.1, 0.3 + LAW * 1.0])
    # the pool's mean IoU is 0.6; the candidates lie 0.1 below and above it
    assert rule.ious(SPOKEN, ()) == pytest.approx([0.5, 0.7])
    assert Estimator(100 * gain, law, pool).ious(SPOKEN, ()).tolist() == [0.0, 1.0]


def test_fitted_weights_fit_this_version() -> None:
    rule = estimator()
    assert rule.gain.shape == rule.law.shape == (len(NAMES) * (1 + len(KINDS)),)
    assert rule.pool.shape == (len(rule.gain) + 1,) and np.isfinite(rule.gain).all()
    assert keeping.keeper().weights.shape == (len(keeping.NAMES),)


@pytest.mark.parametrize(("module", "load"), [(composing, estimator), (keeping, keeping.keeper)])
def test_weights_for_other_numbers_are_refused(
    module: object, load: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    load.cache_clear()  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "NAMES", ("one",))
    with pytest.raises(WeightsError, match="expected one, got"):
        load()  # type: ignore[operator]
    load.cache_clear()  # type: ignore[attr-defined]
