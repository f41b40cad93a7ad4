"""A question of a domain about one slice: one number, and one set of pictures, for each thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.cli.questions import files_for, question_of
from biprompt.cli.volume.outputs import VolumeOutputs
from biprompt.cli.volume.telling import told_things

if TYPE_CHECKING:
    from biprompt.io.medical.dicom_seg import Algorithm
    from biprompt.prompts import Prompt
    from biprompt.segmenter import Segmenter
    from biprompt.segmenter.volumes import Scan


@dataclass(frozen=True, slots=True)
class Told:
    """An answer for the caller: the object for `--json`, and lines for a person."""

    verdict: str
    facts: Mapping[str, Any]
    text: Callable[[float, Sequence[Path]], str]


def asked_slice(
    segmenter: Segmenter, scan: Scan, index: int, prompt: Prompt, domain: str,
    outputs: VolumeOutputs,
) -> Told:  # fmt: skip
    """Answer a question about one slice, and write the files.

    Raises:
        InputError: the question, the domain or a file is not what it should be.
    """
    import numpy as np

    from biprompt.presence import resolve
    from biprompt.presence.questions import concepts_of
    from biprompt.segmenter.questions import ask
    from biprompt.segmenter.volumes.answer import measure

    question, cache = question_of(prompt), concepts_of(domain)
    files = files_for(resolve(question, cache), outputs.pictures)
    for one in files:
        one.check()
    answered = ask(segmenter, scan.picture(index), question, domain=cache)
    labels = np.zeros(scan.volume.shape, np.uint8)
    plane = scan.stack(labels)[index]
    for number, answer in enumerate(answered.answers.values(), 1):
        plane[answer.mask & (plane == 0)] = number
    organs = [measure(scan, labels, thing, i) for i, thing in enumerate(answered.answers, 1)]
    for one, answer in zip(files, answered.answers.values(), strict=True):
        one.write(answer)
    names = list(answered.answers)
    outputs.write_labels(labels, names, scan.volume, algorithm_of(segmenter, prompt))
    facts = {"volume": scan.to_dict(), "slice": index, "organs": [o.to_dict() for o in organs]}
    verdict = "found" if answered.found else "absent"
    text = partial(told_things, verdict, answered.reason, scan, index, organs)
    return Told(verdict, {**answered.to_dict(), **facts}, text)


def algorithm_of(segmenter: Segmenter, prompt: Prompt) -> Algorithm:
    """Return what a DICOM segmentation says about how it was made."""
    from biprompt import __version__
    from biprompt.io.medical.dicom_seg import Algorithm

    return Algorithm(segmenter.name, __version__, prompt.has_spatial)
