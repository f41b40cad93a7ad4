"""`biprompt segment --domain`: a question about a photograph, one mask for each thing it means."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.cli.outputs import Outputs
from biprompt.cli.progress import Progress
from biprompt.cli.prompt import Asked
from biprompt.cli.status import Status
from biprompt.cli.summary import summary
from biprompt.errors import PromptError

if TYPE_CHECKING:
    from biprompt.presence import Resolution
    from biprompt.prompts import Prompt
    from biprompt.segmenter.questions import Answered

HELP = """\b
With --domain the words are a question, about one thing or several ("the cat and the cup", "both
kidneys", "every organ except the spleen"), see `biprompt concepts`:
  biprompt segment photo.jpg --text "the cat and the cup" --domain coco -o out.png
Where one thing is asked for, its mask goes to out.png; of several, each to a file of its own,
out-cat.png and out-cup.png, and likewise --overlay and --card. --json prints one object, with the
list "answers". Status 0 where one of them is found; 3 where none is, or the question is refused.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOf:
    """What was typed.

    Attributes:
        image: the photograph.
        asked: the prompt; words alone.
        domain: name or file.
        outputs: files to write.
        model: its name.
        loading: other arguments of `biprompt.load`.
        as_json: print one JSON object.
    """

    image: Path
    asked: Asked
    domain: str
    outputs: Outputs
    model: str
    loading: Mapping[str, Any]
    as_json: bool

    def question(self) -> str:
        """Return the question; PromptError when there is anything but words, or no words."""
        return question_of(self.asked.build())


def question_of(prompt: Prompt) -> str:
    """Return the question of a prompt; PromptError when it is anything but words, or no words."""
    if prompt.text is None or prompt.has_spatial or prompt.examples or prompt.negative_text:
        actual = "other prompts" if prompt.text else "no --text"
        raise PromptError("--domain", expected="--text alone to go with it", actual=actual)
    return prompt.text.phrase


def answer_question(typed: AskedOf) -> int:
    """Answer, write the files and print; return the exit status.

    Raises:
        InputError: the question, the domain, the photograph or a file is not what it should be.
    """
    import biprompt
    from biprompt.presence import resolve
    from biprompt.presence.questions import concepts_of
    from biprompt.segmenter.questions import ask

    started = time.perf_counter()
    question, cache = typed.question(), concepts_of(typed.domain)
    outputs = files_for(resolve(question, cache), typed.outputs)
    _check(outputs, typed.image)
    with Progress() as progress:
        progress.step("loading the model")
        segmenter = biprompt.load(typed.model, **typed.loading)
        progress.step("looking at the photograph")
        answered = ask(segmenter, typed.image, question, domain=cache)
        progress.step("writing")
        for answer, files in zip(answered.answers.values(), outputs, strict=True):
            files.write(answer)
    seconds = time.perf_counter() - started
    print(json.dumps(answered.to_dict()) if typed.as_json else _told(answered, outputs, seconds))
    return Status.FOUND if answered.found else Status.ABSENT


def files_for(found: Resolution, outputs: Outputs) -> list[Outputs]:
    """Return the files of each answer: those given, or of several things one set for each."""
    if len(found.concepts) < 2:
        return [outputs]
    return [
        replace(
            outputs,
            mask=_named(outputs.mask, thing),
            overlay=_named(outputs.overlay, thing),
            card=_named(outputs.card, thing),
        )
        for thing in found.concepts
    ]


def _named(path: Path | None, thing: str) -> Path | None:
    if path is None:
        return None
    # A domain of one's own may name things as it likes; a file may not.
    word = re.sub(r"[^\w]+", "-", thing).strip("-")
    return path.with_name(f"{path.stem}-{word}{path.suffix}")


def _check(outputs: Sequence[Outputs], image: Path) -> None:
    written: list[Path] = []
    for files in outputs:
        files.check(image, *written)
        written += files.paths


def _told(answered: Answered, outputs: Sequence[Outputs], seconds: float) -> str:
    blocks = [
        f"{thing}\n{summary(answer, seconds, files.paths)}"
        for (thing, answer), files in zip(answered.answers.items(), outputs, strict=True)
    ]
    refused = [p.reason for p in answered.resolution.parts if p.refused]
    extra = [] if answered.resolution.refused else refused
    return "\n\n".join([*blocks, *extra, *([answered.notice] if answered.notice else [])])
