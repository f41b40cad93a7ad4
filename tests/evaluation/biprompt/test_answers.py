"""Ask a model whose answers follow from what is painted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.data.readers.registry import Kind
from biprompt.errors import DataError, PromptError
from biprompt.evaluation.baselines import Painted, disks
from biprompt.evaluation.biprompt.answers import Answers, ask, place_points
from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.cases import Case, cases_of
from biprompt.evaluation.biprompt.rows import MAIN, mask_rows, point_row, template_row
from biprompt.evaluation.model import Contender, click_prompt
from biprompt.evaluation.samples import open_samples
from biprompt.metrics import overlap
from biprompt.results import Verdict

BOX, OTHER = (10, 10, 30, 30), (50, 10, 70, 40)
ASKING = Asking(("centre", "edge"), ("{}", "a {}", "flimbrot", "far too many words for {}"), 0.5)


@pytest.fixture
def case(see: Any, tmp_path: Path) -> Case:
    root = see.folder(tmp_path / "photos", {"a.png": [("cup", BOX), ("cup", OTHER)]})
    return next(cases_of(open_samples(root, kinds=(Kind.INTERACTIVE,)).samples))


@pytest.fixture
def answers(see: Any, case: Case) -> Answers:
    contender = see.load_seeing()
    found = ask(contender, contender.model.embed(case.picture.path), case, ASKING)
    assert found is not None
    return found


def scores(answers: Answers, row: str) -> dict[str, float]:
    masks = mask_rows(answers, ASKING)[row]
    return {name: overlap(mask, answers.truth).iou for name, mask in masks.items()}


EVERY = 400 / (400 + 600)  # all of the grey: both cups
WITHOUT_EDGE = 18 * 18 / 400


def test_worked_out_by_hand(answers: Answers) -> None:
    assert scores(answers, MAIN) == {
        "box": 1.0,
        "click_own": WITHOUT_EDGE,
        "click_best": 1.0,
        "text": EVERY,
        "text_mask": EVERY,
        "gate_paper": EVERY,  # the words mean both cups, so the candidate of both is most similar
        "gate_wide": 1.0,  # but point and joint candidates together agree on one
        "gate_parts": EVERY,  # its weights know nothing of such masks
        "joint_paper": EVERY,  # 0.5 * (0.4 + 1) against 0.5 * (0.5 + 0.4) and 0.5 * (0.6 + 0.324)
        "joint_wide": EVERY,
        "oracle": 1.0,
    }


def test_a_point_on_the_edge_is_outside_the_first_candidate(answers: Answers) -> None:
    click, (x, y) = answers.pointed["edge"], (0, 0)
    assert scores(answers, point_row("edge"))["click_own"] == WITHOUT_EDGE
    assert click.card.winner == 0 and not click.mask[y, x]
    assert set(answers.both) == set(ASKING.pairs)


def test_words_that_mean_nothing_leave_the_click_alone(answers: Answers) -> None:
    for template in ("flimbrot", "far too many words for {}"):
        said = answers.said[template]
        assert (said.verdict, said.card.text_understood) == (Verdict.ABSENT, False)
        row = {"text": 0.0, "text_mask": 0.0, "gate_paper": WITHOUT_EDGE, "gate_wide": WITHOUT_EDGE}
        assert scores(answers, template_row(template)) == row
    assert scores(answers, template_row("a {}")) == scores(answers, template_row("{}"))


def test_the_paper_s_pool_is_what_a_model_offers_for_both(see: Any, case: Case) -> None:
    contender = see.load_seeing()
    scene = contender.model.embed(case.picture.path)
    answers = ask(contender, scene, case, ASKING)
    assert answers is not None
    (click,) = place_points(case, answers.truth, None, Asking(("centre",))).values()
    prompt = click_prompt([click[:2]], [1], text="cup")
    both = contender.model.segment(scene, prompt=prompt, policy=answers.policy)
    choice = answers.paper(("centre", "{}")).choose(answers.policy)
    assert (both.card.winner, both.verdict) == (choice.winner, choice.verdict) == (2, "found")
    np.testing.assert_array_equal(both.mask, choice.mask)


def test_baselines_are_clicked_and_nothing_else(case: Case) -> None:
    painted = Contender("disk", "1", Painted("disk", disks))
    answers = ask(painted, (60, 80), case, ASKING)
    assert answers is not None and not answers.said and not answers.both
    assert set(scores(answers, MAIN)) == {"click_own", "click_best"}
    assert set(mask_rows(answers, ASKING)) == {MAIN, point_row("centre"), point_row("edge")}


def test_a_model_without_words_is_refused(see: Any, case: Case) -> None:
    class Deaf(see.Seeing):  # type: ignore[misc]
        def segment(self, image: Any, **given: Any) -> Any:
            if given["prompt"].text is not None:
                raise PromptError(
                    "text", expected="prompts that deaf takes (points)", actual="words"
                )
            return super().segment(image, **given)

    deaf = Contender("deaf", "1", Deaf())
    with pytest.raises(PromptError, match="text: expected prompts that deaf takes"):
        ask(deaf, deaf.model.embed(case.picture.path), case, ASKING)


def test_an_image_of_another_size_than_its_masks(see: Any, case: Case) -> None:
    see.paint(case.picture.path, {}, (70, 80))
    contender = see.load_seeing()
    with pytest.raises(DataError, match=r"a\.png: image size: expected 60 x 80"):
        ask(contender, contender.model.embed(case.picture.path), case, ASKING)
