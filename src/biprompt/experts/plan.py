"""From prompts to the rows of one decoder call."""

from __future__ import annotations

from dataclasses import dataclass, field

from biprompt.experts.examples.seen import Seen
from biprompt.experts.pair import Row
from biprompt.experts.spatial import Pointed
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt
from biprompt.prompts.negation import phrases_of
from biprompt.runtime.base import Phrase, Reader


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A prompt with its phrases read and its drawings in the model frame.

    Attributes:
        prompt: what was asked, original frame.
        where: what it points at; None for words alone.
        text: what it names.
        negatives: the things that it does not mean.
        frame: how the model sees the image.
        seen: its examples, as the model saw them.
    """

    prompt: Prompt
    where: Pointed | None
    text: Phrase | None
    negatives: tuple[Phrase, ...]
    frame: ModelFrame
    seen: tuple[Seen, ...] = ()

    @classmethod
    def of(cls, prompt: Prompt, reader: Reader, frame: ModelFrame, *, masks: bool = True) -> Asked:
        """Read a prompt that fits its image.

        Args:
            prompt: what was asked.
            reader: of the model's words.
            frame: how the model sees the image.
            masks: whether the model starts from a mask, see `Pointed.of`.

        Raises:
            PromptError: a phrase of too many words, a polygon too thin to hold a pixel, or too
                many strokes.
        """
        wanted, unwanted = phrases_of(prompt)
        text = None if wanted is None else reader.read(wanted)
        negatives = tuple(reader.read(phrase) for phrase in unwanted)
        where = Pointed.of(prompt, frame, masks=masks) if prompt.has_spatial else None
        return cls(prompt, where, text, negatives, frame)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Where the answer to one prompt is found; None where there is no such part.

    Attributes:
        asked: the prompt.
        point: row of what is pointed at.
        text: row of the words alone.
        negatives: row and phrase of each thing that is not meant; None of what means nothing.
        joint: row of pointing and words together.
        phrase: index of the words among all phrases.
    """

    asked: Asked
    point: int | None
    text: int | None
    negatives: tuple[tuple[int, int] | None, ...]
    joint: int | None
    phrase: int | None


@dataclass(slots=True)
class Batch:
    """The rows and phrases of all prompts; each phrase, and its row of words alone, once."""

    rows: list[Row] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    _index: dict[str, int] = field(default_factory=dict)
    _alone: dict[int, int] = field(default_factory=dict)

    def add(self, asked: Asked, *, wide: bool) -> Plan:
        """Plan one prompt; `wide` adds the joint row, of which all masks count."""
        where = asked.where
        said = self._phrase(asked.text)
        together = wide and where is not None and said is not None
        return Plan(
            asked,
            point=None if where is None else self.ask(Row(where)),
            text=self._words(said),
            negatives=tuple(self._unwanted(phrase) for phrase in asked.negatives),
            joint=self.ask(Row(where, said, every=True)) if together else None,
            phrase=said,
        )

    def ask(self, row: Row) -> int:
        """Add a row; return its number."""
        self.rows.append(row)
        return len(self.rows) - 1

    def _words(self, phrase: int | None) -> int | None:
        if phrase is None:
            return None
        if phrase not in self._alone:
            self._alone[phrase] = self.ask(Row(None, phrase))
        return self._alone[phrase]

    def _unwanted(self, phrase: Phrase) -> tuple[int, int] | None:
        index = self._phrase(phrase)
        row = self._words(index)
        return None if index is None or row is None else (row, index)

    def _phrase(self, phrase: Phrase | None) -> int | None:
        if phrase is None or not phrase.understood:
            return None
        if phrase.text not in self._index:
            self._index[phrase.text] = len(self.phrases)
            self.phrases.append(phrase)
        return self._index[phrase.text]
