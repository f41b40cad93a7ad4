"""What the words of a phrase tie to the picture as it is: sides, places, colours, writing.

English only. Each rule errs to one side: a phrase that might name a side, a place or a colour is
taken to name it, and then the picture is not changed in that way.
"""

from __future__ import annotations

import re

from biprompt.data.colours import COLOURS

SEMANTIC = "[semantic] "
"""Before a class name: all of the class is meant, however many there are (EVF-SAM, Sec. A.2)."""


def _words(*choices: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(choices)})\b", re.IGNORECASE)


_OTHER = {"left": "right", "right": "left", "lefty": "righty", "righty": "lefty"}
_SIDE = re.compile(
    r"\b(?P<before>(?:upper|lower|top|bottom|far|mid|middle|back|rear|front|center|centre)?)"
    r"(?P<side>lefty|righty|left|right)"
    r"(?P<after>(?:most|hand|handed|side|wards?|ish|er|est)*)\b",
    re.IGNORECASE,
)
# "right" for "just" and "left" for "not taken"; after "on", "the" and the like it is a side
_BARE = "(?<!the )(?<!far )(?<!to )(?<!on )(?<!at )"
_NO_SIDE = _words(
    _BARE + r"right (?:behind|next|in|on|at|by|beside|above|below|under|over|before|after|up|down"
    r"|there|here|now|against|between|across|near|around|outside|inside|where|with)",
    _BARE + "left (?:behind|alone|out|off|in|on|uneaten|unattended)",
    "(?:all|that's|thats) right",
    "left ?-?overs?",
    "(?:is|are|was|were|has|have|being|been|only|just) left",
)
_SHORTENED = _words("[lr]", "lt", "rt", "lft", "rght", "rite", "lef", "rigth", "[lr]hs", "[lr]h")
_TO_READ = re.compile(
    r"\d(?!\d*(?:st|nd|rd|th)\b)"
    r"|\b(?:number|letters?|words?|says?|saying|said|reads?|reading|text|written|writing|logo"
    r"|spelled|spells|labell?ed|o'?clock|clockwise|counterclockwise|east|west|eastern|western)\b",
    re.IGNORECASE,
)

_COLOURED = re.compile(
    r"\b(?:(?:dark|light|bright|pale|deep|off)-?)?(?:"
    + "|".join(COLOURS)
    + r"|gray|beige|tan|silver|gold|golden|maroon|navy|teal|turquoise|aqua|violet|magenta|cyan"
    r"|lavender|lilac|khaki|cream|blond|blonde|brunette|redhead|redd|ginger|crimson|burgundy|rainbow"
    r"|colou?r|multicolou?r|dark|light|bright|pale|shiny|shad|shadow|sunlit|sunny|lit|faded|clear"
    r"|transparent|neon|strip|plaid|checker)"
    r"(?:s|e|es|er|est|ish|y|ed|ful|haired|skinned|ness)?\b",
    re.IGNORECASE,
)

_POSITIONS = (
    "top|upper|bottom|lower|(?:top|upper|bottom|lower)most|highest|lowest|mid|middle|cent(?:er|re)",
    "central|corner|edge|side|half|north|south|east|west|fore(?:ground|most)|background|front|back",
    "rear|far|farther|farthest|further|furthest|near|nearer|nearest|close|closer|closest|end|row",
    "line|order|first|second|third|fourth|fifth|sixth|last|next|other|another|only|whole|entire",
    r"\d+(?:st|nd|rd|th)|frame|picture|image|photo|screen|pic|cut|cropped|partial|partially",
    "big|bigger|biggest|large|larger|largest|small|smaller|smallest|little|tiny|tall|taller",
    "tallest|short|shorter|shortest|long|longer|longest|same|both|group|together",
)
_RELATIONS = (
    "beside|by|behind|between|above|below|under|underneath|beneath|over|across|opposite|facing",
    "outside|inside|in|on|at|with|without|from|to|towards?|away|against|around|along|among|of|off",
    "holding|wearing|looking|watching|touching|visible|hidden|single|alone|who|whose|that|which",
)
_POSITION = _words(*_POSITIONS)
_PLACED = _words(*_POSITIONS, *_RELATIONS)
_OPENING = re.compile(r"^(?:a |the )?(?:photo|picture|image) of ", re.IGNORECASE)


def mirrored(phrase: str) -> str | None:
    """Return the phrase for the picture seen in a mirror: left and right change places.

    Whole words and their compounds are changed (leftmost, left-hand, lower left, upperleft). None:
    there is no certain answer, because a word may or may not mean a side ("right behind", "left
    over", "rt") or because something has to be read, which a mirror spoils.
    """
    if _NO_SIDE.search(phrase) or _SHORTENED.search(phrase) or _TO_READ.search(phrase):
        return None
    return _SIDE.sub(_swapped, phrase)


def viewers_side(name: str) -> str:
    """Return a part's name by the viewer's left and right, from the person's own.

    EVF-SAM's alignment of HumanParsing with RefCOCO (Sec. A.2): true of people who face the camera.
    """
    return _SIDE.sub(_swapped, name)


def _swapped(match: re.Match[str]) -> str:
    side = match["side"]
    other = _OTHER[side.lower()]
    if side.isupper():
        other = other.upper()
    elif side[0].isupper():
        other = other.capitalize()
    return f"{match['before']}{other}{match['after']}"


def names_colour(phrase: str) -> bool:
    """Return whether a phrase may speak of colour, light or a pattern of colours."""
    return _COLOURED.search(phrase) is not None


def names_position(phrase: str) -> bool:
    """Return whether a phrase may say where in the picture something is, or compare sizes.

    What a mosaic makes untrue; what a thing is beside, or has on, still holds there.
    """
    return _tied(phrase, _POSITION)


def names_place(phrase: str) -> bool:
    """Return whether a phrase may say where something is, compare it, or relate it to others.

    What a crop can make untrue: what the phrase relates the thing to may be cut away.
    """
    return _tied(phrase, _PLACED)


def _tied(phrase: str, words: re.Pattern[str]) -> bool:
    said = _OPENING.sub("", phrase)
    return any(pattern.search(said) for pattern in (_SIDE, _SHORTENED, words))
