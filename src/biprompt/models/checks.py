"""Checks of the sizes of the promptable networks and of what goes into them."""

from __future__ import annotations

from torch import Tensor

from biprompt.errors import InputError


def check_shape(what: str, value: Tensor, expected: tuple[int | str, ...]) -> None:
    """Raise InputError where `value` has another shape; an axis named by a letter is free."""
    actual = tuple(value.shape)
    fits = len(actual) == len(expected) and all(
        isinstance(want, str) or got == want for got, want in zip(actual, expected, strict=True)
    )
    if not fits:
        raise InputError(what, expected=f"({', '.join(map(str, expected))})", actual=actual)


def check_features(what: str, value: Tensor, rows: int, expected: tuple[int, ...]) -> None:
    """Raise InputError unless features, less their first axis, are of a shape and fit the prompts.

    Args:
        what: for the error.
        value: features of one image, or of one for each prompt.
        rows: how many prompts there are.
        expected: their other axes.
    """
    check_shape(what, value, (rows if len(value) == rows else 1, *expected))


def check_image_size(image_size: int, step: int) -> None:
    """Raise InputError where `image_size` is not a positive multiple of `step`."""
    if image_size <= 0 or image_size % step:
        raise InputError("image size", expected=f"a multiple of {step}", actual=image_size)


def check_heads(dim: int, heads: int) -> None:
    """Raise InputError where `dim` channels cannot be shared out evenly among `heads`."""
    if heads <= 0 or dim % heads:
        raise InputError("heads", expected=f"a divisor of the width {dim}", actual=heads)
