"""From what `--prompts` names to the prompts of each image."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from biprompt.errors import DataError, PromptError
from biprompt.labeling.prompts.coco import read_coco_prompts
from biprompt.labeling.prompts.lines import read_csv, read_jsonl
from biprompt.labeling.prompts.spool import Spool
from biprompt.labeling.prompts.values import Said, label_of, said_of
from biprompt.labeling.storage import is_url
from biprompt.labeling.values import Ask

_READERS: Mapping[str, Callable[[str], Iterator[Said]]] = {
    ".jsonl": read_jsonl,
    ".csv": read_csv,
    ".json": read_coco_prompts,
}


class Prompts:
    """What is asked.

    Attributes:
        common: of every image.
        labels: every label, in order of first use.
    """

    def __init__(self, said: Iterable[Said], place: str) -> None:
        """Read all of it; prompts of single images wait on the disk.

        Raises:
            DataError: no prompt at all, or whatever reading raises.
        """
        common: list[Ask] = []
        labels: dict[str, None] = {}
        self._own, self._place = Spool(), place
        for one in said:
            labels[one.ask.label] = None
            if one.image is None:
                common.append(one.ask)
            else:
                self._own.add(os.path.normpath(one.image), json.dumps(one.ask.to_dict()).encode())
        if not labels:
            raise DataError("prompts", expected="at least one", actual="none", path=place)
        self.common = self._numbered(common, 0, frozenset())
        self.labels = tuple(labels)

    def take(self, *names: str) -> tuple[Ask, ...]:
        """Return the own prompts of the image of these names, once.

        Raises:
            DataError: two prompts of it have the same id.
        """
        keys = dict.fromkeys(map(os.path.normpath, names))
        found = [value for key in keys for value in self._own.pop(key)]
        asks = [Ask.of(json.loads(value)) for value in found]
        return self._numbered(asks, len(self.common), {ask.id for ask in self.common})

    def left(self) -> list[str]:
        """Return the names of images that nobody took, sorted."""
        return sorted(self._own)

    def _numbered(self, asks: list[Ask], before: int, taken: Iterable[str]) -> tuple[Ask, ...]:
        """The prompts with an id each: where none was given, the number within the image."""
        numbered = [
            Ask(ask.id or str(number), ask.label, ask.given)
            for number, ask in enumerate(asks, start=before + 1)
        ]
        seen = set(taken)
        for ask in numbered:
            if ask.id in seen:
                expected = "a different one for each prompt of an image"
                raise DataError("id", expected=expected, actual=repr(ask.id), path=self._place)
            seen.add(ask.id)
        return tuple(numbered)


def read_prompts(given: str) -> Prompts:
    """Read a prompt file, or phrases that are separated by semicolons.

    Args:
        given: a path or URL that ends in .jsonl, .csv or .json (COCO); anything else is phrases
            for all images.

    Raises:
        DataError: the file is missing, or a line of it is wrong.
        PromptError: there is no phrase, one is wrong, or one is there twice.
    """
    suffix = os.path.splitext(given)[1].lower()
    if suffix in _READERS:
        return Prompts(_READERS[suffix](given), given)
    if is_url(given) or os.path.isfile(given):
        expected = f"a file that ends in {', '.join(_READERS)}"
        raise DataError("prompts", expected=expected, actual=repr(suffix), path=given)
    return Prompts(_phrases(given), given)


def _phrases(text: str) -> Iterator[Said]:
    seen: set[Any] = set()
    for phrase in filter(None, map(str.strip, text.split(";"))):
        try:
            said = said_of({"text": phrase, "label": label_of(phrase)}, "phrase", text)
        except DataError as error:
            raise PromptError("--prompts", expected=error.expected, actual=error.actual) from error
        if phrase in seen:
            raise PromptError("--prompts", expected="each phrase once", actual=f"{phrase!r} twice")
        seen.add(phrase)
        yield said
    if not seen:
        raise PromptError("--prompts", expected="a file or phrases", actual=repr(text))
