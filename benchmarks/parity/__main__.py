"""``python -m benchmarks.parity``: compare, and write the page about the models."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import facts
from benchmarks.parity.errors import Errors
from benchmarks.parity.official import FAMILIES, beside_official, mobile_encoder
from benchmarks.parity.oracle import SIZES, beside_transformers
from benchmarks.parity.page import page

RESULTS, PAGE = Path("docs/results/parity.json"), Path("docs/models.md")
MOBILE = "mobile-sam"


def main() -> int:
    """Measure what is asked for, keep the rest of an earlier run, and write both files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity", description=__doc__)
    parser.add_argument(
        "--only", nargs="*", choices=list(_comparisons()), metavar="NAME",
        help=f"measure these ({', '.join(_comparisons())}) and keep the others of the last run; "
        "none: just write the page",
    )  # fmt: skip
    given = parser.parse_args()
    names = _comparisons() if given.only is None else given.only
    found = {} if given.only is None else json.loads(RESULTS.read_text())
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found[name] = measured(name)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    PAGE.write_text(page(found))
    return 0


def measured(name: str) -> dict[str, Any]:
    """One comparison, and where it was made; JSON values."""
    there = facts()
    run = {name: there[name] for name in ("date", "commit", "cpu", "python")}
    libraries = {"torch": torch.__version__, "transformers": there["packages"].get("transformers")}
    return _comparisons()[name]().plain() | {"run": run | libraries}


def _comparisons() -> dict[str, Callable[[], Errors]]:
    official = {name: partial(beside_official, name) for name in FAMILIES}
    published = {name: partial(beside_transformers, name) for name in SIZES}
    return {**official, MOBILE: mobile_encoder, **published}


if __name__ == "__main__":
    sys.exit(main())
