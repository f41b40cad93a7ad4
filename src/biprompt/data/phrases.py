"""The wording of expressions: templates in the voice of somebody with a photograph."""

from __future__ import annotations

from collections.abc import Mapping

Patterns = tuple[str, ...]
BySide = Mapping[tuple[int, bool], Patterns]

DEFINITE = ("the {}", "{}", "the {}", "{}", "a photo of the {}", "please segment the {}",
            "segment the {}", "show me the {}", "find the {}")  # fmt: skip
INDEFINITE = ("{}", "{}", "the {}", "the {}", "a photo of a {}", "a {}", "please segment the {}",
              "segment the {}", "this {}", "find the {}")  # fmt: skip
EVERY = ("{}", "all {}", "the {}", "all the {}", "all {}", "a photo of {}",
         "please segment the {}", "segment all {}")  # fmt: skip
EVERY_ONE = ("every {}", "each {}")
SEMANTIC = "[semantic] {}"

EDGE: BySide = {  # (axis, low) -> clearly furthest to that side of its kind
    (0, True): ("leftmost {}", "{} on the far left", "{} farthest to the left", "left most {}"),
    (0, False): ("rightmost {}", "{} on the far right", "{} farthest to the right"),
    (1, True): ("topmost {}", "top {}", "upper {}", "{} at the top", "highest {}"),
    (1, False): ("bottom {}", "lowest {}", "lower {}", "{} at the bottom"),
}
SIDE: BySide = {  # the only one of its kind on that side of the image, or the clear one of two
    (0, True): ("{} on the left", "left {}", "{} on the left side", "{} to the left"),
    (0, False): ("{} on the right", "right {}", "{} on the right side", "{} to the right"),
    (1, True): ("{} at the top", "{} in the upper part", "top {}"),
    (1, False): ("{} at the bottom", "{} in the lower part", "bottom {}"),
}
MIDDLE = ("{} in the middle", "middle {}", "{} in the center", "center {}", "central {}")
NEAREST = ("nearest {}", "closest {}", "{} in front", "{} nearest to the camera")
ORDINALS = ("first", "second", "third", "fourth")
ORDINAL = ("{order} {} from the {side}", "{order} {} from {side}")
LARGEST = ("biggest {}", "largest {}", "big {}", "large {}")
SMALLEST = ("smallest {}", "small {}", "little {}")
COLOURED = ("{colour} {}", "{colour} {}", "{} that is {colour}", "{colour} colored {}")
BESIDE: BySide = {
    (0, True): ("{} left of the {anchor}", "{} to the left of the {anchor}"),
    (0, False): ("{} right of the {anchor}", "{} to the right of the {anchor}"),
    (1, True): ("{} above the {anchor}", "{} over the {anchor}"),
    (1, False): ("{} below the {anchor}", "{} under the {anchor}"),
}
NEXT_TO = ("{} next to the {anchor}", "{} beside the {anchor}", "{} near the {anchor}",
           "{} by the {anchor}")  # fmt: skip


def phrase_words() -> frozenset[str]:
    """Return every word the templates may write (names and colours not counted)."""
    groups = (DEFINITE, INDEFINITE, EVERY, EVERY_ONE, MIDDLE, NEAREST, ORDINALS, ORDINAL,
              LARGEST, SMALLEST, COLOURED, NEXT_TO)  # fmt: skip
    sided = (*EDGE.values(), *SIDE.values(), *BESIDE.values())
    words = {word for group in (*groups, *sided) for text in group for word in text.split()}
    return frozenset(word for word in words if "{" not in word)
