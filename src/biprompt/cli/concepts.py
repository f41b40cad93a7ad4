"""`biprompt concepts`: what can be asked for in words, and what a question is found to mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.commands import brief
from biprompt.cli.status import Status
from biprompt.cli.table import table

if TYPE_CHECKING:
    from biprompt.presence import ContextCache, Resolution

HELP = """List the domains, show what one knows, ask it, and measure how well it understands.

A domain is a closed list of things with descriptions, a TOML file; the package has some, and
wherever one is named a file of your own may stand (docs/questions.md).

\b
  biprompt concepts ask organs "which organ stores bile"
  biprompt concepts show organs
  biprompt concepts measure organs --out docs/results/questions.md
"""
ASK_HELP = """Say which things a question asks for, or why it is refused.

Exit status 0 where it asks for something the domain knows, 3 where it is refused.
"""
SHOW_HELP = "Show the things of a domain, each with those that are described most alike."
MEASURE_HELP = """Ask every question of a bank and print the table, per half and thing."""

app = typer.Typer(help=HELP, rich_markup_mode=None)

Domain = Annotated[
    str, typer.Argument(metavar="DOMAIN", help="A domain of `biprompt concepts`, or a TOML file.")
]
Question = Annotated[str, typer.Argument(metavar="QUESTION", help="In English.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write to this file as well.")
]
Bank = Annotated[
    str | None,
    typer.Option("--bank", metavar="BANK", help="Name or file of the questions; DOMAIN's own."),
]
Fit = Annotated[
    bool, typer.Option("--fit", help="Fit the operating point anew and print it as TOML.")
]
_NEAR = 3
_SHOWN = 5


@app.callback(invoke_without_command=True)
def concepts(context: typer.Context, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print the domains, unless there is a command to run."""
    if context.invoked_subcommand is not None:
        return
    from biprompt.presence import load_domain
    from biprompt.presence.domain import domain_names

    domains = [load_domain(name) for name in domain_names()]
    if as_json:
        print(json.dumps({d.name: {"title": d.title, "things": list(d.things)} for d in domains}))
        return
    rows = [(d.name, str(len(d.things)), d.title) for d in domains]
    print(table([("domain", "things", "what it is"), *rows]))


@app.command("ask", help=ASK_HELP, short_help=brief(ASK_HELP))
def ask(domain: Domain, question: Question, as_json: o.Json = False, debug: o.Debug = False) -> int:
    """Resolve one question; return the exit status."""
    from biprompt.presence import resolve

    found = resolve(question, domain)
    print(json.dumps(found.to_dict()) if as_json else _answer(found))
    return Status.ABSENT if found.refused else Status.FOUND


@app.command("show", help=SHOW_HELP, short_help=brief(SHOW_HELP))
def show(domain: Domain, out: Out = None, force: o.Force = False, debug: o.Debug = False) -> None:
    """Print the things and their neighbours; store the features on request."""
    from biprompt.presence.questions import concepts_of

    cache = concepts_of(domain)
    print(_shown(cache))
    if out is not None:
        cache.save(out, force=force)
        print(f"{out}: {len(cache.texts)} features")


@app.command("measure", help=MEASURE_HELP, short_help=brief(MEASURE_HELP))
def measure(
    domain: Domain, bank: Bank = None, fit: Fit = False, out: Out = None, force: o.Force = False,
    debug: o.Debug = False,
) -> None:  # fmt: skip
    """Ask the questions of a bank."""
    from biprompt.io.files import atomic_write, check_writable
    from biprompt.presence import measure as m
    from biprompt.presence.bank import read_bank
    from biprompt.presence.questions import concepts_of
    from biprompt.presence.report import measured_page, measured_text, operating_toml

    if out is not None:
        check_writable(out, force=force)
    cache = concepts_of(domain)
    found = m.outcomes(read_bank(bank or cache.domain.name, cache.domain), cache)
    print(measured_text(found, cache.domain), end="")
    if fit:
        fitted = m.fit_operating(found, bank or cache.domain.name)
        again = m.outcomes([each.question for each in found], cache.with_operating(fitted))
        print(operating_toml(fitted, m.summary(m.halves(again)[m.HELD_BACK])), end="")
    if out is not None:
        page = f"# Questions understood\n\n{measured_page(found, cache.domain)}"
        atomic_write(out, page.encode(), force=force)


def _answer(found: Resolution) -> str:
    rows = [("asks for", ", ".join(found.concepts) or "nothing known"), ("why", found.reason)]
    for part in found.parts:
        rows.append(("", ""))
        rows.append((f"“{part.text}”", part.reason))
        rows.append(("  probability", f"{part.probability:.2f}"))
        near = [f"{name} {s:.2f}" for name, s in [*part.similarities.items()][:_SHOWN]]
        if near:
            rows.append(("  similar to", ", ".join(near)))
            rows.append(("  none of them", f"{part.irrelevant:.2f}"))
    return table(rows)


def _shown(cache: ContextCache) -> str:
    domain = cache.domain
    rows = [("thing", "descriptions", "described most like it")]
    for entry in domain.entries:
        near = cache.neighbours(entry.name)[:_NEAR]
        likes = ", ".join(f"{name} {similarity:.2f}" for name, similarity in near)
        rows.append((entry.name, str(len(entry.texts)), likes))
    gate = domain.operating
    lines = [domain.title, *([domain.notice] if domain.notice else []), "", table(rows), ""]
    measured = ", ".join(f"{name} {share:.1%}" for name, share in gate.measured) or "not measured"
    lines.append(
        f"taken from probability {gate.threshold:g} on; on held-back questions: {measured}"
    )
    return "\n".join(lines)
