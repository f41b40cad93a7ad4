"""What biprompt is asked while the clock runs, always something it was not asked just before."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import biprompt
from benchmarks.counting import CountingRuntime
from benchmarks.photograph import CLICKS, PHRASES
from biprompt import Prompt, Segmentation, Segmenter


class Ours:
    """One loaded model and one photograph. Nothing is kept between two embeddings."""

    def __init__(self, photograph: Path, model: str) -> None:
        loaded, single = biprompt.load(model), biprompt.load(model, threads=1)
        self._photograph = photograph
        self._segmenter = Segmenter(loaded.runtime, loaded.reader)
        self._one_thread = Segmenter(single.runtime, single.reader)
        self._scene = self._segmenter.embed(photograph)
        self._clicks, self._phrases = cycle(CLICKS), cycle(PHRASES)
        for phrase in PHRASES:
            if not self._ask(Prompt.build(text=phrase)).card.text_understood:
                raise RuntimeError(f"{model} does not know {phrase!r}: it would skip the networks")

    @property
    def facts(self) -> dict[str, str]:
        """Name and version of the model, and the size at which it sees the photograph."""
        runtime, (h, w) = self._segmenter.runtime.facts, self._scene.frame.model_hw
        return {"model": runtime.model, "version": runtime.version, "sees": f"{w} x {h}"}

    def embed(self) -> None:
        """Read the file and look at it."""
        self._segmenter.embed(self._photograph)

    def embed_on_one_thread(self) -> None:
        """The same without help from the other cores: tells how much of a core they are."""
        self._one_thread.embed(self._photograph)

    def click(self) -> None:
        """One more click."""
        self._ask(Prompt.build(points=[next(self._clicks)]))

    def phrase(self) -> None:
        """One more phrase."""
        self._ask(Prompt.build(text=next(self._phrases)))

    def both(self) -> None:
        """A click and a phrase: both experts and the gate."""
        self._ask(Prompt.build(points=[next(self._clicks)], text=next(self._phrases)))

    def first_click(self) -> None:
        """A click on a photograph not seen before."""
        self._segmenter.segment(self._photograph, points=[next(self._clicks)])

    def twenty_clicks(self) -> dict[str, int]:
        """An annotator's twenty clicks on a new photograph, each answer refining the last.

        Returns:
            How often each network ran.
        """
        runtime = CountingRuntime(self._segmenter.runtime)
        segmenter = Segmenter(runtime, self._segmenter.reader)
        scene, answer = segmenter.embed(self._photograph), None
        for count in range(1, len(CLICKS) + 1):
            answer = segmenter.segment(scene, points=CLICKS[:count], mask=answer)
        return dict(runtime.calls)

    def _ask(self, prompt: Prompt) -> Segmentation:
        return self._segmenter.segment(self._scene, prompt=prompt)
