"""What runs on the nodes: an actor of Ray Data, which is a crew of one worker process.

The worker process reads ahead, and an image that takes it down fails alone: Ray sees no crash and
has nothing to try again but for nodes and actors that die.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

from biprompt.errors import BipromptError, InputError, ModelError
from biprompt.labeling.cluster.parcels import items_of
from biprompt.labeling.crew import Crew
from biprompt.labeling.hand import Load
from biprompt.labeling.labeller import Facts

PARCEL, LINE, ERROR = "parcel", "line", "error"
"""Columns: of the input, and of the output, where one of the two is null in each row."""


def facts_of(load: Load, threads: int) -> Facts | Exception:
    """Load the model on a node, and return which one that is, or what was raised."""
    _spare_main()
    try:
        with Crew(load, 1, threads) as crew:
            return crew.facts()
    except Exception as error:  # raised where the run was begun
        return _plain(error)


class Actor:
    """Turns parcels into lines.

    Args:
        load: what its worker loads.
        threads: as in `Crew`.
        facts: which model that must be.
    """

    def __init__(self, load: Load, threads: int, facts: Facts) -> None:
        """Start the worker, which loads in its own time."""
        self._facts = facts
        _spare_main()
        # Never left: the worker ends when this process does, however it ends.
        self._crew = Crew(load, 1, threads).__enter__()

    def __call__(self, table: Any) -> Any:
        """Return a table of lines, or of what was raised, for a table of parcels."""
        import pyarrow

        lines, error = list[bytes](), None
        try:
            self._check()
            for parcel in table[PARCEL].to_pylist():
                lines += self._crew.run(items_of(parcel))
        except Exception as raised:  # Ray would try it again, and print it
            error = pickle.dumps(_plain(raised))
        wide = pyarrow.large_binary()
        return pyarrow.table(
            {
                LINE: pyarrow.array([*lines, *([None] if error else [])], wide),
                ERROR: pyarrow.array([*([None] * len(lines)), *([error] if error else [])], wide),
            }
        )

    def _check(self) -> None:
        facts = self._crew.facts()
        if facts != self._facts:
            expected = f"version {self._facts.version} of {self._facts.model}, as on the others"
            raise InputError("model on a node", expected=expected, actual=facts.version)


def _spare_main() -> None:
    """Keep worker processes from importing the script of this one, which is Ray's: 2 s, 80 MB."""
    vars(sys.modules["__main__"]).pop("__file__", None)


def _plain(error: Exception) -> Exception:
    """An error that can be pickled."""
    if isinstance(error, BipromptError):
        return error
    return ModelError(f"an actor failed: {type(error).__name__}: {error}")
