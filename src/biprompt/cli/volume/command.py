"""Answer a prompt on a slice or a whole volume.

No path, name, number or date of what is read reaches stdout, stderr, JSON or a cache on disk.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.cli.outputs import Outputs
from biprompt.cli.progress import Progress
from biprompt.cli.prompt import Asked
from biprompt.cli.questions import question_of
from biprompt.cli.status import Status
from biprompt.cli.volume.asking import Told, algorithm_of, asked_slice
from biprompt.cli.volume.options import VolumeOptions
from biprompt.cli.volume.outputs import VolumeOutputs
from biprompt.cli.volume.telling import NOTICE, told_slice, told_volume
from biprompt.errors import InputError, PromptError

if TYPE_CHECKING:
    from biprompt.prompts import Prompt
    from biprompt.segmenter import Segmenter
    from biprompt.segmenter.volumes import Scan


GUESSED = (
    "The model learnt its words from photographs: what it says to the name of an organ, yes or no, "
    "is not to be trusted."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was typed.

    Attributes:
        path: the volume.
        options: those of volumes.
        asked: the prompt.
        outputs: files to write.
        model: its name.
        loading: other arguments of `biprompt.load`; embeddings are never kept on disk.
        as_json: print one JSON object.
        domain: what a question may ask for; None takes words as they are.
    """

    path: Path
    options: VolumeOptions
    asked: Asked
    outputs: Outputs
    model: str
    loading: Mapping[str, Any]
    as_json: bool
    domain: str | None = None


def segment_path(question: Question) -> int:
    """Answer, write the files and print; return the exit status.

    Raises:
        InputError: as the readers, `segment_volume` and the outputs; or options without sense.
    """
    import biprompt
    from biprompt.io.medical.files import open_volume

    started = time.perf_counter()
    options = question.options
    prompt = _prompt(question)
    options.check(marked=prompt.has_spatial)
    outputs = VolumeOutputs.of(question.outputs)
    with Progress() as progress:
        progress.step("reading the volume")
        volume = open_volume(question.path, series=options.series)
        outputs.check(volume, question.path, *question.asked.files, whole=options.volume)
        scan = _scan(question, volume)
        index = _index(options, scan, prompt)
        if index is not None:
            scan.picture(index)  # a slice that does not exist, or shows nothing, needs no model
        if _is_guess(question, prompt):
            scan = replace(scan, remarks=(*scan.remarks, GUESSED))
        progress.step("loading the model")
        segmenter = biprompt.load(question.model, **question.loading, cache=False)
        progress.step("looking at the volume")
        if options.volume:
            told = _volume(segmenter, scan, index, prompt, outputs, question)
        elif question.domain is not None:
            told = asked_slice(segmenter, scan, index or 0, prompt, question.domain, outputs)
        else:
            told = _slice(segmenter, scan, index or 0, prompt, outputs)
    print(NOTICE, file=sys.stderr)
    seconds = time.perf_counter() - started
    print(json.dumps(told.facts) if question.as_json else told.text(seconds, outputs.paths))
    return Status.ABSENT if told.verdict == "absent" else Status.FOUND


def _prompt(question: Question) -> Prompt:
    if question.asked.examples or question.asked.negative_examples:
        raise PromptError("--example", expected="a photograph to go with it", actual="a volume")
    prompt = question.asked.build()
    if question.domain is not None:
        question_of(prompt)
    return prompt


def _is_guess(question: Question, prompt: Prompt) -> bool:
    """Whether words go to a model that learnt them from photographs.

    Every model that comes by name did; what lies in a folder may have been trained on scans.

    Raises:
        PromptError: they do, there is nothing else to go by, and nobody asked for a guess.
    """
    from biprompt.cli.models import known_names

    if prompt.text is None or question.model not in known_names():
        return False
    if not (prompt.has_spatial or question.options.untrained or _is_refused(question, prompt)):
        expected = "a model trained on scans (--model DIR), a mark, or --untrained for a guess"
        actual = f"{question.model}, which learnt its words from photographs"
        raise PromptError("words about a scan", expected=expected, actual=actual)
    return True


def _is_refused(question: Question, prompt: Prompt) -> bool:
    """Whether the words name nothing of the domain, so that no model is needed to refuse them."""
    if question.domain is None or prompt.text is None:
        return False
    from biprompt.presence import resolve
    from biprompt.presence.questions import concepts_of

    return resolve(prompt.text.phrase, concepts_of(question.domain)).refused


def _scan(question: Question, volume: Any) -> Scan:
    from biprompt.io.medical.views import Axis
    from biprompt.io.medical.volume import Modality
    from biprompt.io.medical.windows import parse_window
    from biprompt.segmenter.volumes import Scan

    options = question.options
    window = None if options.window is None else parse_window(options.window)
    modality = None if options.modality is None else Modality(options.modality)
    if options.volume:
        volume = volume.loaded()  # every slice is needed, some twice
    return Scan.of(volume, Axis(options.axis or "axial"), window=window, modality=modality)


def _index(options: VolumeOptions, scan: Scan, prompt: Prompt) -> int | None:
    """The slice that is asked; None for words on all of them."""
    if options.volume and not prompt.has_spatial:
        return None
    if options.slice is None and scan.count > 1:
        expected = f"which slice, 0 to {scan.count - 1} ({scan.axis}, {scan.axis.counted})"
        raise InputError("--slice", expected=expected, actual="nothing")
    return options.slice or 0


def _slice(
    segmenter: Segmenter, scan: Scan, index: int, prompt: Prompt, outputs: VolumeOutputs
) -> Told:
    import numpy as np

    from biprompt.segmenter.volumes.answer import UNNAMED, measure

    answer = segmenter.segment(scan.picture(index), prompt=prompt)
    labels = np.zeros(scan.volume.shape, np.uint8)
    scan.stack(labels)[index][answer.mask] = 1
    organ = measure(scan, labels, answer.phrase or UNNAMED)
    outputs.write_slice(answer, labels, organ.name, scan.volume, algorithm_of(segmenter, prompt))
    facts = {"volume": scan.to_dict(), "slice": index, "organs": [organ.to_dict()]}
    text = partial(told_slice, answer, scan, index, organ)
    return Told(answer.verdict, {**answer.to_dict(), **facts}, text)


def _volume(
    segmenter: Segmenter, scan: Scan, index: int | None, prompt: Prompt, outputs: VolumeOutputs,
    question: Question,
) -> Told:  # fmt: skip
    from biprompt.segmenter.volumes import ask_volume, segment_volume

    if index is None:
        every = question.options.every or 1
        answer = ask_volume(segmenter, scan, prompt, every=every, domain=question.domain)
    else:
        answer = segment_volume(segmenter, scan, index, prompt)
    shown = answer.fullest() if index is None else index
    outputs.write_volume(answer, shown, algorithm_of(segmenter, prompt))
    return Told(answer.verdict, {**answer.to_dict(), "slice": index}, partial(told_volume, answer))
