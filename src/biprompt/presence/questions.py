"""From a question to the things it asks for, or a refusal with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from os import PathLike

from biprompt.presence.context import ContextCache, Match
from biprompt.presence.denial import denied
from biprompt.presence.domain import Concept, Domain, load_domain
from biprompt.presence.language import foreign
from biprompt.presence.mentions import Names
from biprompt.presence.parts import Asked, take_apart
from biprompt.presence.plain_words import SIDES
from biprompt.presence.resolution import Part, Resolution
from biprompt.prompts import Text
from biprompt.zoo.words import split_words

_HAND = re.compile(r"\b(left|right)[\s-]+hand(?:ed)?\b", re.IGNORECASE)


def resolve(question: str, domain: Domain | ContextCache | str | PathLike[str]) -> Resolution:
    """Find what a question asks for (Organ-Seg, section III-C 2, for several things at once).

    Args:
        question: a name, a description or a question, several of them joined by "and" or commas,
            with what is left out after "except", "without" or "but not". English.
        domain: a domain, its features, or what `load_domain` takes.

    Raises:
        PromptError: the question is empty, too long or holds control characters.
        DataError: there is no such domain, or its file is wrong.
    """
    text = Text(question).phrase
    cache = domain if isinstance(domain, ContextCache) else concepts_of(domain)
    words = split_words(text)
    language = foreign(text, words)
    if language:
        return _no(text, cache.domain, f"Only English is read, and this looks like {language}.")
    if denial := denied(text):
        return _no(text, cache.domain, f"“{denial}”: say what the thing is, not what it is not.")
    names = Names.of(cache.domain)
    asked = take_apart(text, names)
    wanted = [_part(piece, cache, names) for piece in asked.wanted]
    excluded = [_part(piece, cache, names) for piece in asked.excluded]
    return _together(text, cache.domain, asked, wanted, excluded)


def concepts_of(domain: Domain | str | PathLike[str]) -> ContextCache:
    """Return the features of a domain; those of one domain are computed once."""
    return _built(domain if isinstance(domain, Domain) else load_domain(domain))


@lru_cache(maxsize=8)
def _built(domain: Domain) -> ContextCache:
    return ContextCache.build(domain)


def _together(
    text: str, domain: Domain, asked: Asked, wanted: list[Part], excluded: list[Part]
) -> Resolution:
    named = set(domain.things) if asked.everything else {t for p in wanted for t in p.things}
    left_out = {t for p in excluded for t in p.things}
    concepts = domain.in_order(named - left_out)
    parts = (*wanted, *(p for p in excluded if p.refused))
    if asked.everything and not wanted:
        parts = (_everything(text, concepts), *parts)
    if concepts:
        return Resolution(text, domain.name, concepts, False, parts, _said(concepts, parts))
    if named:
        both = ", ".join(domain.in_order(named))
        return _no(text, domain, f"It asks for what it excludes: {both}.", parts)
    if not wanted:
        return _no(text, domain, "It says what not to look for, and not what to look for.", parts)
    return _no(text, domain, " ".join(dict.fromkeys(part.reason for part in wanted)), parts)


def _everything(text: str, concepts: tuple[str, ...]) -> Part:
    return Part(
        text, concepts, False, None, 1.0, 0.0, 1.0, {}, "Everything of the domain is meant."
    )


def _said(concepts: tuple[str, ...], parts: Sequence[Part]) -> str:
    refused = [part.reason for part in parts if part.refused]
    return " ".join([f"It asks for: {', '.join(concepts)}.", *refused])


def _no(text: str, domain: Domain, reason: str, parts: tuple[Part, ...] = ()) -> Resolution:
    return Resolution(text, domain.name, (), True, parts, reason)


def _part(text: str, cache: ContextCache, names: Names) -> Part:
    """Resolve one piece of a question."""
    domain, words = cache.domain, split_words(_HAND.sub(r"\1", text))
    # In a domain with pairs a side is read by itself: descriptions hold none.
    sides = {SIDES[word] for word in words if word in SIDES}
    match = cache.match(words, names.impossible(words))
    if not match.similarities:
        return Part(text, (), True, None, 0.0, match.none, 0.0, {}, f"“{text}” names no thing.")
    nearest, similarity = next(iter(match.similarities.items()))
    entry = domain.entry(nearest)
    probability = domain.operating.probability(similarity, match.none)
    facts = (similarity, match.none, probability, match.similarities)
    if not cache.encoder.content(words):
        return Part(text, (), True, nearest, *facts, f"“{text}” names no thing.")
    if probability < domain.operating.threshold:
        return Part(text, (), True, nearest, *facts, _refusal(text, domain, match))
    chosen = _on_side(domain, entry, sides)
    reason = f"“{text}” is nearest to {entry.name} (“{match.texts[nearest]}”)."
    if chosen is None:
        return Part(text, (), True, nearest, *facts, f"“{text}” asks for both sides at once.")
    return Part(text, chosen.things, False, nearest, *facts, reason)


def _on_side(domain: Domain, entry: Concept, sides: set[str]) -> Concept | None:
    """The member of a pair that the sides mean; None where they contradict each other."""
    if not sides or domain.sided(entry, next(iter(sides))) is None:
        return entry
    return domain.sided(entry, next(iter(sides))) if len(sides) == 1 else None


def _refusal(text: str, domain: Domain, match: Match) -> str:
    nearest, similarity = next(iter(match.similarities.items()))
    title, none = domain.title, match.none
    facts = f"nearest {nearest} {similarity:.2f}"
    if none >= max(similarity, domain.operating.floor):
        said = match.texts[domain.none.name]
        return f"“{text}” is none of {title}: it is like “{said}” {none:.2f}, {facts}."
    return f"“{text}” is like nothing among {title}: {facts}, none of them {none:.2f}."
