"""A question and a picture as the ids that a LLaVA reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from biprompt.errors import InputError, PromptError

TURNS: dict[str, tuple[str, str]] = {
    "vicuna": ("USER: ", "\n{text} ASSISTANT:"),
    "mistral": ("[INST] ", "\n{text} [/INST]"),
    "plain": ("", "\n{text}\n"),
}
"""What stands before the picture, and the rest. The paper's prompt has the turns of LLaVA 1.5
("vicuna"); LLaVA-Med 1.5 is built on Mistral."""


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """Makes ids of questions.

    Attributes:
        tokenizer: of the language model, as transformers loads it.
        picture: the id that stands for a piece of the picture.
        pieces: how many of them a picture has.
        turns: how a turn of the user is written.
        longest: ids that the language model takes.

    Raises:
        InputError: the way to write turns is unknown.
    """

    tokenizer: Any
    picture: int
    pieces: int
    turns: str
    longest: int

    def __post_init__(self) -> None:
        """Check the way to write turns."""
        if self.turns not in TURNS:
            raise InputError("turns", expected=", ".join(TURNS), actual=self.turns)

    def ids(self, text: str) -> list[int]:
        """The ids of one turn: the beginning, the picture, the text.

        Raises:
            PromptError: the language model does not take so many.
        """
        before, after = TURNS[self.turns]
        first = list(self.tokenizer(before)["input_ids"])
        said = self.tokenizer(after.format(text=text), add_special_tokens=False)["input_ids"]
        ids = [*first, *[self.picture] * self.pieces, *said]
        if len(ids) > self.longest:
            room = self.longest - len(first) - self.pieces
            raise PromptError(
                "question", expected=f"at most {room} pieces of words", actual=len(said)
            )
        return ids

    @property
    def filling(self) -> int:
        """The id that rows are filled up with; it is never looked at."""
        known = (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id)
        return next((int(one) for one in known if one is not None), 0)

    def batch(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Ids of some turns, as `padded` returns them.

        Raises:
            PromptError: one is too long.
        """
        return self.padded([torch.tensor(self.ids(text)) for text in texts])

    def padded(self, rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Rows of ids, filled up on the right.

        Args:
            rows: ``(T,)`` int64 each.

        Returns:
            the ids, and 1 for each real one, both ``(N, T)`` int64.
        """
        ids = pad_sequence(list(rows), batch_first=True, padding_value=self.filling)
        lengths = torch.tensor([len(row) for row in rows])
        return ids, (torch.arange(ids.shape[1]) < lengths[:, None]).long()
