"""From a folder to a network of transformers, with its weights or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from biprompt.errors import BipromptError, MissingExtraError, ModelError, WeightsError
from biprompt.zoo.build import fingerprint
from biprompt.zoo.hub.folders import HubFolder
from biprompt.zoo.memory import check_memory
from biprompt.zoo.weights import open_weights

TESTED = "transformers 5.23"
"""What the adapters were written for."""
_BUFFERS = ("position_ids", "relative_position_index", "num_batches_tracked")
"""Constants that older releases saved; nothing is lost where nobody asks for them."""
_LISTED = 5


def transformers_class(name: str, family: str) -> Any:
    """A class of transformers.

    Args:
        name: such as ``Sam3Model``.
        family: that needs it; for the error.

    Raises:
        MissingExtraError: transformers is not installed.
        ModelError: this release of it has no such class.
    """
    try:
        import transformers
    except ImportError as error:
        raise MissingExtraError("hub", f"the model family {family}") from error
    with release_of(family):
        return getattr(transformers, name)


def open_network(folder: HubFolder, name: str) -> Any:
    """Build the network of a folder and give it its weights; no network connection is used.

    Args:
        folder: what to open.
        name: of the class, such as ``Sam3Model``.

    Returns:
        the network, on the CPU, float32, in evaluation mode.

    Raises:
        WeightsError: the folder is damaged, or weights are missing, unexpected or of another
            shape (they are listed): nothing is left random.
        ModelError: the memory is not enough, or this release of transformers has no such class.
        MissingExtraError: transformers is not installed.
    """
    kind = transformers_class(name, folder.family)
    check_memory(open_weights(folder.path).nbytes, str(folder.path))
    with _quiet(), release_of(folder.family), _damage(folder):
        model, loading = kind.from_pretrained(
            folder.path, local_files_only=True, output_loading_info=True, dtype=torch.float32
        )
    _check(folder, loading)
    return model.eval().requires_grad_(False)


def version_of(model: Any, more: str = "") -> str:
    """Changes with the weights: for caches.

    Args:
        model: a network.
        more: what else makes a difference.
    """
    return fingerprint(model.state_dict(), more)


@contextmanager
def release_of(family: str) -> Iterator[None]:
    """Around what only some releases of transformers have: turn its absence into one line.

    Raises:
        ModelError: a class, a method, an argument or a part of a network has another name here.
    """
    try:
        yield
    except (AttributeError, TypeError) as error:
        import transformers

        raise ModelError(
            f"{family}: transformers {transformers.__version__} is another than the adapter knows "
            f"({error}); it was written for {TESTED}: pip install '{TESTED.replace(' ', '==')}.*'"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars and no warnings of its own: what is wrong is told in one line."""
    import transformers

    logging: Any = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def _damage(folder: HubFolder) -> Iterator[None]:
    try:
        yield
    except BipromptError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        expected = f"a folder that save_pretrained of {TESTED} could have written"
        raise WeightsError("model", expected=expected, actual=error, path=folder.path) from error


def _check(folder: HubFolder, loading: dict[str, Any]) -> None:
    """Nothing may be left as it was drawn at random, and nothing may be thrown away unseen."""
    for what in ("missing", "mismatched", "unexpected"):
        names = sorted(str(one) for one in loading.get(f"{what}_keys", ()))
        if what == "unexpected":
            names = [name for name in names if not name.endswith(_BUFFERS)]
        if names:
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            actual = f"{what}: {', '.join(names[:_LISTED])}{more}"
            expected = f"the weights of {folder.family}"
            raise WeightsError("keys", expected=expected, actual=actual, path=folder.path)
