"""Models and workers for the tests of labelling: worker processes import them by this name."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.errors import ModelError, PromptError
from biprompt.labeling.labeller import Facts, Labeller
from biprompt.labeling.lines import encode_line
from biprompt.labeling.storage import open_storage
from biprompt.labeling.values import Ask, Item, Settings
from biprompt.masks import rle_encode
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict

RADIUS = 5
SCORES = {"cat": 0.95, "dog": 0.3}


class FakeModel:
    """A disk at the first point, or as words a band that hangs on the brightness of the image.

    "unicorn" is absent with presence 0.4, "xyzzy" is not understood, "dog" disagrees with a click,
    "boom" breaks the model, and "long" is a phrase that it does not take.
    """

    def __init__(self) -> None:
        self.calls: list[int] = []

    def embed(self, image: Any) -> Any:
        return image

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Any = None,
        outline_absent: bool = True,
    ) -> list[Segmentation]:  # fmt: skip
        self.calls.append(len(prompts))
        for prompt in prompts:
            prompt.check_frame(image.shape[:2])
            if prompt.text is not None and prompt.text.phrase == "long":
                raise PromptError("phrase", expected="fewer words", actual="many")
            if prompt.text is not None and prompt.text.phrase == "boom":
                raise ModelError("the model broke")
        return [answer(image, prompt) for prompt in prompts]


def answer(image: Any, prompt: Prompt) -> Segmentation:
    phrase = None if prompt.text is None else prompt.text.phrase
    mask = disk(image.shape[:2], prompt) if prompt.points is not None else band(image, phrase or "")
    absent = phrase in ("unicorn", "xyzzy")
    disagree = phrase == "dog" and prompt.points is not None
    score = SCORES.get(phrase or "", 0.8)
    card = SelectionCard(
        (Candidate("text" if prompt.points is None else "point", 0, score, None, mask),),
        None, None if absent else 0, None, None, "iou", "similarity", "paper", "As asked.",
        None if phrase is None else phrase != "xyzzy",
    )  # fmt: skip
    verdict = Verdict.ABSENT if absent else Verdict.DISAGREE if disagree else Verdict.FOUND
    presence = {"unicorn": 0.4, "xyzzy": None}.get(phrase or "", 0.9 if phrase else None)
    shown = np.zeros_like(mask) if absent else mask
    return Segmentation(shown, verdict, presence, card, "fake", None, phrase, image)


def disk(hw: tuple[int, int], prompt: Prompt) -> Any:
    assert prompt.points is not None
    x, y = prompt.points.xy[0]
    rows, columns = np.mgrid[: hw[0], : hw[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 <= RADIUS**2


def band(image: Any, phrase: str) -> Any:
    mask = np.zeros(image.shape[:2], bool)
    top = int(image[0, 0, 0]) % 8
    mask[top : top + 4 + len(phrase)] = True
    return mask


@dataclass(frozen=True)
class Load:
    """Loads the fake model; fit to be pickled."""

    common: tuple[Ask, ...] = ()
    place: str = "."
    cards: bool = False
    version: str = "1"
    slow: float = 0.0
    kill: str = ""
    trace: str = ""

    def __call__(self) -> Labeller:
        facts = Facts("fake", self.version)
        return Watched(self, facts)


class Watched(Labeller):
    """Notes every image that it answers, sleeps, and dies at an image of a certain name."""

    def __init__(self, load: Load, facts: Facts) -> None:
        storage = open_storage(load.place)
        super().__init__(FakeModel(), facts, load.common, Settings(cards=load.cards), storage)
        self.load = load

    def answer(self, item: Item, read: Any) -> bytes:
        if self.load.trace:
            with open(self.load.trace, "a") as file:
                file.write(f"{item.name}\n")
        time.sleep(self.load.slow)
        if self.load.kill and item.name == self.load.kill:
            os._exit(9)
        return super().answer(item, read)


class Counter:
    """Needs no images: a line of a small mask for each item."""

    facts = Facts("counter", "1")

    def read(self, item: Item) -> Any:
        return None

    def answer(self, item: Item, read: Any) -> bytes:
        return number_line(item.number)


class Raising(Counter):
    """Raises what is not the fault of an image."""

    def answer(self, item: Item, read: Any) -> bytes:
        if item.number == 2:
            raise PromptError("box", expected="one", actual="none")
        return super().answer(item, read)


class Environment(Counter):
    """Says what its process was told about threads."""

    def answer(self, item: Item, read: Any) -> bytes:
        return encode_line(item.number, True, {"threads": os.environ.get("OMP_NUM_THREADS")})


class NeverLoads:
    """Dies before it has loaded."""

    def __call__(self) -> Counter:
        os._exit(7)


class Large(Counter):
    """Lines far larger than a pipe holds."""

    def answer(self, item: Item, read: Any) -> bytes:
        return encode_line(item.number, True, {"large": "x" * 3_000_000})


MASK = np.zeros((12, 16), bool)
MASK[3:8, 4:9] = True
RLE = rle_encode(MASK)


def number_line(number: int, *, ok: bool = True) -> bytes:
    """A line as a labeller writes it, of an image of 16 x 12 pixels with a small mask."""
    about = {
        "image": f"{number:06d}.png",
        "source": f"/x/{number:06d}.png",
        "stem": f"{number:06d}",
    }
    if not ok:
        return encode_line(number, False, about | {"error": "broken", "failed": []})
    thing = {
        "id": "1", "label": "cat", "prompt": {"text": "cat"}, "verdict": "found", "presence": 0.9,
        "score": 0.25, "similarity": None, "margin": None, "rival": None, "winner": 0,
        "reason": "As asked.", "understood": True, "bbox": [4, 3, 5, 5], "area": 25, "mask": RLE,
        "candidates": [{"source": "text", "index": 0, "score": 0.25, "similarity": None}],
    }  # fmt: skip
    size = {"height": 12, "width": 16}
    return encode_line(number, True, about | size | {"objects": [thing], "failed": []})


def write_images(folder: Path, count: int, hw: tuple[int, int] = (32, 48)) -> list[str]:
    """Images of different brightness; their names."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number:03d}.png" for number in range(count)]
    for number, name in enumerate(names):
        Image.new("RGB", hw[::-1], (number % 256, 0, 0)).save(folder / name)
    return names
