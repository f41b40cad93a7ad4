"""The bank of questions, its two halves, and what the issue asks of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from biprompt.errors import DataError
from biprompt.presence import load_domain
from biprompt.presence.bank import Question, read_bank
from biprompt.presence.measure import HELD_BACK, TUNING, fit_operating, halves, outcomes, summary
from biprompt.presence.operating import Operating
from biprompt.presence.questions import concepts_of
from biprompt.presence.report import measured_page, operating_toml

TEXTS = {"liver": True, "brain": True, "hepar": False}


@pytest.fixture(scope="module")
def organs():
    return concepts_of("organs")


@pytest.fixture(scope="module")
def found(organs):
    return outcomes(read_bank("organs", organs.domain), organs)


def test_the_bank_is_as_large_as_promised(organs):
    bank = read_bank("organs", organs.domain)
    asked = Counter(thing for q in bank for thing in q.things)
    assert min(asked[thing] for thing in organs.domain.things) >= 20
    assert sum(not q.things for q in bank) >= 100
    assert len({q.text.casefold() for q in bank}) == len(bank)
    assert 0.4 < sum(q.held_back for q in bank) / len(bank) < 0.6


def test_held_back_hangs_on_the_question_alone():
    # First bytes of the SHA-256: eb, bb, 2d. Written down, so that the halves stay.
    held = {text: Question(text, frozenset()).held_back for text in TEXTS}
    assert held == TEXTS


def test_held_back_questions_are_understood(found):
    numbers = summary(halves(found)[HELD_BACK])
    assert numbers["top1"] >= 0.95
    assert numbers["refused"] >= 0.95
    assert numbers["refused_wrongly"] <= 0.05


def test_the_file_tells_what_is_measured(found, organs):
    numbers = summary(halves(found)[HELD_BACK])
    for name, share in organs.domain.operating.measured:
        assert share == pytest.approx(numbers[name], abs=1e-3), name


def test_the_fit_uses_the_tuning_half_alone(found, organs):
    fitted = fit_operating(found, "organs")
    assert fitted.slope == pytest.approx(organs.domain.operating.slope, abs=0.01)
    assert fitted == fit_operating(halves(found)[TUNING], "organs")
    lost = [o for o in found if o.question.held_back]
    wrong = [replace(o, question=replace(o.question, things=frozenset())) for o in lost]
    assert fitted == fit_operating([*halves(found)[TUNING], *wrong], "organs")


def test_a_threshold_that_refuses_everything_shows(found, organs):
    strict = organs.with_operating(Operating(1.0, -50.0, 0.3, 0.5))
    numbers = summary(outcomes([o.question for o in found[::10]] + [found[-1].question], strict))
    assert numbers["refused"] == numbers["refused_wrongly"] == 1.0
    assert numbers["answered"] == 0.0
    assert numbers["top1"] > 0.8


def test_page_and_toml_say_the_numbers(found, organs):
    page = measured_page(found, organs.domain)
    numbers = summary(halves(found)[HELD_BACK])
    assert f"{100 * numbers['top1']:.1f} %" in page
    assert f"top1 = {numbers['top1']:.4f}" in operating_toml(organs.domain.operating, numbers)


def test_coco_names_name_themselves():
    cache = concepts_of("coco")
    asked = [Question(name, frozenset({name})) for name in cache.domain.things]
    wrong = [o.question.text for o in outcomes(asked, cache) if not o.right]
    assert wrong == []


def test_a_bank_for_another_domain_is_refused(tmp_path):
    with pytest.raises(DataError, match="things of coco"):
        read_bank("organs", load_domain("coco"))
    with pytest.raises(DataError, match="a bank"):
        read_bank("nobody", load_domain("coco"))
    path = tmp_path / "bank.toml"
    path.write_text("[[asked]]\nthings = 3\n", "utf-8")
    with pytest.raises(DataError, match="tables"):
        read_bank(path, load_domain("coco"))
