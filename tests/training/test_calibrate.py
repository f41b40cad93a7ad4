"""Calibration: the cut of masks from words alone, and presence as a probability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.training.conftest import file_names, rectangle, write_folder

from biprompt.models.compact import CompactModel, TextPrompts
from biprompt.training.compact.calibrate import MAX_SCALE, Calibration, calibrate, platt
from biprompt.training.compact.photos import load_folders
from biprompt.training.compact.validate import Validator
from biprompt.zoo.words import WordTable


class Timid(CompactModel):
    """Outlines the left half, always with logits below zero."""

    def decode(self, features: Any, spatial: Any, text: TextPrompts) -> Any:
        count, (h, w) = len(text.has_text), features.p4.shape[2:]
        logits = torch.full((count, 4, h, w), -9.0)
        logits[:, :, :, : w // 2] = -1.2
        return logits, torch.zeros(count, 4)


def test_the_cut_is_where_the_overlap_is_best(tmp_path: Path, words: WordTable) -> None:
    names = file_names(2, validation=True)
    left = rectangle(0, 0, 80, 48)
    write_folder(tmp_path / "mine", {name: [("dog", left, {})] for name in names})
    (folder,) = load_folders(tmp_path, {"mine": 1.0}, validation=True)
    torch.manual_seed(0)
    fit = calibrate(Timid().eval(), Validator([folder], words, long_side=96), folder)
    assert -9.0 < fit.text_cut < -1.2
    assert fit.to_dict()["text_cut"] == fit.text_cut


def test_presence_is_one_half_where_both_errors_balance() -> None:
    rng = np.random.default_rng(0)
    there = rng.normal(3.0, 1.0, 4000)
    absent = rng.normal(1.0, 1.0, 40_000)  # ten times as many must not move the balance
    scale, bias = platt([*there, *absent], [True] * 4000 + [False] * 40_000)
    assert -bias / scale == pytest.approx(2.0, abs=0.1)
    assert scale == pytest.approx(2.0, abs=0.2)  # two unit Gaussians two apart


def test_separable_scores_do_not_run_away() -> None:
    scale, _ = platt([-1.0, -0.5, 0.5, 1.0], [False, False, True, True])
    assert scale <= MAX_SCALE


@pytest.mark.parametrize("there", [[True, True], [False, False]])
def test_one_kind_of_answer_changes_nothing(there: list[bool]) -> None:
    assert platt([0.3, 2.0], there) == (1.0, 0.0)


def test_nothing_is_changed_by_default() -> None:
    assert Calibration().to_dict() == {
        "text_cut": 0.0, "presence_scale": 1.0, "presence_bias": 0.0
    }  # fmt: skip
