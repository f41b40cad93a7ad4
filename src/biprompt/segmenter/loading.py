"""From a model's name to a segmenter."""

from __future__ import annotations

import os
from pathlib import Path

from biprompt.cache import DiskCache, MemoryCache
from biprompt.errors import InputError, MissingExtraError
from biprompt.experts.words import PhraseReader
from biprompt.runtime.base import Reader, Runtime
from biprompt.segmenter.core import Segmenter
from biprompt.selection import Policy
from biprompt.zoo.organ_seg import is_organ_seg
from biprompt.zoo.registry import find_model, is_small
from biprompt.zoo.words import WordTable


def load(
    name: str | os.PathLike[str] = "compact", *, text_model: str | os.PathLike[str] | None = None,
    policy: Policy | None = None, cache: str | Path | bool = False, threads: int = 0,
    device: str | None = None, dtype: str | None = None, batch: int | None = None,
) -> Segmenter:  # fmt: skip
    """Load a model.

    Args:
        name: "compact"; a checkpoint or a pair of ``biprompt models``; a file or folder of
            weights; or a folder that ``biprompt train`` exported, Organ-Seg's included.
        text_model: checkpoint or path of the expert that reads words, beside one that is pointed
            with, or instead of that of a pair. Where both hold the same image encoder it is kept
            once.
        policy: how the gate decides.
        cache: keep embeddings on disk too: True for the usual folder, or a folder.
        threads: threads of one call; 0 takes ``BIPROMPT_THREADS``, or all cores.
        device: "cpu", "cuda", "cuda:1", "mps"; None takes the fastest. Not for the compact model.
        dtype: "float32", "bfloat16" or "float16"; None takes what suits the device. Likewise.
        batch: images in one call of :meth:`Segmenter.embed_many`; None likewise.

    Raises:
        WeightsError: there is no such model, its files are not there (the line says how to get
            them), or they are damaged. The graphs of the compact model are read, and checked, when
            they are first needed.
        InputError: a device, precision or number of threads that there is not, or one that the
            compact model does not take.
        MissingExtraError: a checkpoint needs torch, and it is not installed.
        ModelError: the memory is not enough.
    """
    disk = DiskCache(None if cache is True else Path(cache)) if cache else None
    if is_organ_seg(name):
        return _organ_seg(name, text_model, (device, dtype, batch), threads, policy, disk)
    large = {"text_model": text_model, "device": device, "dtype": dtype, "batch": batch}
    if is_small(name):
        _refuse(name, {key: value for key, value in large.items() if value is not None})
        runtime, reader = _small(name, threads)
    else:
        runtime, reader = _large(name, text_model, (device, dtype, batch), threads)
    return Segmenter(runtime, reader, policy=policy, memory=MemoryCache(), disk=disk)


def _refuse(name: object, given: dict[str, object]) -> None:
    for option, value in given.items():
        expected = f"nothing, as {name} runs on the CPU and reads words itself"
        raise InputError(option.replace("_", " "), expected=expected, actual=value)


def _small(name: str | os.PathLike[str], threads: int) -> tuple[Runtime, Reader]:
    from biprompt.runtime.onnx import OnnxRuntime

    runtime = OnnxRuntime(find_model(name).folder, threads)
    return runtime, PhraseReader(WordTable.load(), runtime.manifest.known_words)


def _large(
    name: str | os.PathLike[str], text_model: str | os.PathLike[str] | None,
    place: tuple[str | None, str | None, int | None], threads: int,
) -> tuple[Runtime, Reader]:  # fmt: skip
    from biprompt.zoo.pairs import parts_of

    parts = parts_of(name, text_model)  # a wrong name is the first thing to be told
    _use_torch(name, threads)
    from biprompt.runtime.torch import Place
    from biprompt.segmenter.large import load_parts

    return load_parts(parts, Place.of(*place))


def _organ_seg(
    name: str | os.PathLike[str], text_model: str | os.PathLike[str] | None,
    place: tuple[str | None, str | None, int | None], threads: int,
    policy: Policy | None, disk: DiskCache | None,
) -> Segmenter:  # fmt: skip
    if text_model is not None:
        expected = f"nothing, as {name} reads words itself"
        raise InputError("text model", expected=expected, actual=text_model)
    _use_torch(name, threads)
    from biprompt.runtime.torch import Place
    from biprompt.segmenter.organ_seg import load_segmenter

    return load_segmenter(Path(name), Place.of(*place), policy=policy, disk=disk)


def _use_torch(name: str | os.PathLike[str], threads: int) -> None:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("torch", f"the model {name}") from error
    if threads:
        torch.set_num_threads(threads)
