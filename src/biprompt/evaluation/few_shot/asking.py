"""Word an episode: by its examples, or by the name of its class."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from biprompt.data.samples import EpisodeSample
from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.referring.asking import template
from biprompt.evaluation.referring.questions import Reading
from biprompt.evaluation.study import look
from biprompt.prompts import Prompt
from biprompt.results import Segmentation


class Told(StrEnum):
    """What a model is told of the class."""

    EXAMPLES = "examples"
    NAME = "name"


def ask(contender: Contender, episode: EpisodeSample, told: Told) -> Segmentation:
    """Look at the query and ask; the mask comes whatever the presence.

    Raises:
        PromptError: the model takes no examples, or no words.
        DataError: the query has another size than its mask.
    """
    policy = replace(contender.policy, presence_threshold=0.0)
    query = episode.query
    prompt = _prompt(contender, episode, told)
    try:
        answer = contender.model.segment(
            look(contender, query.picture), prompt=prompt, policy=policy
        )
    except PromptError as error:
        if told is Told.NAME or error.what != Told.EXAMPLES:
            raise
        expected = f"a model that takes example images; `--told name` asks {contender.name} by name"
        raise PromptError(error.what, expected=expected, actual=contender.name) from error
    return check_answer(answer, query.mask(), query.picture.path)


def _prompt(contender: Contender, episode: EpisodeSample, told: Told) -> Prompt:
    if told is Told.NAME:
        pattern = template(Reading.CLASSES, contender)
        return Prompt.build(text=pattern.replace("{}", episode.label.strip().lower()))
    return Prompt.build(
        examples=[(shot.picture.load().pixels, shot.mask()) for shot in episode.supports]
    )
