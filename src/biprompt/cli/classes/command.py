"""From typed classes to a label map, its files and what is printed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.cli.classes.options import ClassOptions
from biprompt.cli.classes.outputs import MapOutputs
from biprompt.cli.outputs import Outputs
from biprompt.cli.progress import Progress
from biprompt.cli.prompt import Asked
from biprompt.cli.status import Status
from biprompt.errors import PromptError

if TYPE_CHECKING:
    from biprompt.results import ClassFacts, LabelMap

HINT = "nothing was written; -o map.png keeps the map, --overlay shows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedClasses:
    """What was typed.

    Attributes:
        image: the photograph.
        asked: prompts beside the classes; none may be given.
        options: the classes.
        outputs: files to write.
        model: its name.
        loading: other arguments of `biprompt.load`.
        as_json: print one JSON object.
    """

    image: Path
    asked: Asked
    options: ClassOptions
    outputs: Outputs
    model: str
    loading: Mapping[str, Any]
    as_json: bool


def answer_classes(typed: AskedClasses) -> int:
    """Answer, write the files and print; return the exit status.

    Raises:
        InputError: the classes, the photograph or a file is not what it should be.
    """
    import biprompt
    from biprompt.segmenter.classes import classes_of

    started = time.perf_counter()
    _check_alone(typed.asked)
    options, outputs = typed.options, MapOutputs.of(typed.outputs)
    wanted, rules, things = classes_of(options.names()), options.rules(), options.things()
    outputs.check(typed.image)
    with Progress() as progress:
        progress.step("loading the model")
        segmenter = biprompt.load(typed.model, **typed.loading)
        progress.step(f"asking for {len(wanted)} classes")
        found = segmenter.segment_classes(typed.image, wanted, rules=rules, instances=things)
        progress.step("writing")
        outputs.write_map(found)
    seconds = time.perf_counter() - started
    print(json.dumps(found.to_dict()) if typed.as_json else told(found, seconds, outputs.paths))
    return Status.FOUND if found.found else Status.ABSENT


def told(found: LabelMap, seconds: float, written: Sequence[Path]) -> str:
    """Describe a label map: a line a class, those with most pixels first."""
    ordered = sorted(found.classes, key=lambda each: -each.area)
    width = max(len(each.name) for each in ordered)
    lines = [f"{each.name:<{width}}  {_line(each, found.labels.size)}" for each in ordered]
    files = [f"wrote {path}" for path in written] or [HINT]
    return "\n".join([found.reason, *lines, f"{seconds:.2f} s", *files])


def _line(each: ClassFacts, pixels: int) -> str:
    presence = "" if each.presence is None else f"  presence {each.presence:.2f}"
    if not each.understood:
        return "     -  not known to the model"
    return f"{each.area / pixels:6.1%}{presence}" if each.area else f"     -{presence}"


def _check_alone(asked: Asked) -> None:
    if not asked.build().is_empty:
        expected = "no other prompt beside it"
        raise PromptError("--classes", expected=expected, actual="clicks, words or others")
