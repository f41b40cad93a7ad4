"""The prompts that one call of a decoder answers.

Model frame: pixels of the ``S`` x ``S`` canvas, ``(x, y)``. The network itself moves positions by
half a pixel, so the middle of the first pixel is ``(0, 0)``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from torch import Tensor

from biprompt.errors import InputError

_SHAPES: dict[str, tuple[str | int, ...]] = {
    "points": ("N", "K", 2),
    "labels": ("N", "K"),
    "boxes": ("N", 4),
    "masks": ("N", 1, "h", "w"),
    "text": ("N", "T", "C"),
}


@dataclass(frozen=True, slots=True, eq=False)
class SamPrompts:
    """``N`` prompts about one image. All rows hold the same kinds and as many points.

    Points without a box are followed by one padding token, as SAM was trained. Tokens of text come
    last; text alone is exactly its tokens. The values of labels are not checked here, as they may
    lie on another device.

    Attributes:
        points: ``(N, K, 2)`` float, model frame.
        labels: ``(N, K)`` int: 1 adds, 0 removes, -1 is padding.
        boxes: ``(N, 4)`` float xyxy, model frame.
        masks: ``(N, 1, S/4, S/4)`` logits.
        text: ``(N, T, C)`` prompt tokens of the width of the decoder.

    Raises:
        InputError: there is no prompt, points come without labels or labels without points, a
            shape is wrong, or the numbers of rows differ.
    """

    points: Tensor | None = None
    labels: Tensor | None = None
    boxes: Tensor | None = None
    masks: Tensor | None = None
    text: Tensor | None = None

    def __post_init__(self) -> None:
        given = self._given()
        if not given:
            raise InputError("prompts", expected="points, boxes, masks or text", actual="none")
        for name, value in given.items():
            _check_shape(name, value)
        _check_rows({name: len(value) for name, value in given.items()})
        _check_labels(self.points, self.labels)

    def __len__(self) -> int:
        """Return the number of rows ``N``."""
        return len(next(iter(self._given().values())))

    @property
    def rows(self) -> int:
        """The number of rows ``N``; unlike `len` a variable while a graph is traced."""
        return next(iter(self._given().values())).shape[0]

    def _given(self) -> dict[str, Tensor]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def _check_shape(name: str, value: Tensor) -> None:
    expected, actual = _SHAPES[name], tuple(value.shape)
    fits = len(actual) == len(expected) and all(
        got == want or (isinstance(want, str) and got > 0)
        for got, want in zip(actual, expected, strict=True)
    )
    if not fits:
        shape = f"({', '.join(map(str, expected))}), none of them 0"
        raise InputError(f"{name} of prompts", expected=shape, actual=actual)


def _check_rows(rows: dict[str, int]) -> None:
    if len(set(rows.values())) > 1:
        raise InputError("rows of prompts", expected="the same number of each kind", actual=rows)


def _check_labels(points: Tensor | None, labels: Tensor | None) -> None:
    if (points is None) != (labels is None):
        there = "points" if labels is None else "labels"
        raise InputError("prompts", expected="points with labels", actual=f"{there} alone")
    if points is not None and labels is not None and points.shape[:2] != labels.shape:
        raise InputError(
            "labels of prompts", expected=tuple(points.shape[:2]), actual=tuple(labels.shape)
        )
