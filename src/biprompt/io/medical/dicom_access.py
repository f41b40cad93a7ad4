"""pydicom, and one error for whatever it raises."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from biprompt.errors import ImageError, InputError, MissingExtraError


def pydicom_module(purpose: str) -> Any:
    """Return pydicom, or raise a `MissingExtraError` with the purpose."""
    try:
        return import_module("pydicom")
    except ImportError as error:
        raise MissingExtraError("medical", purpose) from error


@contextmanager
def reading_dicom() -> Iterator[None]:
    """One error for whatever pydicom raises, no warnings: its texts quote what the file holds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (InputError, MissingExtraError, MemoryError):
            raise
        except Exception as error:
            actual = f"a damaged file, or another ({type(error).__name__})"
            raise ImageError("series", expected="DICOM images", actual=actual) from None
