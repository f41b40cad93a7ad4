"""Where this user's cache lies."""

from __future__ import annotations

import os
from pathlib import Path

from biprompt.errors import InputError


def user_cache_folder() -> Path:
    """``BIPROMPT_CACHE``, else ``biprompt`` in ``XDG_CACHE_HOME``, else ``~/.cache/biprompt``.

    Raises:
        InputError: none of them can be told.
    """
    if own := os.environ.get("BIPROMPT_CACHE"):
        return Path(own)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "biprompt"
    try:
        return Path.home() / ".cache" / "biprompt"
    except RuntimeError as error:  # a container's user may have no home
        expected = "BIPROMPT_CACHE, XDG_CACHE_HOME or a home folder"
        raise InputError("cache folder", expected=expected, actual="none of them") from error
