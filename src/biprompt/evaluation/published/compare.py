"""Beside which published row a number of ours may stand."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from biprompt.evaluation.published.tables import Given, Row


class Relation(StrEnum):
    """What a published method is told, seen from ours."""

    SAME = "told the same"
    MORE = "told more"
    LESS = "told less"
    OTHER = "told something else"


def relation(row: Row, given: Collection[Given]) -> Relation:
    """Compare what a row's method is told with what ours is.

    Args:
        row: the published row.
        given: what our model is told.
    """
    ours = frozenset(given)
    if row.given == ours:
        return Relation.SAME
    if row.given > ours:
        return Relation.MORE
    return Relation.LESS if row.given < ours else Relation.OTHER


def is_comparable(row: Row, given: Collection[Given]) -> bool:
    """Say whether a row may stand beside ours: told the same, and without a caveat."""
    return relation(row, given) is Relation.SAME and not row.caveat
