"""From prompts to the rows of one decoder call."""

from __future__ import annotations

from dataclasses import dataclass, field

from biprompt.experts.pair import Row
from biprompt.experts.spatial import Pointed
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt
from biprompt.runtime.base import Phrase, Reader


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A prompt with its phrases read and its drawings in the model frame.

    Attributes:
        prompt: what was asked, original frame.
        where: what it points at; None for words alone.
        text: what it names.
        negative: what it does not mean.
    """

    prompt: Prompt
    where: Pointed | None
    text: Phrase | None
    negative: Phrase | None

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
        text = reader.read(prompt.text.phrase) if prompt.text else None
        negative = reader.read(prompt.negative_text.phrase) if prompt.negative_text else None
        where = Pointed.of(prompt, frame, masks=masks) if prompt.has_spatial else None
        return cls(prompt, where, text, negative)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Where the answer to one prompt is found; None where there is no such part.

    Attributes:
        asked: the prompt.
        point: row of what is pointed at.
        text: row of the words alone.
        negative: row of the words that are not meant.
        joint: row of pointing and words together.
        phrase: index of the words among all phrases.
        negative_phrase: index of the words that are not meant.
    """

    asked: Asked
    point: int | None
    text: int | None
    negative: int | None
    joint: int | None
    phrase: int | None
    negative_phrase: int | None


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
        said, unwanted = self._phrase(asked.text), self._phrase(asked.negative)
        together = wide and where is not None and said is not None
        return Plan(
            asked,
            point=None if where is None else self._row(Row(where)),
            text=self._words(said),
            negative=self._words(unwanted),
            joint=self._row(Row(where, said, every=True)) if together else None,
            phrase=said,
            negative_phrase=unwanted,
        )

    def _row(self, row: Row) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def _words(self, phrase: int | None) -> int | None:
        if phrase is None:
            return None
        if phrase not in self._alone:
            self._alone[phrase] = self._row(Row(None, phrase))
        return self._alone[phrase]

    def _phrase(self, phrase: Phrase | None) -> int | None:
        if phrase is None or not phrase.understood:
            return None
        if phrase.text not in self._index:
            self._index[phrase.text] = len(self.phrases)
            self.phrases.append(phrase)
        return self._index[phrase.text]
