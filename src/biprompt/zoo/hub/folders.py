"""Where a model of transformers lies, and which it is. Imports nothing heavy."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biprompt.errors import WeightsError
from biprompt.zoo.folders import absent, installed
from biprompt.zoo.hub.families import MODEL_TYPES, HubFamily, Role
from biprompt.zoo.hub.table import HUB, HubSpec

CONFIG = "config.json"
SETTINGS = "preprocessor_config.json"
PROCESSOR = "processor_config.json"
"""Written instead by newer releases, with the settings of the images as one part."""


@dataclass(frozen=True, slots=True)
class HubFolder:
    """A folder that `save_pretrained` of transformers wrote, or that was downloaded.

    Attributes:
        name: what it was asked for by.
        path: of the folder.
        family: decides which adapter runs it.
        role: what it is asked with.
        spec: its entry of the table; None where it was given by its path.
    """

    name: str
    path: Path
    family: HubFamily
    role: Role
    spec: HubSpec | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """Its ``preprocessor_config.json``, else that part of ``processor_config.json``.

        Nothing where there is neither.

        Raises:
            WeightsError: it is damaged.
        """
        if (self.path / SETTINGS).is_file():
            return _read(self.path / SETTINGS)
        part = _read(self.path / PROCESSOR).get("image_processor", {})
        return part if isinstance(part, Mapping) else {}


def is_hub(name: str | os.PathLike[str]) -> bool:
    """Whether a name or a folder means a model that transformers runs."""
    name = os.fspath(name)
    return name in HUB or _model_type(Path(name)) in MODEL_TYPES


def find_hub(name: str | os.PathLike[str]) -> HubFolder:
    """Find a model that transformers runs.

    Args:
        name: a name of `HUB`, or a folder of which `is_hub` holds.

    Raises:
        WeightsError: its files are not there (the line says how to get them), or of another kind.
    """
    name = os.fspath(name)
    if (spec := HUB.get(name)) is None:
        return HubFolder(name, Path(name), *_kind(Path(name)))
    path = installed(spec)
    if path is None:
        raise absent(spec)
    family, role = _kind(path)
    if family is not spec.family:
        expected = f"{spec.name}, {spec.family}"
        raise WeightsError("model", expected=expected, actual=family, path=path)
    return HubFolder(name, path, family, role, spec)


def _kind(path: Path) -> tuple[HubFamily, Role]:
    kind = _model_type(path)
    if kind not in MODEL_TYPES:
        expected = f"a model_type of {', '.join(MODEL_TYPES)}"
        raise WeightsError(CONFIG, expected=expected, actual=kind or "none", path=path)
    return MODEL_TYPES[kind]


def _model_type(path: Path) -> str:
    """What a folder says that it holds; nothing where it does not say so."""
    if not os.path.isdir(path):  # False also for a name that cannot be a path
        return ""
    kind = _read(path / CONFIG).get("model_type", "")
    return kind if isinstance(kind, str) else ""


def _read(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        tree = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise WeightsError(path.name, expected="JSON", actual=error, path=path) from error
    return tree if isinstance(tree, Mapping) else {}
