"""Words of questions that say nothing about the thing: how one asks, points and joins."""

from __future__ import annotations

from biprompt.zoo.words import FUNCTION_WORDS, POSITION_WORDS

SIDES = {"left": "left", "sinister": "left", "sinistra": "left", "sinistral": "left", "lt": "left",
         "right": "right", "dexter": "right", "dextra": "right", "dextral": "right",
         "rt": "right"}  # fmt: skip
"""How a side is said."""

ASKING = frozenset(
    "a an the called named located place located see seen shown visible get gets got want need "
    "give main region area outline highlight mark locate identify contour delineate extract "
    "responsible involved happens happen occur occurs comes been being was were when while how why "
    "if so then plus minus one two three four first second than very too "
    "also may might must should will shall one ones both just whole entire "
    "sided side did am about tell use used using let see view now".split()
)
"""Words that ask; with `zoo.words.FUNCTION_WORDS` they weigh nothing."""

ALL = frozenset("all every each everything".split())
"""Words for the whole domain."""

PLURAL_FILL = frozenset("of the them it these those things objects visible in here this that image "
                        "picture photo photograph scan slice".split())  # fmt: skip
"""What may stand beside a word for all."""

LINKS = frozenset("of is are the a an called named s as in my his her their your our".split())
"""Between a word for any thing and a name they make it the thing itself: organ called liver."""

HEADS = frozenset("which what one that thing something".split())
"""With them a new thing is asked for, in words that do not name it."""

PAIRING = frozenset("between joins join joining connects connect connecting links link "
                    "separates separate both".split())  # fmt: skip
"""After them an "and" belongs to the description."""

DETERMINERS = frozenset("the a an my his her both all any some".split())
"""With them a new thing begins."""

PLAIN = ASKING | FUNCTION_WORDS | HEADS
"""Words that name nothing."""

RELATIONS = (POSITION_WORDS - SIDES.keys()) | frozenset(
    "to from by with at into around out".split()
)
"""Before a name they make it the place of another thing."""
