"""A question of an image: a mask for each thing, both gates, or a refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest

from biprompt.errors import DataError, PromptError
from biprompt.geometry import ModelFrame
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.questions import ask
from biprompt.selection import Policy

PIXELS = np.full((20, 30, 3), 90, np.uint8)
HERE = {"liver": 0.9, "stomach": 0.8, "spleen": 0.1}


@dataclass
class Model:
    """Knows where three organs are; gives presence, or keeps it to itself."""

    gives_presence: bool = True
    score: float = 0.95
    name: str = "stub"
    policy: Policy = field(default_factory=Policy)
    points: bool = False
    asked: int = 0

    @property
    def runtime(self):
        return SimpleNamespace(facts=SimpleNamespace(points=self.points))

    def embed(self, image):
        frame = ModelFrame((20, 30), (20, 30))
        return ImageEmbedding({}, frame, "key", "stub", "1", PIXELS, None, 0.0)

    def segment_many(self, image, prompts, *, policy=None):
        self.asked += len(prompts)
        return [self._answer(prompt) for prompt in prompts]

    def _answer(self, prompt) -> Segmentation:
        mask = np.zeros((20, 30), bool)
        mask[4:16, 6:24] = True
        if prompt.text is None:  # the box of a text mask, for the second expert
            card = SelectionCard((), None, None, None, None, "iou", "similarity", "paper", "Box.")
            return Segmentation(mask, Verdict.FOUND, None, card, "stub")
        presence = HERE.get(prompt.text.phrase, 0.0) if self.gives_presence else None
        absent = presence is not None and presence < 0.5
        candidate = Candidate("text", 0, self.score, None, mask)
        card = SelectionCard(
            (candidate,), mask, None if absent else 0, None, None, "iou", "similarity", "paper",
            "The words alone.",
        )  # fmt: skip
        shown = np.zeros_like(mask) if absent else mask
        verdict = Verdict.ABSENT if absent else Verdict.FOUND
        return Segmentation(shown, verdict, presence, card, "stub", phrase=prompt.text.phrase)


def test_each_thing_has_an_answer_of_its_own():
    answered = ask(Model(), PIXELS, "the liver, the spleen and the stomach")
    assert [*answered.answers] == ["liver", "spleen", "stomach"]
    assert answered.found == ("liver", "stomach")
    assert answered.answers["liver"].mask.sum() == 12 * 18
    assert not answered.answers["spleen"].mask.any()
    assert [gate.passed for gate in answered.gates.values()] == [True, False, True]
    named = answered.resolution.parts[0].probability
    assert answered.gates["liver"].probability == pytest.approx(named * 0.9)
    assert "not a medical device" in answered.notice


def test_a_refusal_is_an_empty_mask_and_the_model_does_not_look():
    model = Model()
    answered = ask(model, PIXELS, "the brain")
    (answer,) = answered.answers.values()
    assert model.asked == 0 and answered.found == ()
    assert answer.verdict is Verdict.ABSENT
    assert answer.mask.shape == (20, 30) and not answer.mask.any()
    assert "brain" in answer.card.reason
    assert answered.to_dict()["answers"][0]["thing"] is None


def test_a_part_that_is_refused_is_told_beside_the_answers():
    answered = ask(Model(), PIXELS, "the liver and the brain")
    assert answered.found == ("liver",)
    assert "brain" in answered.reason


@pytest.mark.parametrize("points", [False, True])
def test_without_a_presence_score_the_mask_decides(points):
    sure = ask(Model(gives_presence=False, score=1.0, points=points), PIXELS, "the liver")
    poor = ask(Model(gives_presence=False, score=0.0, points=points), PIXELS, "the liver")
    high, low = (each.answers["liver"].presence for each in (sure, poor))
    assert high is not None and low is not None and low < high
    assert "estimated from the mask" in poor.gates["liver"].reason + sure.gates["liver"].reason
    # The threshold of the policy is between them.
    strict = Policy(presence_threshold=(low + high) / 2)
    refused = ask(Model(gives_presence=False, score=0.0, points=points), PIXELS, "liver",
                  policy=strict)  # fmt: skip
    kept = ask(Model(gives_presence=False, score=1.0, points=points), PIXELS, "liver",
               policy=strict)  # fmt: skip
    assert refused.found == () and not refused.answers["liver"].mask.any()
    assert refused.answers["liver"].card.winner is None
    assert kept.found == ("liver",)


def test_plain_json():
    told = json.loads(json.dumps(ask(Model(), PIXELS, "liver and stomach").to_dict()))
    assert [each["thing"] for each in told["answers"]] == ["liver", "stomach"]
    assert told["found"] == ["liver", "stomach"]
    assert told["question"]["concepts"] == ["liver", "stomach"]


def test_bad_input():
    with pytest.raises(PromptError):
        ask(Model(), PIXELS, "")
    with pytest.raises(DataError):
        ask(Model(), PIXELS, "liver", domain="nothing")


def test_the_threshold_is_that_of_the_model():
    strict = replace(Model(), policy=Policy(presence_threshold=0.85))
    assert ask(strict, PIXELS, "stomach").gates["stomach"].passed is False
    assert ask(Model(), PIXELS, "stomach").gates["stomach"].passed is True
