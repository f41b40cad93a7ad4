"""A question cut into the things it asks for and the things it excludes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from biprompt.presence.mentions import Names
from biprompt.presence.plain_words import (
    ALL,
    ASKING,
    DETERMINERS,
    HEADS,
    PAIRING,
    PLURAL_FILL,
    SIDES,
)
from biprompt.zoo.words import FUNCTION_WORDS, split_words

_BUT = re.compile(
    r"(?<!\bdoes )(?<!\bdo )(?<!\bdid )(?<!\bis )(?<!\bare )(?<!\bcan )(?<!\bor )(?<!\bwhy )"
    r"\b(?:except(?:ing)?(?:\s+for)?|excluding|exclude|without|but\s+not|and\s+not|other\s+than"
    r"|apart\s+from|aside\s+from|neither|minus|but|not)\b",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*[,;&+]\s*(?:and\s+|or\s+)?|\s+(?:and|or|nor|plus|as\s+well\s+as|together\s+with|along\s+with)\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """The pieces of a question.

    Attributes:
        wanted: what is asked for, as it was written.
        excluded: what is not.
        everything: whether all of the domain is asked for.
    """

    wanted: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    everything: bool = False


def take_apart(question: str, names: Names) -> Asked:
    """Cut a question into its pieces; nothing of it is lost but the words that join them."""
    first, *rest = _cut_exclusions(question, names)
    excluded = tuple(piece for part in rest for piece in _pieces(part, names))
    if _means_all(split_words(first), names):
        return Asked((), _inherit(excluded, first, names), everything=True)
    wanted = _pieces(first, names)
    last = next((p for p in reversed(wanted) if names.find(split_words(p))), first)
    return Asked(_shared_head(wanted, names), _inherit(excluded, last, names))


def _cut_exclusions(question: str, names: Names) -> list[str]:
    """The question up to the first word of exclusion, then what each of them excludes."""
    starts, cut = [0], [len(question)]
    for match in _BUT.finditer(question):
        until = _BUT.search(question, match.end())
        tail = question[match.end() : until.start() if until else len(question)]
        head = split_words(question[: match.start()])
        if _names_something(tail, names) or _means_all(head, names):
            cut.insert(-1, match.start())
            starts.append(match.end())
    return [question[a:b].strip(" ,;.") for a, b in zip(starts, cut, strict=True)]


def _names_something(text: str, names: Names) -> bool:
    """Whether a text is a name or a side, with nothing before it but plain words."""
    return all(_is_name(p, names) or _is_side(p, names) for p in _AND.split(text.strip(" ,;.?!")))


def _means_all(words: list[str], names: Names) -> bool:
    return bool(ALL & set(words)) and all(
        w in ALL | PLURAL_FILL | ASKING | FUNCTION_WORDS | names.kinds for w in words
    )


def _pieces(text: str, names: Names) -> list[str]:
    """Cut at "and" and commas, where what follows is a thing of its own."""
    pieces: list[str] = []
    joins = [*_AND.finditer(text)]
    ends = [*(join.start() for join in joins), len(text)]
    starts = [0, *(join.end() for join in joins)]
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        piece = text[start:end].strip(" .?!")
        if not split_words(piece):
            continue
        if pieces and not _stands_alone(pieces[-1], piece, names):
            piece = pieces.pop() + text[ends[index - 1] : end].rstrip(" .?!")
        pieces.append(piece)
    return pieces


def _stands_alone(before: str, piece: str, names: Names) -> bool:
    words, earlier = split_words(piece), split_words(before)
    if PAIRING & set(earlier[1:]) and not _AND.search(before):
        return False
    if _is_side(piece, names):
        return True
    if _is_name(piece, names) and (_ends(piece, names) or _is_whole_name(before, names)):
        # "which organ is near the liver, the spleen": places of the one thing.
        return not names.context(earlier)
    if _is_whole_name(before, names):
        # "renal cortex and medulla" is one thing, said short; "liver and car" are two.
        return tuple(earlier[-2:-1] + words) not in names.owners
    head = next((w for w in words if w not in DETERMINERS), "")
    asks_again = head in HEADS or (head in names.kinds and len(words) > 1)
    # Both halves must say something: "head, body and tail of the pancreas" is one thing.
    return asks_again and bool(set(words) - HEADS - DETERMINERS - names.kinds)


def _is_name(piece: str, names: Names) -> bool:
    """Whether a piece begins with a name, but for words that ask and sides."""
    words = split_words(piece)
    found = names.find(words)
    plain = ASKING | FUNCTION_WORDS | ALL | SIDES.keys()
    return bool(found) and all(word in plain for word in words[: found[0].start])


def _is_whole_name(piece: str, names: Names) -> bool:
    found, words = names.find(split_words(piece)), split_words(piece)
    return _is_name(piece, names) and found[0].end == len(words)


def _ends(piece: str, names: Names) -> bool:
    """Whether the name in a piece stands by itself; in "pancreatic juice" it does not."""
    words = split_words(piece)
    rest = words[names.find(words)[0].end :]
    return not rest or rest[0] in ASKING | FUNCTION_WORDS | HEADS


def _is_side(piece: str, names: Names) -> bool:
    """Whether a piece is a side alone: "the right", "the left one"."""
    words = split_words(piece)
    plain = ASKING | FUNCTION_WORDS | names.kinds
    return bool(SIDES.keys() & set(words)) and all(w in plain or w in SIDES for w in words)


def _shared_head(pieces: list[str], names: Names) -> tuple[str, ...]:
    """Complete sides: "the left and the right kidney", "the left kidney and the right"."""
    full = [p for p in pieces if not _is_side(p, names)]
    head = next((_head(p, names) for p in full if _head(p, names)), "")
    return tuple(f"{p} {head}".strip() if _is_side(p, names) else p for p in pieces)


def _inherit(excluded: tuple[str, ...], last: str, names: Names) -> tuple[str, ...]:
    head = _head(last, names)
    return tuple(f"{p} {head}".strip() if _is_side(p, names) else p for p in excluded)


def _head(piece: str, names: Names) -> str:
    """The name in a piece, without a side."""
    words = split_words(piece)
    found = names.find(words)
    if not found:
        return ""
    return " ".join(w for w in words[found[0].start : found[0].end] if w not in SIDES)
