"""What a run will do: every image with its prompts, written down before the first one is asked."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from biprompt.errors import InputError
from biprompt.labeling.prompts import Prompts
from biprompt.labeling.sources import list_images, missing_source, relative_name
from biprompt.labeling.storage import Storage, is_url
from biprompt.labeling.values import Ask, Item

ITEMS = "run/items.jsonl"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do.

    Attributes:
        images: what was given as images, for people.
        prompts: what was given as prompts, for people.
        count: how many images there are.
        unasked: how many more were found of which nothing is asked.
        images_digest: changes with the names of the images and their order.
        prompts_digest: changes with what is asked of any of them.
        labels: every label, in order of first use: the classes of the data set.
        common: what is asked of every image.
    """

    images: str
    prompts: str
    count: int
    unasked: int
    images_digest: str
    prompts_digest: str
    labels: tuple[str, ...]
    common: tuple[Ask, ...]


def make_plan(
    images: str,
    asked: str,
    prompts: Prompts,
    storage: Storage,
    *,
    without: str | None = None,
    check: Callable[[Plan], None] = lambda plan: None,
) -> Plan:
    """List the images with their prompts in a file; the same names and prompts give the same plan.

    An image that only the prompts name is part of the plan: it will be a failure. One of which
    nothing is asked is not. Where the prompts name no image at all that is there, that is an error.

    Args:
        images: as in `list_images`.
        asked: what was given as prompts.
        prompts: what it says.
        storage: takes the file, `ITEMS`.
        without: as in `list_images`.
        check: is asked before the file replaces another; what it raises prevents that.

    Raises:
        InputError: there is no image, or reading raises one.
        OutputError: the file cannot be written.
    """
    listed = _Listed(prompts.common)
    with storage.writing(ITEMS) as file:
        for image, source in list_images(images, without=without):
            file.write(listed.line(image, source, prompts.take(image, source)))
        left = prompts.left()
        if not listed.count:
            raise _nothing_to_do(images, listed.unasked, left)
        for name in left:
            source = missing_source(images, name)
            file.write(listed.line(relative_name(name), source, prompts.take(name)))
        plan = Plan(
            *(images, asked, listed.count, listed.unasked),
            *(listed.names.hexdigest()[:16], listed.questions.hexdigest()[:16]),
            prompts.labels,
            prompts.common,
        )
        check(plan)
    return plan


class _Listed:
    """The images so far, counted and digested."""

    def __init__(self, common: Sequence[Ask]) -> None:
        self.count = self.unasked = 0
        self.names, self.questions = hashlib.sha256(), hashlib.sha256()
        self.questions.update(_line([ask.to_dict() for ask in common]))
        self._for_all, self._stems = bool(common), set[int]()

    def line(self, image: str, source: str, own: Sequence[Ask]) -> bytes:
        """The line of an image; none where nothing is asked of it."""
        if not own and not self._for_all:
            self.unasked += 1
            return b""
        asks = [ask.to_dict() for ask in own]
        self.count += 1
        self.names.update(_line(image))
        self.questions.update(_line(asks))
        # Absolute: workers and later runs may be elsewhere.
        place = source if is_url(source) else os.path.abspath(source)
        more = {"stem": _stem(image, self._stems), "asks": asks}
        filled = {name: value for name, value in more.items() if value}
        return _line({"name": image, "source": place, **filled})


def _nothing_to_do(images: str, unasked: int, left: Sequence[str]) -> InputError:
    if left:
        expected, actual = "names of images there", f"{left[0]}, which is not"
        return InputError("prompts", expected=expected, actual=actual, path=images)
    expected = "at least one that something is asked of"
    actual = f"none of {unasked}" if unasked else "no image"
    return InputError("images", expected=expected, actual=actual, path=images)


def read_items(storage: Storage) -> Iterator[Item]:
    """Yield the items of a plan, one at a time, without what is asked of all."""
    with storage.open(ITEMS) as file:
        for number, line in enumerate(file):
            yield _item(number, json.loads(line))


def default_stem(name: str) -> str:
    """Return what the files made of an image are called, unless another image has that already."""
    return os.path.splitext(name)[0] or name


def _stem(name: str, taken: set[int]) -> str:
    """A stem that no image before has; empty where that is the usual one."""
    for candidate in (default_stem(name), name, *(f"{name}-{n}" for n in range(2, 100))):
        if hash(candidate) not in taken:
            taken.add(hash(candidate))
            return "" if candidate == default_stem(name) else candidate
    raise InputError("images", expected="names that differ", actual=name)


def _item(number: int, entry: dict[str, Any]) -> Item:
    asks = tuple(map(Ask.of, entry.get("asks", ())))
    stem = entry.get("stem") or default_stem(entry["name"])
    return Item(number, entry["name"], entry["source"], stem, asks)


def _line(value: object) -> bytes:
    return (json.dumps(value, allow_nan=False) + "\n").encode()
