from __future__ import annotations

import io
import time

import pytest

from biprompt.cli import progress
from biprompt.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(progress, "_TICK_SECONDS", 0.01)
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.05)


def work(stream: io.StringIO, seconds: float) -> str:
    with Progress(stream) as shown:
        shown.step("loading the model")
        time.sleep(seconds)
    return stream.getvalue()


def test_a_long_wait_is_explained_and_wiped():
    text = work(Terminal(), 0.3)
    assert "loading the model ... 0 s" in text
    last = text.split("\r")
    assert last[-1] == "" and last[-2].strip() == ""


def test_a_short_wait_shows_nothing():
    assert work(Terminal(), 0.0) == ""


def test_a_file_or_a_pipe_gets_nothing():
    assert work(io.StringIO(), 0.2) == ""
