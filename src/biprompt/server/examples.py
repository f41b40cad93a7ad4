"""The photographs that come with the package, to start with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
# In a checkout they lie at its root; a wheel has them beside this file.
_FOLDERS = (_HERE / "examples", _HERE.parents[2] / "examples")


@dataclass(frozen=True, slots=True)
class Example:
    """A photograph. `CREDITS.md` beside it tells more."""

    name: str
    title: str
    width: int
    height: int
    credit: str
    phrase: str


EXAMPLES: dict[str, Example] = {
    example.name: example
    for example in (
        Example("chelsea.jpg", "Chelsea the cat", 451, 300, "Stefan van der Walt, CC0", "cat"),
        Example("coffee.jpg", "A cup of coffee", 600, 400, "Rachel Michetti, CC0", "cup"),
        Example("astronaut.jpg", "An astronaut", 512, 512, "NASA, public domain", "person"),
    )
}


def path_of(example: Example) -> Path | None:
    """Where an example lies; None where it was not installed."""
    found = (folder / example.name for folder in _FOLDERS)
    return next((path for path in found if path.is_file()), None)
