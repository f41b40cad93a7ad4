"""From a model's name to a segmenter."""

from __future__ import annotations

import os
from pathlib import Path

from biprompt.cache import DiskCache, MemoryCache
from biprompt.errors import InputError
from biprompt.segmenter.core import Segmenter
from biprompt.segmenter.opening import How, open_model
from biprompt.selection import Policy
from biprompt.zoo.organ_seg import is_organ_seg


def load(
    name: str | os.PathLike[str] = "compact", *, text_model: str | os.PathLike[str] | None = None,
    policy: Policy | None = None, cache: str | Path | bool = False, threads: int = 0,
    device: str | None = None, dtype: str | None = None, batch: int | None = None,
) -> Segmenter:  # fmt: skip
    """Load a model.

    Args:
        name: "compact"; a checkpoint, a foundation model or a pair of ``biprompt models``; a file
            or folder of weights, that of ``save_pretrained`` of transformers included; or a folder
            that ``biprompt train`` exported, Organ-Seg's included.
        text_model: the model that reads words, likewise, beside any that is pointed with, or
            instead of that of a pair. Where both hold the same image encoder it is kept once.
        policy: how the gate decides.
        cache: keep embeddings on disk too: True for the usual folder, or a folder.
        threads: threads of one call; 0 takes ``BIPROMPT_THREADS``, or all cores.
        device: "cpu", "cuda", "cuda:1", "mps"; None takes the fastest. Not for the compact model
            alone.
        dtype: "float32", "bfloat16" or "float16"; None takes what suits the device. Likewise.
        batch: images in one call of :meth:`Segmenter.embed_many`; None likewise.

    Raises:
        WeightsError: there is no such model, its files are not there (the line says how to get
            them), or they are damaged. The graphs of the compact model are read, and checked, when
            they are first needed.
        InputError: a device, precision or number of threads that there is not, or one that the
            compact model does not take.
        MissingExtraError: a model needs torch or transformers, and it is not installed.
        ModelError: the memory is not enough, or the release of transformers is another than the
            one that is known.
    """
    disk = DiskCache(None if cache is True else Path(cache)) if cache else None
    how = How(device, dtype, batch, threads)
    if is_organ_seg(name):
        return _organ_seg(name, text_model, how, policy, disk)
    runtime, reader = open_model(name, text_model, how)
    return Segmenter(runtime, reader, policy=policy, memory=MemoryCache(), disk=disk)


def _organ_seg(
    name: str | os.PathLike[str], text_model: str | os.PathLike[str] | None, how: How,
    policy: Policy | None, disk: DiskCache | None,
) -> Segmenter:  # fmt: skip
    if text_model is not None:
        expected = f"nothing, as {name} reads words itself"
        raise InputError("text model", expected=expected, actual=text_model)
    place = how.place(name)
    from biprompt.segmenter.organ_seg import load_segmenter

    return load_segmenter(Path(name), place, policy=policy, disk=disk)
