"""`biprompt doctor`: what is installed, where the cache is, and whether the model answers."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from typing import TYPE_CHECKING, Any

import typer

from biprompt import __version__
from biprompt.cli import installed, large, models
from biprompt.cli import options as o
from biprompt.cli.progress import Progress
from biprompt.cli.status import Status, message_of, report
from biprompt.cli.table import size, table

if TYPE_CHECKING:
    from biprompt import Segmenter

HELP = """Examine this installation.

Says what is installed, what each model needs, where the cache is, which devices and checkpoints
there are, and whether the embedded model answers; ends with status 0 when it does.
"""


def doctor(context: typer.Context, as_json: o.Json = False, debug: o.Debug = False) -> int:
    """Examine the installation; return 0 when the embedded model answers."""
    with Progress() as progress:
        progress.step("asking the embedded model")
        answer, error = _ask_embedded()
        progress.step("looking for devices")
        facts = _facts() | {"compact": answer}
    print(json.dumps(facts) if as_json else _text(facts))
    return Status.FOUND if error is None else report(error, debug=context.obj.debug)


def _facts() -> dict[str, Any]:
    return {
        "version": __version__,
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "system": {"platform": platform.platform(), "cores": os.cpu_count()},
        "packages": installed.packages(),
        "extras": {
            name: {"gives": gives, "missing": installed.missing(name)}
            for name, gives in installed.GIVES.items()
        },
        "models": models.facts(),
        "torch": large.torch_facts(),
        "checkpoints": large.checkpoint_facts(),
        "cache": _cache(),
        "warnings": installed.warnings(),
    }


def _cache() -> dict[str, Any]:
    from biprompt.io.folders import user_cache_folder

    folder = user_cache_folder()
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return {"folder": str(folder), "files": len(sizes), "bytes": sum(sizes)}


def _ask_embedded() -> tuple[dict[str, Any], Exception | None]:
    """Let the embedded model segment a bright square on a dark ground."""
    import numpy as np

    image = np.zeros((96, 96, 3), np.uint8)
    image[32:64, 32:64] = 255
    started = time.perf_counter()
    try:
        answer = _load().segment(image, points=[(48, 48)])
    except Exception as error:  # whatever is wrong is what the doctor is asked for
        return {"answers": False, "seconds": None, "error": message_of(error)}, error
    seconds = round(time.perf_counter() - started, 3)
    return {"answers": answer.verdict == "found", "seconds": seconds, "error": None}, None


def _load() -> Segmenter:
    import biprompt

    return biprompt.load()


def _text(facts: dict[str, Any]) -> str:
    cache, model = facts["cache"], facts["compact"]
    rows = [
        ("biprompt", facts["version"]),
        ("python", "{version}, {executable}".format(**facts["python"])),
        ("system", "{platform}, {cores} cores".format(**facts["system"])),
        ("cache", f"{cache['folder']}: {cache['files']} files, {size(cache['bytes'])}"),
        ("compact", _says(model)),
        ("torch", large.torch_text(facts["torch"])),
        ("checkpoints", large.checkpoint_text(facts["checkpoints"])),
        *(("warning", warning) for warning in facts["warnings"]),
    ]
    packages = [
        (name, version or "missing")
        for name, version in facts["packages"].items()
        if version or name in installed.CORE
    ]
    extras = [
        (name, extra["gives"], _state(name, extra["missing"]))
        for name, extra in facts["extras"].items()
    ]
    parts = [table(rows), "packages", table(packages, indent=2)]
    parts += ["optional, nothing above needs it", table(extras, indent=2)]
    return "\n".join([*parts, "models", models.text(indent=2)])


def _says(model: dict[str, Any]) -> str:
    if model["answers"]:
        return f"answers, {model['seconds']:.2f} s from nothing"
    return f"does not answer: {model['error'] or 'it found nothing in a plain picture'}"


def _state(extra: str, missing: list[str]) -> str:
    return f'to add it: pip install "biprompt[{extra}]"' if missing else "installed"
