"""A model that sees colours, and studies of data in colour."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of that model: test modules cannot import it by themselves, workers can so."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import seeing

    return seeing
