"""A model that guesses, found beside the other tests of evaluation."""

from __future__ import annotations

from pathlib import Path

import pytest

from biprompt.evaluation.model import Contender


@pytest.fixture
def guess(monkeypatch: pytest.MonkeyPatch) -> Contender:
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    import guessing

    return guessing.guessing()
