"""The error tree: kinds, one-line messages, kept facts."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt import errors
from biprompt.errors import (
    BipromptError,
    DataError,
    ImageError,
    InputError,
    MissingExtraError,
    ModelError,
    OutputError,
    PromptError,
    WeightsError,
    one_line,
)

INPUT_KINDS = [InputError, PromptError, ImageError, OutputError, WeightsError, DataError]


def test_message_states_what_expected_actual() -> None:
    error = InputError("box", expected="4 numbers", actual="3 numbers")
    assert str(error) == "box: expected 4 numbers, got 3 numbers"


def test_message_begins_with_the_path_and_keeps_it() -> None:
    error = ImageError("image", expected="a JPEG", actual="text", path="a/b.jpg")
    assert str(error) == "a/b.jpg: image: expected a JPEG, got text"
    facts = (error.what, error.expected, error.actual, error.path)
    assert facts == ("image", "a JPEG", "text", "a/b.jpg")


@pytest.mark.parametrize("kind", INPUT_KINDS)
def test_input_errors_are_value_errors_of_ours(kind: type[InputError]) -> None:
    error = kind("x", expected=1, actual=2)
    for parent in (InputError, BipromptError, ValueError):
        assert isinstance(error, parent)


def test_other_kinds_have_their_builtin_parent() -> None:
    assert issubclass(MissingExtraError, ImportError)
    assert issubclass(ModelError, RuntimeError)
    assert not issubclass(MissingExtraError, InputError)
    assert not issubclass(ModelError, InputError)


def test_every_error_is_drawn_in_the_module_docstring() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert len(kinds) == 9
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)


def test_missing_extra_names_the_install_command() -> None:
    error = MissingExtraError("torch", "the model sam-vit-b")
    assert str(error) == 'the model sam-vit-b needs: pip install "biprompt[torch]"'
    assert (error.extra, error.purpose) == ("torch", "the model sam-vit-b")


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.none() | st.text())
def test_input_error_is_always_one_printable_line(
    what: str, expected: str, actual: str, path: str | None
) -> None:
    line = str(InputError(what, expected=expected, actual=actual, path=path))
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    assert len(line) < 1200
    line.encode("utf-8")


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\udc80b"])
def test_one_line_escapes_what_could_break_a_terminal(text: str) -> None:
    assert one_line(text).startswith("a\\")
    assert one_line(text).endswith("b")


def test_one_line_shortens_and_keeps_both_ends() -> None:
    line = one_line("start" + "x" * 10_000 + "end", limit=50)
    assert len(line) == 50
    assert line.startswith("start")
    assert line.endswith("end")
    assert "…" in line


def test_model_error_is_one_line() -> None:
    assert str(ModelError("bad\nnews")) == "bad\\nnews"


@pytest.mark.parametrize(
    "error",
    [
        PromptError("points", expected="2", actual="3", path="p.json"),
        MissingExtraError("serve", "the web page"),
        ModelError("no"),
    ],
)
def test_errors_survive_pickling(error: BipromptError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
