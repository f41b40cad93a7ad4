"""The simulated user of the guided network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from biprompt.guidance import Encoding, disk_map  # noqa: E402
from biprompt.training.guided.samples import Sample  # noqa: E402
from biprompt.training.guided.session import Session  # noqa: E402

SIDE = 64


def samples() -> list[Sample]:
    pixels = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3), np.uint8)
    targets = np.zeros((2, SIDE, SIDE), bool)
    targets[0, 8:40, 16:48] = True
    targets[1, 30:60, 4:20] = True
    return [Sample(image, target) for image, target in zip(pixels, targets, strict=True)]


def logits_of(masks: np.ndarray) -> torch.Tensor:
    cells = torch.nn.functional.avg_pool2d(torch.from_numpy(masks).float()[:, None], 4)
    return (cells - 0.5) * 20


def test_it_starts_with_a_click_in_each_object() -> None:
    session = Session.start(samples(), Encoding.DISK, np.random.default_rng(0))
    assert session.adding.sum((1, 2)).tolist() == [1, 1] and not session.removing.any()
    assert (session.adding & session.targets).sum() == 2
    middle = Session.start(samples(), Encoding.DISK, None)
    row, column = np.argwhere(middle.adding[0])[0]
    assert abs(row - 23.5) <= 1 and abs(column - 31.5) <= 1
    assert not session.previous.any()


@pytest.mark.parametrize("rng", [None, np.random.default_rng(3)], ids=["middle", "chance"])
def test_it_clicks_on_what_is_wrong(rng: np.random.Generator | None) -> None:
    session = Session.start(samples(), Encoding.DISK, None)
    guesses = session.targets.copy()
    guesses[0, 8:40, 16:32] = False  # half is missing
    guesses[1, 0:20, 30:60] = True  # and here is too much
    later = session.correct(logits_of(guesses), rng)
    new, wrong = later.adding & ~session.adding, later.removing
    assert new[0].sum() == 1 and session.targets[0, :, :32][new[0][:, :32]].all()
    assert not new[1].any() and not wrong[0].any() and wrong[1, 0:20, 30:60].sum() == 1
    assert later.previous[1, 0, 2, 10] > 0.9 and later.previous[0, 0, 4, 5] < 0.1
    assert session.adding.sum() == 2  # the earlier one is as it was


def test_without_an_error_nothing_is_clicked() -> None:
    session = Session.start(samples(), Encoding.DISK, None)
    exact = logits_of(session.targets)
    session = replace(session, targets=session.masks(exact))
    later = session.correct(exact, None)
    assert (later.adding | later.removing).sum() == 2


def test_what_the_network_gets() -> None:
    session = Session.start(samples(), Encoding.DISK, None)
    pixels, maps, covered = session.pixels(), session.maps(), session.covered()
    expected = torch.from_numpy(samples()[1].image).permute(2, 0, 1) / 127.5 - 1
    torch.testing.assert_close(pixels[1], expected)
    np.testing.assert_array_equal(maps[0, 0], disk_map(session.adding[0]))
    assert maps.shape == (2, 2, SIDE, SIDE) and not maps[:, 1].any()
    assert covered[0, 2:10, 4:12].eq(1).all() and covered[0].sum() == 64
    assert covered[1, 7, 1] == 0.5  # the object begins at row 30 of 28 to 31
