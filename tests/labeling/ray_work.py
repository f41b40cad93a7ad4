"""What actors of the tests of Ray load: nodes import it by this name."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

from label_work import FakeModel

from biprompt.errors import PromptError
from biprompt.labeling.labeller import Facts, Labeller
from biprompt.labeling.storage import open_storage
from biprompt.labeling.values import Ask, Item, Settings

NODE = "RAY_RAYLET_PID"
"""Ray tells its workers so who manages their node."""


@dataclass(frozen=True)
class Load:
    """Loads the fake model.

    It notes in a file on which node it answers which image, sleeps, ends its process at one image,
    or raises at another what ends the run.
    """

    common: tuple[Ask, ...]
    place: str
    trace: str
    slow: float = 0.0
    kill: str = ""
    wrong: str = ""

    def __call__(self) -> Labeller:
        return Traced(self)


class Traced(Labeller):
    def __init__(self, load: Load) -> None:
        facts = Facts("fake", "1")
        super().__init__(FakeModel(), facts, load.common, Settings(), open_storage(load.place))
        self.load = load

    def answer(self, item: Item, read: Any) -> bytes:
        with open(self.load.trace, "a") as file:
            file.write(f"{os.environ.get(NODE, 'here')} {item.name}\n")
        time.sleep(self.load.slow)
        if item.name == self.load.kill:
            os._exit(9)
        if item.name == self.load.wrong:
            raise PromptError("box", expected="one", actual="none")
        return super().answer(item, read)
