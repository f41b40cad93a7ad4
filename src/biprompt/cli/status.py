"""Exit statuses, and the one place where an error becomes a line on stderr and a status."""

from __future__ import annotations

import os
import sys
import traceback
from enum import IntEnum

import typer

from biprompt.errors import BipromptError, InputError, MissingExtraError, one_line

MAX_ERROR_CHARS = 1000


class Status(IntEnum):
    """What the process ends with."""

    FOUND = 0
    FAILED = 1
    WRONG_INPUT = 2
    ABSENT = 3
    INTERRUPTED = 130


def status_of(error: BaseException) -> Status:
    """Return the exit status that stands for `error`."""
    if isinstance(error, KeyboardInterrupt):
        return Status.INTERRUPTED
    if isinstance(error, (InputError, MissingExtraError)):
        return Status.WRONG_INPUT
    if isinstance(error, typer.TyperException) and error.exit_code == Status.WRONG_INPUT:
        return Status.WRONG_INPUT
    return Status.FAILED


def message_of(error: BaseException) -> str:
    """Return `error` as one line for a person."""
    return one_line(_text_of(error), MAX_ERROR_CHARS)


def _text_of(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, BipromptError):
        return str(error)
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "biprompt"
        # Pydantic's opening words, which Typer passes on, say nothing here.
        text = error.format_message().replace("Value error, ", "")
        return f"{' '.join(text.split()).rstrip('.')}; see {command} --help"
    if isinstance(error, MemoryError):
        return "out of memory"
    return f"unexpected {type(error).__name__}: {error} (--debug shows where)"


def report(error: BaseException, *, debug: bool) -> Status:
    """Say what went wrong in one line on stderr, and return the status to end with.

    Args:
        error: what was raised.
        debug: also print the traceback, before the line.
    """
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    prefix = "biprompt" if isinstance(error, KeyboardInterrupt) else "biprompt: error"
    print(f"{prefix}: {message_of(error)}", file=sys.stderr)
    return status_of(error)


def debug_from_environment() -> bool:
    """Return whether BIPROMPT_DEBUG asks for tracebacks."""
    return os.environ.get("BIPROMPT_DEBUG", "") not in ("", "0")
