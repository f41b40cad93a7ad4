"""From a model's name to a segmenter."""

from __future__ import annotations

from pathlib import Path

from biprompt.cache import DiskCache, MemoryCache
from biprompt.experts.words import PhraseReader
from biprompt.segmenter.core import Segmenter
from biprompt.selection import Policy
from biprompt.zoo.registry import find_model
from biprompt.zoo.words import WordTable


def load(
    name: str | Path = "compact", *, policy: Policy | None = None, cache: str | Path | bool = False,
    threads: int = 0,
) -> Segmenter:  # fmt: skip
    """Load a model.

    Args:
        name: a model of ``biprompt models``, or a folder that ``biprompt train`` exported.
        policy: how the gate decides.
        cache: keep embeddings on disk too: True for the usual folder, or a folder.
        threads: threads of one call; 0 takes ``BIPROMPT_THREADS``, or all cores.

    Raises:
        WeightsError: there is no such model, or a file of it is damaged. The graphs are read, and
            checked, when the first image is embedded and the first prompt answered.
        InputError: the number of threads is not a whole number from 0.
    """
    from biprompt.runtime.onnx import OnnxRuntime

    runtime = OnnxRuntime(find_model(name).folder, threads)
    reader = PhraseReader(WordTable.load(), runtime.manifest.known_words)
    disk = DiskCache(None if cache is True else Path(cache)) if cache else None
    return Segmenter(runtime, reader, policy=policy, memory=MemoryCache(), disk=disk)
