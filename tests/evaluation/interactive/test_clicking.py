from __future__ import annotations

import numpy as np
import pytest

from biprompt.data.clicks import Click, next_click
from biprompt.data.outlines import BoolMask
from biprompt.errors import InputError
from biprompt.evaluation.interactive import Clicking, turns
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict

CARD = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Made up.")
TRUTH = np.zeros((9, 12), bool)
TRUTH[1:8, 1:8] = True


class Scripted:
    """Gives masks one after the other, whatever is asked."""

    def __init__(self, *masks: BoolMask) -> None:
        self.masks = list(masks)
        self.prompts: list[Prompt] = []

    def __call__(self, prompt: Prompt) -> Segmentation:
        self.prompts.append(prompt)
        mask, soft = self.masks[len(self.prompts) - 1], np.full((3, 4), 0.25, np.float32)
        return Segmentation(mask, Verdict.FOUND, None, CARD, "scripted", soft=soft)


def test_a_sequence_by_hand() -> None:
    """Half of it, then too much of it, then all: add, add, remove, nothing more to click on."""
    half, more = TRUTH.copy(), TRUTH.copy()
    half[:, 5:] = False
    more[3:6, 8:11] = True
    ask = Scripted(half, more, TRUTH)
    given = list(turns(ask, TRUTH, None, next_click, 20))
    assert [turn.clicks[-1] for turn in given] == [(4, 4, 1), (6, 2, 1), (9, 4, 0)]
    assert [turn.clicks for turn in given] == [given[-1].clicks[:n] for n in (1, 2, 3)]
    first, second, third = ask.prompts
    assert first.mask is None and second.mask is not None and third.mask is not None
    np.testing.assert_array_equal(second.mask.mask, half)
    np.testing.assert_array_equal(third.mask.mask, more)
    assert third.mask.soft is not None and (third.mask.soft == 0.25).all()
    assert third.points is not None and third.points.labels.tolist() == [1, 1, 0]


def test_an_empty_answer_is_nothing_to_start_from() -> None:
    ask = Scripted(np.zeros_like(TRUTH), TRUTH)
    clicks = [turn.clicks[-1] for turn in turns(ask, TRUTH, None, next_click, 20)]
    assert clicks[0] == (4, 4, 1) and clicks[1] != clicks[0]  # no pixel is clicked twice
    assert ask.prompts[1].mask is None


def test_ignored_pixels_are_not_clicked_and_end_it() -> None:
    left = TRUTH.copy()
    left[:, 5:] = False
    ignore = np.zeros_like(TRUTH)
    ignore[:, 5:] = True
    ask = Scripted(left)
    (turn,) = turns(ask, TRUTH, ignore, next_click, 20)
    assert turn.clicks[0][:2] == (2, 2)  # the middle of what counts, four columns wide
    assert list(turns(ask, TRUTH, TRUTH, next_click, 20)) == []


def test_the_limit() -> None:
    ask = Scripted(*[~TRUTH] * 3)
    assert len(list(turns(ask, TRUTH, None, next_click, 3))) == 3


def jittered(seed: int, key: str, count: int = 6) -> list[Click | None]:
    sampler = Clicking("jittered", seed=seed).sampler_of(key)
    wide = np.ones((90, 120), bool)
    return [sampler(wide, np.zeros_like(wide)) for _ in range(count)]


def test_jitter_hangs_on_seed_and_key_alone() -> None:
    clicks = jittered(0, "1#1")
    assert clicks == jittered(0, "1#1")
    assert clicks[:2] == jittered(0, "1#1", 2)
    assert len(set(clicks)) == 6
    assert clicks != jittered(1, "1#1") and clicks != jittered(0, "1#2")


def test_the_centre_hangs_on_neither() -> None:
    one, other = Clicking(seed=0), Clicking(seed=1)
    assert one.settings() == other.settings() == {"clicks": "centre", "max_clicks": 20}
    assert one.sampler_of("a") is other.sampler_of("b") is next_click
    assert Clicking("jittered", 3, 7).settings()["seed"] == 7


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("nod", 20, 0), "clicks: expected one of centre, jittered, got nod"),
        (("centre", 0, 0), "clicks: expected from 1 to 1000, got 0"),
        (("centre", 1001, 0), "clicks: expected from 1 to 1000, got 1001"),
        (("jittered", 20, -1), "seed: expected 0 or more, got -1"),
    ],
)
def test_bad_values(values: tuple[str, int, int], message: str) -> None:
    with pytest.raises(InputError) as error:
        Clicking(*values)
    assert str(error.value) == message
