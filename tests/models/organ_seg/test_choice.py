"""The multiple-choice prompt and the reading of its answers."""

from __future__ import annotations

import pytest

from biprompt.data.readers.flare22 import ORGANS
from biprompt.errors import InputError
from biprompt.models.organ_seg import Options, Pick, parse_answer

OPTIONS = Options(ORGANS)


def test_prompt_has_the_options_of_the_paper() -> None:
    text = OPTIONS.prompt(" Which organ is responsible for breaking down food using gastric acid? ")
    assert (
        "Options: A. Liver, B. Right kidney, C. Spleen, D. Pancreas, E. Aorta, "
        "F. Inferior Vena Cava (IVC), G. Right Adrenal Gland (RAG), H. Left Adrenal Gland (LAG), "
        "I. Gallbladder, J. Esophagus, K. Stomach, L. Duodenum, M. Left kidney, N. None of them\n"
    ) in text
    assert "# Question" not in text
    assert (
        "Question: Which organ is responsible for breaking down food using gastric acid?\n" in text
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("K. Stomach", "stomach"),
        ("K", "stomach"),
        ("k", "stomach"),
        ("(K)", "stomach"),
        ("**K**", "stomach"),
        ("Stomach", "stomach"),
        ("The stomach.", "stomach"),
        ("Answer: K\n\nExplanation: the stomach lies beside the spleen.", "stomach"),
        ("# Answer: K. Stomach", "stomach"),
        ("The correct answer is (B) Right kidney", "right kidney"),
        ("The answer is K", "stomach"),
        ("Option M: Left kidney", "left kidney"),
        ("G. RAG", "right adrenal gland"),
        ("IVC", "inferior vena cava"),
        ("A stomach is shown", "stomach"),
        ("It is a duodenum", "duodenum"),
    ],
)
def test_things(said: str, name: str) -> None:
    choice = parse_answer(said, OPTIONS)
    assert (choice.pick, choice.name) == (Pick.THING, name)


@pytest.mark.parametrize(
    "said", ["N", "N. None of them", "none", "None of the above.", "Answer: N"]
)
def test_none(said: str) -> None:
    assert parse_answer(said, OPTIONS).pick is Pick.NONE


@pytest.mark.parametrize(
    "said",
    [
        "", "   \n", "O. Heart", "Z", "K. Liver", "kidney", "the liver or the spleen",
        "N. Stomach", "K. None of them", "I am not sure", "42", "It is not the liver",
        "Which organ is it?", "A thing",
    ],
)  # fmt: skip
def test_what_is_not_clearly_one_option_is_unknown(said: str) -> None:
    choice = parse_answer(said, OPTIONS)
    assert (choice.pick, choice.name, choice.box) == (Pick.UNKNOWN, None, None)


@pytest.mark.parametrize(
    ("said", "box"),
    [
        ("Bounding Box Coordinates: (10, 20), (30, 50)", (10, 20, 30, 50)),
        ("box [0.1, 0.2, 0.3, 0.5]", (10, 40, 30, 100)),  # shares of 100 x 200
        ("Bounding Box Coordinates: (x1, y1), (x2, y2)", None),
        ("(30, 50), (10, 20)", None),
        ("(10, 20), (300, 50)", None),
        ("(10, 20, 30)", None),
    ],
)
def test_boxes(said: str, box: tuple[float, ...] | None) -> None:
    found = parse_answer(f"K. Stomach\n{said}", OPTIONS).box_in((200, 100))
    assert found == (None if box is None else pytest.approx(box))


def test_any_list_of_things_will_do() -> None:
    three = Options(("liver", "tumour", "cyst"))
    assert three.prompt("?").count("D. None of them") == 1
    assert parse_answer("B", three).name == "tumour"
    assert parse_answer("D", three).pick is Pick.NONE
    assert parse_answer("N", three).pick is Pick.UNKNOWN


@pytest.mark.parametrize("names", [(), ("liver", "Liver"), tuple(map(str, range(26)))])
def test_bad_lists(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="options"):
        Options(names)
