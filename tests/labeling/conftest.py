"""A fake model in this process or in others, and small images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from biprompt.labeling.labeller import Facts
from biprompt.labeling.order import How, Order
from biprompt.labeling.values import Item


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of fake models, which worker processes find too."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import label_work

    return label_work


class Desk:
    """Does the work of a crew in this process, in the order of the items."""

    def __init__(self, load: Callable[[], Any], count: int = 1, threads: int = 0) -> None:
        self.hand = load()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def facts(self) -> Facts:
        found: Facts = self.hand.facts
        return found

    def run(self, items: Iterable[Item]) -> Iterator[bytes]:
        for item in items:
            yield self.hand.answer(item, self.hand.read(item))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started."""
    monkeypatch.setattr("biprompt.labeling.run.Crew", Desk)


@pytest.fixture
def images(tmp_path: Path, work: ModuleType) -> Path:
    """A folder of six images of 48 x 32 pixels."""
    work.write_images(tmp_path / "images", 6)
    return tmp_path / "images"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def order(images: Path, out: Path) -> Callable[..., Order]:
    """An order of the fake model; words say what is another than usual."""

    def order(prompts: str = "cat; unicorn", **more: Any) -> Order:
        return Order(**{"images": str(images), "prompts": prompts, "out": str(out), **more})

    return order


@pytest.fixture
def label(work: ModuleType) -> Callable[..., Any]:
    """Carry out an order with the fake model; words set how, or are for its loader."""
    from biprompt.labeling import run
    from biprompt.labeling.prompts import read_prompts

    how_words = set(How.__dataclass_fields__)

    def label(order: Order, **given: Any) -> Any:
        how = How(**{name: value for name, value in given.items() if name in how_words})
        more = {name: value for name, value in given.items() if name not in how_words}
        load = work.Load(
            read_prompts(order.prompts).common, order.out, order.settings.cards, **more
        )
        return run.label(order, how, load)

    return label
