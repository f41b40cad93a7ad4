"""The options of `biprompt segment` that go with --classes, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from biprompt.cli.values import single
from biprompt.errors import PromptError
from biprompt.io.formats.maps.registry import map_format_names

if TYPE_CHECKING:
    from biprompt.segmenter.classes import ClassRules

ALL = "all"
HELP = f"""\b
Open vocabulary: --classes takes names, and the answer is one map with the number of a class at
every pixel, 0 where none of them is. Words after = mean the same class:
  biprompt segment street.jpg --classes "sky; road; person = man, woman" -o map.png
  biprompt segment street.jpg --classes "sky; road; car" --instances car -o map.json --overlay o.png
-o writes a PNG with a palette (.png), or COCO panoptic JSON and its PNG beside it (.json); --format
takes {map_format_names()}. Status 0 where any class has a pixel.
"""

SynonymKind = Literal["given", "plural", "same", "narrow"]


def _list(name: str, metavar: str, text: str) -> object:
    return typer.Option(
        name, metavar=metavar, help=f"Classes: {text}", show_default=False, default_factory=list
    )


Classes = Annotated[
    list[str],
    _list("--classes", "'A;B;C'", "the names, NAME or NAME = WORDS, WORDS each."),
]
Instances = Annotated[
    list[str],
    _list("--instances", "'A;B'", f"part these into instances, connected part by part; or {ALL}."),
]
Template = Annotated[
    list[str],
    _list(
        "--template",
        "WORDS",
        "how a name is asked for, {} where it goes. Several: the mean of their maps.",
    ),
]
Synonyms = Annotated[
    SynonymKind | None,
    typer.Option(
        "--synonyms",
        help="Classes: also ask for plurals (plural), other names the package knows (same), and "
        "sorts of it (narrow); for the words given alone (given).",
        show_default=False,
    ),
]
Denoise = Annotated[
    float | None,
    typer.Option(
        "--denoise",
        metavar="P",
        help="Classes: leave out those whose presence is below this; 0 keeps all.",
        show_default=False,
    ),
]
Least = Annotated[
    float | None,
    typer.Option(
        "--least",
        metavar="P",
        help="Classes: how sure a pixel must be, 0 to 1; 0 gives every pixel a class.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOptions:
    """What was typed; nothing means the default."""

    classes: Sequence[str] = ()
    instances: Sequence[str] = ()
    template: Sequence[str] = ()
    synonyms: SynonymKind | None = None
    denoise: float | None = None
    least: float | None = None

    @property
    def is_asked(self) -> bool:
        """Whether classes are asked for."""
        return bool(self.classes)

    def check(self, *, volume: bool) -> None:
        """Raise PromptError for classes of a volume, or an option that only goes with classes."""
        if self.is_asked and volume:
            raise PromptError("--classes", expected="a photograph", actual="a volume")
        if self.is_asked:
            return
        for name in ("instances", "template", "synonyms", "denoise", "least"):
            value = getattr(self, name)
            if value is not None and value != [] and value != ():
                expected = "--classes to go with it"
                raise PromptError(f"--{name}", expected=expected, actual="no --classes")

    def names(self) -> str:
        """Return the list of classes as one text."""
        return single("--classes", self.classes) or ""

    def things(self) -> bool | list[str]:
        """Return which classes are parted into instances, as `segment_classes` takes it."""
        given = single("--instances", self.instances)
        if given is None:
            return False
        if given.strip().lower() == ALL:
            return True
        return [" ".join(name.split()) for name in given.split(";") if name.strip()]

    def rules(self) -> ClassRules:
        """Return the rules; InputError where a value is out of its range."""
        from biprompt.segmenter.classes import ClassRules

        given: dict[str, Any] = {
            "templates": tuple(self.template) or None,
            "synonyms": self.synonyms, "denoise": self.denoise, "least": self.least,
        }  # fmt: skip
        return ClassRules(**{name: value for name, value in given.items() if value is not None})
