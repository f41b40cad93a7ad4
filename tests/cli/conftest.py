"""A runner for the command line, and a model whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.cli import main
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict

EXAMPLES = Path(__file__).parents[2] / "examples"
RADIUS = 20


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run the command line in this process."""

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Run(int(status), out, err)

    return run


@pytest.fixture
def photo() -> Path:
    """A photograph of 451 x 300 pixels."""
    return EXAMPLES / "chelsea.jpg"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class FakeSegmenter:
    """Finds a disk at the first point; "unicorn" is absent, "dog" disagrees with a click."""

    def __init__(self, **loaded: object) -> None:
        self.loaded = loaded
        self.prompts: list[Prompt] = []
        self.error: BaseException | None = None
        self.unknown: set[str] = set()

    def segment(self, image: Path, *, prompt: Prompt) -> Segmentation:
        if self.error is not None:
            raise self.error
        loaded = load_image(image)
        prompt.check_frame(loaded.hw)
        self.prompts.append(prompt)
        phrase = None if prompt.text is None else prompt.text.phrase
        verdict = {"unicorn": Verdict.ABSENT, "dog": Verdict.DISAGREE}.get(
            phrase or "", Verdict.FOUND
        )
        return _answer(loaded, prompt, phrase, verdict, phrase not in self.unknown)


def _answer(
    loaded: Any, prompt: Prompt, phrase: str | None, verdict: Verdict, understood: bool
) -> Segmentation:
    height, width = loaded.hw
    x, y = (width / 2, height / 2) if prompt.points is None else prompt.points.xy[0]
    rows, columns = np.mgrid[:height, :width]
    disk = (columns - x) ** 2 + (rows - y) ** 2 <= RADIUS**2
    there = verdict is not Verdict.ABSENT
    card = SelectionCard(
        candidates=(Candidate("point", 0, 0.9, 0.8 if phrase else None, disk),),
        text_mask=disk if phrase else None,
        winner=0 if there else None,
        similarity=0.8 if phrase and there else None,
        margin=None,
        metric="iou",
        policy="similarity",
        pool="paper",
        reason="A disk was asked for.",
        text_understood=understood if phrase else None,
        timings_ms={"embed": 12.5},
    )
    return Segmentation(
        mask=disk if there else np.zeros_like(disk),
        verdict=verdict,
        presence=0.9 if phrase else None,
        card=card,
        model="fake",
        image_path=loaded.path,
        phrase=phrase,
        image=loaded.pixels,
    )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSegmenter:
    """Answer from the fake model instead of a true one."""
    segmenter = FakeSegmenter()

    def load(model: str, **options: object) -> FakeSegmenter:
        segmenter.loaded = {"model": model, **options}
        return segmenter

    monkeypatch.setattr("biprompt.load", load)
    return segmenter
