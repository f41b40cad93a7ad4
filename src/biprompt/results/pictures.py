"""An answer as a picture for a person: the overlay and the selection card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.results.card import SelectionCard, Source, Verdict

if TYPE_CHECKING:
    from biprompt.io.draw import Panel
    from biprompt.results.segmentation import Segmentation

_BADGES = {
    Verdict.FOUND: "Found",
    Verdict.ABSENT: "Not here",
    Verdict.DISAGREE: "Words and pointing disagree",
}
_ORIGINS = {
    Source.POINT: "from what was pointed at",
    Source.JOINT: "from pointing and words together",
    Source.TEXT: "from the words alone",
    Source.TEXT_AT_CLICK: "what the words outline, where it was clicked",
    Source.REFINE: "refined from another candidate",
    Source.PART: "from one of the prompts alone",
    Source.MEAN: "the mean of the others",
    Source.DRAWN: "as it was drawn",
    Source.EXAMPLE: "what resembles the examples",
}
_WORDS = "What the words outline"
MOST_SHOWN = 8
"""Candidates with a picture on a card; `--json` has them all."""
_NOTHING = "nothing outlined"
_METRICS = {"iou": "IoU", "dice": "Dice"}


def overlay_pixels(answer: Segmentation) -> npt.NDArray[np.uint8]:
    """Return the mask over the photograph, (H, W, 3) uint8; InputError when it was not kept."""
    from biprompt.io.draw import overlay

    return overlay(_photograph(answer), answer.mask, prompt=answer.prompt)


def card_pixels(answer: Segmentation) -> npt.NDArray[np.uint8]:
    """Return the selection card, (h, w, 3) uint8; InputError when the photograph was not kept."""
    from biprompt.io.draw import card_image

    heard = answer.card.text_understood is not False or answer.verdict is Verdict.ABSENT
    return card_image(
        _photograph(answer),
        panels(answer),
        headline=_headline(answer),
        badge=_BADGES[answer.verdict] if heard else "From pointing alone",
        # An answer to look at twice is not in the colour of success.
        positive=heard and answer.verdict is Verdict.FOUND,
        reason=answer.card.reason,
        footer=_footer(answer),
        prompt=answer.prompt,
    )


def _headline(answer: Segmentation) -> str:
    if answer.phrase:
        return f"“{answer.phrase}”"
    prompt = answer.prompt
    shown = prompt is not None and prompt.shows and not prompt.has_spatial
    return "What the examples show" if shown else "What was pointed at"


def panels(answer: Segmentation) -> list[Panel]:
    """Return the pictures of the card: what the words outline, then the candidates of `_shown`."""
    from biprompt.io.draw import Panel

    card = answer.card
    alone = bool(card.candidates) and all(c.source == Source.TEXT for c in card.candidates)
    shown = [_candidate(card, place) for place in _shown(card)]
    if alone:
        # The text mask is the candidate; it is not shown twice.
        shown[0] = replace(shown[0], title=_WORDS, lines=_about_words(answer))
    elif card.text_mask is not None or card.text_understood is False:
        shown.insert(0, Panel(_WORDS, _words_mask(card), _about_words(answer)))
    return shown or [Panel("The photograph")]


def _shown(card: SelectionCard) -> list[int]:
    """The candidates with a picture: all of a few; of many the winner and those scored highest."""
    places = list(range(len(card.candidates)))
    if len(places) <= MOST_SHOWN:
        return places
    best = sorted(places, key=lambda p: (p != card.winner, -card.candidates[p].score))
    return best[:MOST_SHOWN]


def _photograph(answer: Segmentation) -> npt.NDArray[np.uint8]:
    if answer.image is None:
        raise InputError("image of the answer", expected="the photograph", actual="not kept")
    return answer.image


def _candidate(card: SelectionCard, place: int) -> Panel:
    from biprompt.io.draw import Panel

    candidate = card.candidates[place]
    lines = [_ORIGINS[Source(candidate.source)]]
    lines += _levels_of(card, place)
    if not candidate.mask.any():
        lines.append(_NOTHING)
    return Panel(
        f"Candidate {place + 1}",
        candidate.mask,
        tuple(lines),
        similarity=candidate.similarity,
        score=candidate.score,
        winner=place == card.winner,
    )


def _levels_of(card: SelectionCard, place: int) -> list[str]:
    """What the candidate is of part, object and whole, where there is a choice."""
    levels = card.levels
    names = [name for name, of in levels.items() if of == place]
    return [" and ".join(names)] if names and len(set(levels.values())) > 1 else []


def _words_mask(card: SelectionCard) -> npt.NDArray[np.bool_] | None:
    # What stands for words that mean nothing to the model would only mislead.
    return None if card.text_understood is False else card.text_mask


def _about_words(answer: Segmentation) -> tuple[str, ...]:
    if answer.card.text_understood is False:
        return ("no word of the phrase is known to the model",)
    text_mask = answer.card.text_mask
    lines = [_NOTHING] if text_mask is not None and not text_mask.any() else []
    if answer.presence is not None:
        lines.append(f"presence {answer.presence:.2f}")
    return tuple(lines)


def _footer(answer: Segmentation) -> str:
    card = answer.card
    parts = [f"model {answer.model}"]
    if (count := len(card.candidates)) > MOST_SHOWN:
        parts.append(f"{MOST_SHOWN} of {count} candidates shown")
    if card.similarity is not None:
        parts.append(f"{card.policy} ({_METRICS.get(card.metric, card.metric)}), pool {card.pool}")
    parts += [f"{name} {milliseconds:.0f} ms" for name, milliseconds in card.timings_ms.items()]
    return " · ".join(parts)
