"""How a list of classes is asked for and put together: every choice in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from biprompt.errors import InputError
from biprompt.segmenter.classes.denoising import check_threshold, threshold_for
from biprompt.segmenter.classes.synonyms import Synonyms, check_synonyms
from biprompt.segmenter.classes.templates import check_templates


@dataclass(frozen=True, slots=True)
class ClassRules:
    """How classes become a label map. The defaults are what was measured best.

    Attributes:
        templates: the words around a name, "{}" where it goes, of which the mean counts; None
            takes those that suit the model.
        synonyms: which further words are asked for beside the name and those given.
        denoise: presence below which a class takes no part; 0 keeps all, None goes by the number
            of classes, see `denoising.threshold_for`.
        least: value of a class's map from which on it claims a pixel; 0 leaves no pixel without a
            class where any class takes part.
        weight: of the presence where classes compete for a pixel.
        soft: compete with the values of the maps; False with outlines alone.
        sharpest: ask every template, then keep the one of least sharpness instead of the mean.

    Raises:
        InputError: a value out of its range, or a template without a place for the name.
    """

    templates: tuple[str, ...] | None = None
    synonyms: Synonyms = "given"
    denoise: float | None = None
    least: float = 0.5
    weight: float = 0.5
    soft: bool = True
    sharpest: bool = False

    def __post_init__(self) -> None:
        """Check every value."""
        if self.templates is not None:
            object.__setattr__(self, "templates", check_templates(self.templates))
        check_synonyms(self.synonyms)
        if self.denoise is not None:
            check_threshold("denoise", self.denoise)
        check_threshold("least", self.least)
        if not 0 <= self.weight <= 10:
            raise InputError("weight", expected="a number from 0 to 10", actual=self.weight)

    def threshold(self, names: int) -> float:
        """Return the presence from which on one of so many classes takes part."""
        return threshold_for(names) if self.denoise is None else self.denoise
