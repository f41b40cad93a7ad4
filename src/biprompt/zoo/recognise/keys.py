"""The keys of one network in a checkpoint, looked up without their prefix."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from biprompt.errors import WeightsError
from biprompt.zoo.weights import Shape


class Keys:
    """Shapes by name, for the names that start with a prefix."""

    def __init__(self, shapes: Mapping[str, Shape], prefix: str = "", before: str = "") -> None:
        """Take the names under `prefix`, and drop it; `before` was dropped already."""
        self._dropped = before + prefix
        self._shapes = {
            name.removeprefix(prefix): shape
            for name, shape in shapes.items()
            if name.startswith(prefix)
        }

    def under(self, prefix: str) -> Keys:
        """The keys of one part of the network."""
        return Keys(self._shapes, prefix, self._dropped)

    def __contains__(self, name: str) -> bool:
        """Return whether there is such a key."""
        return name in self._shapes

    def shape(self, name: str, axes: int) -> Shape:
        """The shape of a tensor, which has that number of axes.

        Raises:
            WeightsError: there is no such key, or its tensor has other axes.
        """
        if name not in self._shapes:
            near = get_close_matches(name, self._shapes, n=1)
            actual = f"none (near: {self._dropped}{near[0]})" if near else "none"
            raise WeightsError("keys", expected=f"{self._dropped}{name}", actual=actual)
        shape = self._shapes[name]
        if len(shape) != axes or 0 in shape:
            raise WeightsError(
                f"key {self._dropped}{name}", expected=f"{axes} axes, none empty", actual=shape
            )
        return shape

    def count(self, prefix: str) -> int:
        """How many parts are numbered from 0 after ``prefix.``."""
        parts = {name.partition(".")[0] for name in self.under(f"{prefix}.")._shapes}
        return next(number for number in range(len(parts) + 1) if str(number) not in parts)
