"""How to get each published data set that the readers read, and its terms; nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from biprompt.data.catalogue import interactive, others, referring, semantic
from biprompt.data.catalogue.card import NOT_STATED, DatasetCard
from biprompt.errors import DataError

__all__ = ["CATALOGUE", "NOT_STATED", "DatasetCard", "find_card"]

CATALOGUE: Mapping[str, DatasetCard] = MappingProxyType(
    {
        card.name: card
        for card in (*referring.CARDS, *semantic.CARDS, *interactive.CARDS, *others.CARDS)
    }
)
"""Every card by its name."""


def find_card(name: str) -> DatasetCard:
    """Return the card of a data set.

    Raises:
        DataError: there is none of that name.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    raise DataError("data set", expected=", ".join(CATALOGUE), actual=name)
