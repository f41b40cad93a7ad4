"""Calls of networks that are not our own: what goes wrong in them is one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from biprompt.errors import ModelError
from biprompt.runtime.torch.place import Place


@contextmanager
def asking(place: Place, model: str) -> Iterator[None]:
    """Around calls of a network of transformers; no gradients are kept.

    Args:
        place: where it runs.
        model: its name, for the error.

    Raises:
        ModelError: the device's memory is not enough, torch failed, or a part of the network has
            another name or takes something else in this release of transformers.
    """
    with known_release(model), place.guard(model):
        yield


@contextmanager
def known_release(model: str) -> Iterator[None]:
    """Around uses of a network of transformers.

    Args:
        model: its name, for the error.

    Raises:
        ModelError: a part of it has another name or takes something else in this release.
    """
    try:
        yield
    except (AttributeError, TypeError) as error:
        import transformers

        known = f"transformers {transformers.__version__} is not the release it was written for"
        raise ModelError(f"{model}: {known}: {error}") from error
