"""The Typer application: which commands there are, and how the process ends."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

import typer

from biprompt import __version__
from biprompt.cli import (
    automatic,
    concepts,
    data,
    doctor,
    evaluate,
    label,
    models,
    segment,
    serve,
    train,
)
from biprompt.cli.commands import add, brief
from biprompt.cli.options import Debug, Settings, Version
from biprompt.cli.status import Status, debug_from_environment, report

# Plain help: it needs no rich, so `--help` answers in half the time.
app = typer.Typer(
    name="biprompt",
    help="Click a thing in a photograph, name it, or both: get its mask and the reason for it.",
    epilog="Each command explains itself: biprompt segment --help.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
add(app, "segment", segment.HELP, segment.segment)
add(app, "automatic", automatic.HELP, automatic.automatic)
add(app, "label", label.HELP, label.label)
add(app, "serve", serve.HELP, serve.serve)
add(app, "doctor", doctor.HELP, doctor.doctor)
# Without a command of its own, a group is a one-line error like any other wrong usage.
app.add_typer(models.app, name="models", short_help=brief(models.HELP))
app.add_typer(data.app, name="data", short_help=brief(data.HELP))
app.add_typer(concepts.app, name="concepts", short_help=brief(concepts.HELP), no_args_is_help=False)
app.add_typer(train.app, name="train", no_args_is_help=False)
app.add_typer(evaluate.app, name="evaluate", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def root(context: typer.Context, version: Version = False, debug: Debug = False) -> None:
    """Answer `biprompt` without a command, and `--version`."""
    if version:
        print(f"biprompt {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status; nothing is raised.

    Args:
        argv: the arguments after the program's name; those of the process when left out.
    """
    _never_fail_on_encoding()
    settings = Settings(debug=debug_from_environment())
    try:
        status = _run(argv, settings)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return Status.FAILED
    except (Exception, KeyboardInterrupt) as error:
        return report(error, debug=settings.debug)
    if status == Status.INTERRUPTED:
        return report(KeyboardInterrupt(), debug=False)
    return status


def _run(argv: Sequence[str] | None, settings: Settings) -> int:
    command = typer.main.get_command(app)
    arguments = None if argv is None else list(argv)
    try:
        result = command.main(arguments, prog_name="biprompt", standalone_mode=False, obj=settings)
    except SystemExit as end:  # shell completion, and a pipe that closed
        result = end.code
    return result if isinstance(result, int) else Status.FOUND


def _never_fail_on_encoding() -> None:
    """Escape what the terminal's encoding does not know: a file name may hold anything."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_stdout() -> None:
    """Send what is left to nowhere: the reader has gone, and Python flushes once more at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
