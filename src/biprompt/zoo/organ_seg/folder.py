"""The file that says what an Organ-Seg model is made of. Imports nothing heavy.

::

    RUN/best/organ_seg.json       which networks it stands on, its classes, its sizes
    RUN/best/learnt.safetensors   extractors, context cache, LoRA; not with multiple choice
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from biprompt.errors import WeightsError
from biprompt.io.files import atomic_write

FILE = "organ_seg.json"
LEARNT = "learnt.safetensors"
VERSION = 1


class Mode(StrEnum):
    """How questions are answered.

    TRAINED: by the extractors of the paper. CHOICE: the vision-language model, as it is, answers
    the multiple-choice prompt, and the SAM outlines the box it gives.
    """

    TRAINED = "trained"
    CHOICE = "multiple-choice"


@dataclass(frozen=True, slots=True)
class OrganSegFacts:
    """What a folder says about its model.

    Attributes:
        mode: a `Mode`.
        language: folder of the vision-language model; if relative, to the model's folder.
        sam: file or folder of the SAM's weights, likewise.
        frozen: digest of both networks as they were in training; empty with multiple choice.
        turns: how a turn of the user is written, see `models.organ_seg.conversation`.
        asks: "choice", the paper's prompt with options, or "question", the question alone.
        domain: name of the list of things.
        classes: their names, in the order of the logits.
        none: name of the entry that refuses, the last class.
        hidden: width of the extractors.
        tokens: prompt tokens of one mask.
        lora: alpha over rank; 0 without LoRA.
    """

    mode: str
    language: str
    sam: str
    frozen: str
    turns: str
    asks: str
    domain: str
    classes: tuple[str, ...]
    none: str
    hidden: int = 0
    tokens: int = 0
    lora: float = 0.0

    def write(self, folder: Path) -> None:
        """Write the file; OutputError when it cannot be written."""
        tree = {"kind": "organ-seg", "version": VERSION, **asdict(self)}
        data = json.dumps(tree, indent=1, ensure_ascii=False).encode() + b"\n"
        atomic_write(folder / FILE, data, force=True)


def is_organ_seg(name: str | os.PathLike[str]) -> bool:
    """Whether a model's name is a folder with such a file."""
    return os.path.isfile(os.path.join(os.fspath(name), FILE))


def read_facts(folder: Path) -> OrganSegFacts:
    """Read the file of a folder.

    Raises:
        WeightsError: it is missing, damaged, or of another version.
    """
    path = folder / FILE
    try:
        tree = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError("model", expected="a JSON object", actual=error, path=path) from error
    if not isinstance(tree, Mapping) or tree.get("version") != VERSION:
        expected = f"a description of an Organ-Seg model, version {VERSION}"
        actual = tree.get("version") if isinstance(tree, Mapping) else type(tree).__name__
        raise WeightsError("model", expected=expected, actual=actual, path=path)
    return _facts(tree, path)


def _facts(tree: Mapping[str, Any], path: Path) -> OrganSegFacts:
    found: dict[str, Any] = {}
    for field in fields(OrganSegFacts):
        value = tree.get(field.name)
        if field.name == "classes" and isinstance(value, list):
            value = tuple(map(str, value))
        kinds = {"str": str, "int": int, "float": (int, float), "tuple[str, ...]": tuple}
        if not isinstance(value, kinds[str(field.type)]):  # type: ignore[arg-type]
            raise WeightsError(field.name, expected=field.type, actual=repr(value), path=path)
        found[field.name] = value
    if found["mode"] not in list(Mode):
        raise WeightsError("mode", expected=", ".join(Mode), actual=found["mode"], path=path)
    return OrganSegFacts(**found)
