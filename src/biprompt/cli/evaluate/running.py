"""The options that every protocol has, declared once."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import Force, Limit, Out, Processes, Reporter, command_line
from biprompt.cli.progress import Progress

if TYPE_CHECKING:
    from biprompt.evaluation.model import Contender
    from biprompt.evaluation.run import How
    from biprompt.evaluation.study import Study


@dataclass(frozen=True, slots=True)
class Running:
    """Which model is measured, and how; the names of the fields are those of the options.

    Attributes:
        out: folder of the reports.
        model: what is measured; worker processes load it by the same names.
        text_model: the model that reads words, beside one that is pointed with.
        device: where it works.
        dtype: in which precision.
        limit: how many samples the study is cut to.
        processes: how many work at a time.
        force: replace reports that exist.
        debug: show the traceback of an error.
    """

    out: Out = Path("docs/results")
    model: o.Judged = "compact"
    text_model: o.TextModel = None
    device: o.Device = None
    dtype: o.Dtype = None
    limit: Limit = None
    processes: Processes = 1
    force: Force = False
    debug: o.Debug = False

    def load(self) -> Contender:
        """Load the model; errors as `biprompt.load`."""
        from biprompt.evaluation.model import load_contender

        return load_contender(self.model, self.text_model, self.device, self.dtype)

    def carry_out(self, study: Callable[[], Study[Any, Any]]) -> None:
        """Measure a study with a status line, write its reports, and say where they are.

        Args:
            study: reads the data and returns the study.
        """
        from biprompt.evaluation.run import evaluate

        self.report(lambda how: evaluate(study(), self.load, self.out, how))

    def report(self, measure: Callable[[How], Iterable[Path]]) -> None:
        """Measure with a status line; paths go to stdout, the main numbers to stderr."""
        from biprompt.evaluation.run import How

        with Progress() as progress:
            progress.step("reading the data")
            how = How(self.processes, self.limit, command_line(), self.force, Reporter(progress))
            written = tuple(measure(how))
        for path in written:
            if path.suffix == ".md":
                print(headline(path.read_text("utf-8")), file=sys.stderr)
        print(*written, sep="\n")


def headline(markdown: str) -> str:
    """The first paragraph of a report, which holds its main numbers; empty where there is none."""
    paragraphs = (part.strip() for part in markdown.split("\n\n"))
    plain = (part for part in paragraphs if part and part[0] not in "#-|>")
    return " ".join(next(plain, "").split())


def with_running(command: Callable[..., None]) -> Callable[..., None]:
    """Show Typer the options of `Running` in place of a command's parameter `run`."""
    hints = get_type_hints(command, include_extras=True)
    shared = get_type_hints(Running, include_extras=True)
    own = [
        each.replace(annotation=hints[each.name])
        for each in inspect.signature(command).parameters.values()
        if each.name != "run"
    ]
    more = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=each.default,
            annotation=shared[each.name],
        )
        for each in fields(Running)
    ]

    @wraps(command)
    def told(**given: Any) -> None:
        run = Running(**{each.name: given.pop(each.name) for each in more})
        command(**given, run=run)

    signature = inspect.Signature([*own, *more], return_annotation=None)
    told.__dict__["__signature__"] = signature
    told.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    return told
