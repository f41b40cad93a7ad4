"""What the decoder is asked: a phrase alone means all of a kind, with a click the clicked one."""

from __future__ import annotations

import numpy as np
import torch

from biprompt.models.compact import CompactModel, TextPrompts
from biprompt.training.compact.asking import Question, ask

CELLS = 16
IMAGES, CLICKS, PHRASES = 4, 2, 8


def batch() -> dict[str, torch.Tensor]:
    """Two like things in every image; each phrase names both, the left one is picked out."""
    both = torch.zeros(IMAGES, PHRASES, CELLS, CELLS, dtype=torch.uint8)
    both[..., 2:12, 1:6], both[..., 2:12, 9:15] = 16, 16
    left = both.clone()
    left[..., 8:] = 0
    said = torch.ones(IMAGES, PHRASES)
    return {"targets": both[:, :CLICKS], "meant": both, "one": left, "said": said, "presence": said}


def asked(seed: int) -> Question:
    torch.manual_seed(0)
    model = CompactModel()
    side = 4 * CELLS
    features = model.encode(torch.zeros(IMAGES, 3, side, side))
    count = IMAGES * PHRASES
    text = TextPrompts.nothing(count, model.config.text_dim, (side // 16, side // 16), "cpu")
    return ask(model, features, batch(), text, np.random.default_rng(seed), 0)


def test_a_click_beside_a_phrase_means_the_clicked_thing_alone() -> None:
    question = asked(0)
    spoken = slice(question.clicks, None)
    clicked = (question.spatial.labels[spoken] == 1).any(1)
    left, right = (question.target[spoken][..., half].amax((1, 2)) for half in _HALVES)
    assert clicked.any() and not clicked.all()
    assert (left == 1).all()
    assert torch.equal(right == 1, ~clicked)


def test_the_click_lies_in_the_one_thing() -> None:
    question = asked(1)
    labels = question.spatial.labels[question.clicks :]
    x = question.spatial.xy[question.clicks :, :, 0][labels == 1]
    assert len(x) and (x < 4 * 8).all()


_HALVES = (slice(0, 8), slice(8, None))
