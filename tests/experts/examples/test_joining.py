"""Examples alone and beside clicks and words: who is offered, who wins, and what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.experts.conftest import HW
from tests.experts.examples.conftest import ColourRuntime, asked, look, picture, seen, square

from biprompt.experts.answer import answer_all
from biprompt.experts.words import PhraseReader
from biprompt.results import Segmentation, Verdict
from biprompt.selection import Policy

pytestmark = pytest.mark.usefixtures("plain")
RED, BLUE = (80, 24, 24), (16, 24, 24)
EXAMPLE = {"red": (8, 8, 24)}


@pytest.fixture
def ask(colours: ColourRuntime, reader: PhraseReader) -> Any:
    def ask(
        pixels: Any, *examples: Any, policy: Policy | None = None, **values: Any
    ) -> Segmentation:
        prompt = asked(reader, *examples, **values)
        return answer_all(colours, look(pixels), [prompt], policy or Policy())[0]

    return ask


def sources(answer: Segmentation) -> set[str]:
    return {str(candidate.source) for candidate in answer.card.candidates}


def test_examples_alone(ask: Any) -> None:
    answer = ask(picture(red=RED, blue=BLUE), seen(**EXAMPLE))
    assert answer.verdict is Verdict.FOUND and sources(answer) == {"example"}
    assert (answer.mask & square(*RED)).sum() > 0.8 * (answer.mask | square(*RED)).sum()
    assert answer.card.winner == 0 and answer.card.text_mask is None
    assert answer.card.reason.startswith("Candidate 1 of ") and "resembles" in answer.card.reason
    scores = [candidate.score for candidate in answer.card.candidates]
    assert answer.card.margin == pytest.approx(scores[0] - scores[1])


def test_nothing_resembles(ask: Any) -> None:
    answer = ask(picture(blue=BLUE), seen(**EXAMPLE))
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()
    assert "resembles the examples (presence 0." in answer.card.reason
    assert answer.card.winner is None and answer.presence is not None and answer.presence < 0.5


def test_threshold_is_the_policys(ask: Any) -> None:
    answer = ask(picture(blue=BLUE), seen(**EXAMPLE), policy=Policy(presence_threshold=0.0))
    assert answer.verdict is Verdict.FOUND and answer.mask.any()


def test_click_chooses_among_its_own_candidates_by_the_examples(ask: Any) -> None:
    # a disk of 16 pixels across fits the square of 24 worse than that of 24 across
    answer = ask(picture(red=RED, blue=BLUE), seen(**EXAMPLE), points=[(92, 36)])
    assert sources(answer) == {"point"} and answer.verdict is Verdict.FOUND
    similar = [candidate.similarity for candidate in answer.card.candidates]
    assert answer.card.winner == int(np.argmax(similar))
    assert "overlaps what resembles the examples most" in answer.card.reason


def test_click_elsewhere_disagrees_and_decides(ask: Any) -> None:
    answer = ask(picture(red=RED, blue=BLUE), seen(**EXAMPLE), points=[(28, 36)])
    assert answer.verdict is Verdict.DISAGREE and answer.mask[36, 28] and not answer.mask[36, 92]
    assert "pointed at decides" in answer.card.reason


def test_click_on_what_is_not_there_is_the_surer_evidence(ask: Any) -> None:
    answer = ask(picture(blue=BLUE), seen(**EXAMPLE), points=[(28, 36)])
    assert answer.mask[36, 28] and answer.presence < 0.5


def test_words_and_examples_agree(ask: Any) -> None:
    # the words mean the left half; a red square is in each half
    both = picture(red=RED)
    both[24:48, 16:40] = (255, 0, 0)
    answer = ask(both, seen(**EXAMPLE), text="cat")
    assert sources(answer) == {"example", "text"} and answer.card.text_mask is not None
    assert answer.verdict is Verdict.FOUND and "agrees best" in answer.card.reason
    assert answer.mask[30, 20]


def test_words_and_examples_disagree(ask: Any) -> None:
    answer = ask(picture(red=RED), seen(**EXAMPLE), text="cat")
    assert answer.verdict is Verdict.DISAGREE and "do not overlap" in answer.card.reason


def test_neither_named_nor_shown_is_there(ask: Any, colours: ColourRuntime) -> None:
    colours.presence = -5.0
    answer = ask(picture(blue=BLUE), seen(**EXAMPLE), text="cat")
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()
    assert "named and shown is not in this image" in answer.card.reason


def test_unknown_words_beside_examples_say_nothing(ask: Any) -> None:
    answer = ask(picture(red=RED, blue=BLUE), seen(**EXAMPLE), text="zzxqv")
    assert answer.verdict is Verdict.FOUND and sources(answer) == {"example"}
    assert answer.card.text_understood is False


def test_negative_example_alone_takes_out_what_it_shows(ask: Any) -> None:
    left = picture(blue=(0, 0, 32))
    plain = ask(left, text="cat")
    less = ask(left, seen(0, blue=(8, 8, 24)), text="cat")
    assert plain.mask[:, :64].all()
    assert not less.mask[4:28, 4:28].any() and less.mask[60, 60]
    assert "taken out" in less.card.reason


def test_negative_example_of_what_is_not_here_takes_nothing_out(ask: Any) -> None:
    answer = ask(picture(blue=BLUE), seen(0, **EXAMPLE), text="cat")
    assert answer.mask[:, :64].all() and "nothing was taken out" in answer.card.reason


def test_prompts_without_examples_are_answered_as_before(
    colours: ColourRuntime, reader: PhraseReader
) -> None:
    image = look(picture(red=RED, blue=BLUE))
    click, shown = asked(reader, points=[(28, 36)]), asked(reader, seen(**EXAMPLE))
    alone, _ = answer_all(colours, image, [click, shown], Policy())
    (before,) = answer_all(colours, image, [click], Policy())
    assert np.array_equal(alone.mask, before.mask) and alone.card.reason == before.card.reason
    assert alone.mask.shape == HW


def test_negative_example_of_the_thing_itself_takes_nothing_out(ask: Any) -> None:
    large = picture(blue=(12, 20, 32))
    plain = ask(large, points=[(28, 36)])
    less = ask(large, seen(0, blue=(8, 8, 24)), points=[(28, 36)])
    assert np.array_equal(less.mask, plain.mask)
    assert "Most of it resembles the negative examples" in less.card.reason
