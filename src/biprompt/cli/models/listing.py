"""`biprompt models`: which models, checkpoints and pairs there are, and what each needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biprompt.cli.table import size, table

if TYPE_CHECKING:
    from biprompt.zoo.checkpoints import CheckpointSpec, PairSpec
    from biprompt.zoo.hub import HubSpec
    from biprompt.zoo.registry import ModelSpec

HEADER = ("model", "installed", "size", "needs", "licence", "what it is")
CHECKPOINT_HEADER = ("checkpoint", "here", "size", "licence", "what it is")
HUB_HEADER = ("foundation model", "here", "size", "asked with", "licence", "what it is")
PAIR_HEADER = ("pair", "here", "points", "words", "what it is")
_YES_NO = {True: "yes", False: "no"}


def facts() -> list[dict[str, Any]]:
    """Return every model as plain JSON values, the embedded one first."""
    return [
        {
            "name": spec.name,
            "summary": spec.summary,
            "prompts": list(spec.prompts),
            "licence": spec.licence,
            "source": spec.source,
            "installed": spec.is_installed,
            "bytes": spec.nbytes,
            "needs": _needs(spec),
        }
        for spec in _specs()
    ]


def checkpoint_facts() -> list[dict[str, Any]]:
    """Return every published checkpoint as plain JSON values."""
    return [published(spec) for spec in _checkpoints()]


def published(spec: CheckpointSpec) -> dict[str, Any]:
    """Return what is known of a published checkpoint as plain JSON values."""
    from biprompt.zoo.folders import installed

    path = installed(spec)
    return {
        "name": spec.name,
        "summary": spec.summary,
        "family": spec.family.value,
        "prompts": list(spec.family.prompts),
        "parameters": spec.parameters,
        "licence": spec.licence,
        "source": spec.source.url,
        "bytes": spec.nbytes,
        "path": None if path is None else str(path),
    }


def hub_facts() -> list[dict[str, Any]]:
    """Return every model that transformers runs as plain JSON values."""
    return [published_hub(spec) for spec in _hub()]


def published_hub(spec: HubSpec) -> dict[str, Any]:
    """Return what is known of a model that transformers runs as plain JSON values."""
    from biprompt.zoo.folders import installed

    path = installed(spec)
    return {
        "name": spec.name,
        "summary": spec.summary,
        "family": spec.family.value,
        "role": spec.role.value,
        "prompts": list(spec.role.prompts),
        "parameters": spec.parameters,
        "licence": spec.licence,
        "source": spec.source.url,
        "bytes": spec.nbytes,
        "path": None if path is None else str(path),
    }


def pair_facts() -> list[dict[str, Any]]:
    """Return every pair as plain JSON values."""
    return [
        {
            "name": pair.name,
            "summary": pair.summary,
            "points": pair.points,
            "text": pair.text,
            "any_text": pair.any_text,
            "installed": _is_complete(pair),
        }
        for pair in _pairs()
    ]


def known_names() -> list[str]:
    """Return the names that `--model` takes."""
    small = [spec.name for spec in _specs()]
    large = (*(pair.name for pair in _pairs()), *(one.name for one in _checkpoints()))
    return [*small, *large, *(spec.name for spec in _hub())]


def text(*, indent: int = 0) -> str:
    """Lay the models out as a table."""
    rows = [
        (
            spec.name,
            _YES_NO[spec.is_installed],
            size(spec.nbytes) if spec.is_installed else "-",
            _needs(spec),
            spec.licence,
            spec.summary,
        )
        for spec in _specs()
    ]
    return table([HEADER, *rows], indent=indent)


def checkpoint_text() -> str:
    """Lay the published checkpoints out as a table."""
    from biprompt.zoo.folders import installed

    rows = [
        (
            spec.name,
            _YES_NO[installed(spec) is not None],
            size(spec.nbytes),
            spec.licence,
            spec.summary,
        )
        for spec in _checkpoints()
    ]
    return table([CHECKPOINT_HEADER, *rows])


def hub_text() -> str:
    """Lay the models that transformers runs out as a table."""
    from biprompt.zoo.folders import installed

    rows = [
        (
            spec.name,
            _YES_NO[installed(spec) is not None],
            f"about {size(spec.nbytes)}",
            {"both": "points, words"}.get(spec.role.value, spec.role.value),
            spec.licence,
            spec.summary,
        )
        for spec in _hub()
    ]
    return table([HUB_HEADER, *rows])


def pair_text() -> str:
    """Lay the pairs out as a table."""
    rows = [
        (
            pair.name,
            _YES_NO[_is_complete(pair)],
            pair.points,
            f"{pair.text}, or another" if pair.any_text else pair.text,
            pair.summary,
        )
        for pair in _pairs()
    ]
    return table([PAIR_HEADER, *rows])


def _needs(spec: ModelSpec) -> str:
    return "nothing more" if spec.is_installed else f"its files, {spec.source}"


def _is_complete(pair: PairSpec) -> bool:
    from biprompt.zoo.checkpoints import CHECKPOINTS
    from biprompt.zoo.folders import installed

    return all(installed(CHECKPOINTS[name]) is not None for name in (pair.points, pair.text))


def _specs() -> list[ModelSpec]:
    from biprompt.zoo.registry import MODELS

    return list(MODELS.values())


def _checkpoints() -> list[CheckpointSpec]:
    from biprompt.zoo.checkpoints import CHECKPOINTS

    return list(CHECKPOINTS.values())


def _hub() -> list[HubSpec]:
    from biprompt.zoo.hub import HUB

    return list(HUB.values())


def _pairs() -> list[PairSpec]:
    from biprompt.zoo.checkpoints import PAIRS

    return list(PAIRS.values())
