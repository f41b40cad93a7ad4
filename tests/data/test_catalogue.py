from __future__ import annotations

import dataclasses

import pytest

from biprompt.data.catalogue import CATALOGUE, find_card
from biprompt.data.readers.registry import READERS
from biprompt.errors import DataError


def test_every_reader_has_a_card_that_agrees_with_it() -> None:
    assert set(CATALOGUE) == set(READERS)
    for name, reader in READERS.items():
        card = CATALOGUE[name]
        assert (card.kind, card.splits) == (reader.kind, reader.splits), name


@pytest.mark.parametrize("card", CATALOGUE.values(), ids=CATALOGUE)
def test_a_card_says_everything(card: object) -> None:
    facts = dataclasses.asdict(card)  # type: ignore[call-overload]
    assert all(facts.values())
    assert all(page.startswith(("https://", "http://")) for page in facts["pages"])
    assert all(not path.startswith("/") and ".." not in path for path in facts["layout"])


def test_cards_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        find_card("refcoco").terms = "free"  # type: ignore[misc]
    with pytest.raises(TypeError):
        CATALOGUE["mine"] = find_card("refcoco")  # type: ignore[index]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"expected refcoco, .*, got lvis"):
        find_card("lvis")
