"""The numbers of a bank as Markdown, and the operating point as TOML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biprompt.presence.domain import Domain
from biprompt.presence.measure import HELD_BACK, TUNING, Outcome, by_things, halves, summary
from biprompt.presence.operating import Operating

_ROWS = (
    ("questions for a thing", "asked"),
    ("nearest concept right (top-1)", "top1"),
    ("answered with exactly the right things", "answered"),
    ("refused wrongly", "refused_wrongly"),
    ("questions for none of the things", "others"),
    ("refused", "refused"),
)
_HOW = """\
Half of the questions, told by a hash, served for tuning; nothing was tuned on the other half.
Descriptions and questions were written by the same people: strangers may ask in other words."""


def measured_text(found: Sequence[Outcome], domain: Domain) -> str:
    """Return tables of both halves, of every thing, and of what went wrong while tuning."""
    parts = {name: summary(each) for name, each in halves(found).items()}
    lines = [f"| {domain.title} | {TUNING} | {HELD_BACK} |", "|---|---:|---:|"]
    for label, key in _ROWS:
        lines.append(f"| {label} | {_cell(parts[TUNING], key)} | {_cell(parts[HELD_BACK], key)} |")
    lines += ["", "| held back: asked for | questions | right |", "|---|---:|---:|"]
    counts = by_things(halves(found)[HELD_BACK])
    lines += [f"| {name} | {asked} | {right} |" for name, (asked, right) in counts.items()]
    wrong = [o for o in halves(found)[TUNING] if not o.right]
    if wrong:
        lines += ["", "Wrong in the tuning half:", ""]
        lines += [f"- “{o.question.text}”: {_meant(o)}" for o in wrong]
    return "\n".join(lines) + "\n"


def measured_page(found: Sequence[Outcome], domain: Domain) -> str:
    """Return the section of docs/results/questions.md for a domain."""
    o = domain.operating
    gate = (
        f"Operating point: threshold {o.threshold:g} on the probability "
        f"1 / (1 + exp(-({o.slope:g} lead {o.offset:+g}))), where the lead is the cosine of the "
        f"nearest concept less that of “none of them”, the latter at least {o.floor:g}."
    )
    return f"## {domain.name}\n\n{_HOW}\n\n{gate}\n\n{measured_text(found, domain)}"


def operating_toml(operating: Operating, held_back: Mapping[str, float]) -> str:
    """Return the table that a domain's file holds."""
    shares = ", ".join(f"{k} = {held_back[k]:.4f}" for k in ("top1", "refused", "refused_wrongly"))
    return (
        f"[operating]\nslope = {operating.slope:.3f}\noffset = {operating.offset:.3f}\n"
        f"floor = {operating.floor:g}\nthreshold = {operating.threshold:g}\n"
        f'bank = "{operating.bank}"\nmeasured = {{ {shares} }}\n'
    )


def _cell(numbers: Mapping[str, float], key: str) -> str:
    value = numbers[key]
    return f"{value:.0f}" if key in ("asked", "others") else f"{100 * value:.1f} %"


def _meant(outcome: Outcome) -> str:
    found = ", ".join(outcome.found.concepts) or "refused"
    return f"{found}, where {', '.join(sorted(outcome.question.things)) or 'a refusal'} is right"
