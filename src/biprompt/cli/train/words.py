"""`biprompt train words`: the word table of the embedded model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from biprompt.cli import options as o
from biprompt.cli.train.common import Force, extra, file

HELP = "Build a word table: a sentence encoder distilled to a vector a word."


def words(
    out: Annotated[Path, file("--out", "The table, an .npz file.")],
    things: Annotated[
        Path | None,
        file("--things", "More names of visible things, one a line, synonyms after commas."),
    ] = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Build and write the table."""
    from biprompt.cli.progress import Progress

    with extra("building a word table"):
        from biprompt.training.words import build_word_table, read_things

    names = [] if things is None else read_things(things)
    with Progress() as progress:
        progress.step("reading the words")
        table = build_word_table(out, things=names, force=force)
    print(f"{out}: {len(table.words)} words")
