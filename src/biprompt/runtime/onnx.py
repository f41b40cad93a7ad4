"""The embedded model on onnxruntime: no torch, seconds from a cold start."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError, ModelError, WeightsError
from biprompt.geometry import ModelFrame, fit_longest
from biprompt.io.pixels import resize_pixels
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)
from biprompt.runtime.dense import joined_levels
from biprompt.runtime.manifest import read_manifest

if TYPE_CHECKING:
    import onnxruntime

PREPROCESSING = "1"
"""Changes when an image would reach the encoder in another form; part of the version."""
THREADS_VARIABLE = "BIPROMPT_THREADS"
"""Environment variable with the number of threads where a caller gives none."""
_MULTIPLE = 32
"""Sides of the resized image are multiples of this."""
_OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "encoder": ("p4", "p8", "p16", "key8", "c32", "sem32"),
    "text": ("query", "prior", "presence"),
    "decoder": ("logits", "iou"),
}

_ALIKE = ("sem32", "c32", "p16", "key8")
"""Feature maps by which places are compared, each with the same say."""


class OnnxRuntime:
    """Three graphs of one model; each is opened when it is first needed.

    Args:
        folder: holds ``encoder.onnx``, ``text.onnx``, ``decoder.onnx`` and ``model.json``.
        threads: threads of one call; 0 takes ``BIPROMPT_THREADS``, or all cores.

    Raises:
        WeightsError: the manifest is missing or damaged. The graphs are checked when they are
            opened: then a call raises it.
        InputError: the number of threads is not a whole number from 0.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Read the manifest."""
        self.folder = folder
        self.manifest = read_manifest(folder)
        self._threads = _thread_count(threads)
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        self._lock = threading.Lock()
        long_side = self.manifest.long_side
        version = f"{self.manifest.digest}-{long_side}-{PREPROCESSING}"
        self._facts = RuntimeFacts(self.manifest.name, version, one_part=True, semantic=True)

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        return self._facts

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """See `Runtime.frame`."""
        return ModelFrame(hw, fit_longest(hw, self.manifest.long_side, _MULTIPLE))

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`; one after the other, as their sizes differ."""
        return [self._look(image) for image in images]

    def _look(self, image: NDArray[np.uint8]) -> Mapping[str, Float]:
        hw = (image.shape[0], image.shape[1])
        small = resize_pixels(image, self.frame(hw).model_hw)
        levels = self._run("encoder", {"image": np.ascontiguousarray(small)})
        for level in levels:
            level.flags.writeable = False
        return MappingProxyType(dict(zip(_OUTPUTS["encoder"], levels, strict=True)))

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`."""
        feed = {name: image.features[name] for name in ("p16", "c32", "sem32")}
        feed["words"], feed["lengths"] = word_batch(phrases)
        query, prior, presence = self._run("text", feed)
        return Grounding({"query": query, "prior": prior}, presence)

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`."""
        text = text or self._silent(image.features, len(spatial))
        feed = {name: image.features[name] for name in ("p4", "p8", "p16", "key8")}
        feed |= {name: getattr(spatial, name) for name in spatial.__dataclass_fields__}
        feed |= {**text.state, "has_text": text.has_text}
        logits, iou = self._run("decoder", feed)
        return Decoded(logits, iou)

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`: what is named and what is seen, on the grid of ``p16``."""
        return joined_levels([image.features[name] for name in _ALIKE], image.features["p16"])

    def _silent(self, features: Mapping[str, Float], count: int) -> TextBatch:
        h, w = features["p16"].shape[2:]
        state = {
            "query": np.zeros((count, self.manifest.text_dim), np.float32),
            "prior": np.zeros((count, 1, h, w), np.float32),
        }
        return TextBatch(state, np.zeros(count, np.float32))

    def _run(self, name: str, feed: Mapping[str, NDArray[Any]]) -> list[Float]:
        session = self._session(name)
        try:
            return session.run(_OUTPUTS[name], dict(feed))  # type: ignore[no-any-return]
        except Exception as error:  # onnxruntime's own types; all mean that the model failed
            raise ModelError(f"{self.facts.model} {name}: {error}") from error

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = self._open(name)
            return self._sessions[name]

    def _open(self, name: str) -> onnxruntime.InferenceSession:
        path = self.folder / f"{name}.onnx"
        session = _opened(_checked_bytes(path, self.manifest.sha256[name]), self._threads, path)
        made = tuple(output.name for output in session.get_outputs())
        if made != _OUTPUTS[name]:  # exported by another version of this package
            expected = "the outputs " + ", ".join(_OUTPUTS[name])
            raise WeightsError("model file", expected=expected, actual=", ".join(made), path=path)
        return session


def word_batch(phrases: Sequence[Phrase]) -> tuple[Float, Float]:
    """Word vectors ``(P, L, D)``, padded with zeros, and lengths ``(P,)``."""
    longest = max(len(phrase.tokens) for phrase in phrases)
    words = np.zeros((len(phrases), longest, phrases[0].tokens.shape[1]), np.float32)
    for row, phrase in zip(words, phrases, strict=True):
        row[: len(phrase.tokens)] = phrase.tokens
    return words, np.array([len(phrase.tokens) for phrase in phrases], np.float32)


def _thread_count(threads: int) -> int:
    given = threads or os.environ.get(THREADS_VARIABLE) or 0
    try:
        count = int(given)
    except ValueError:
        count = -1
    if count < 0:
        raise InputError("threads", expected="a whole number from 0", actual=given)
    return count


def _opened(data: bytes, threads: int, path: Path) -> onnxruntime.InferenceSession:
    # Its telemetry keeps a device id and a log below the user's home; nobody asked for that.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Each graph has its own threads. Left to spin after a call, they would take the cores from
    # the next graph: on two cores, phrase and decoder together take half as long again.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own types
        raise WeightsError(
            "model file", expected="an ONNX graph", actual=error, path=path
        ) from error


def _checked_bytes(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            "model file", expected="a file", actual=error.strerror, path=path
        ) from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != sha256:
        raise WeightsError(
            "model file", expected=f"sha256 {sha256[:16]}…", actual=f"{actual[:16]}…", path=path
        )
    return data
