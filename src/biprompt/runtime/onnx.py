"""The embedded model on onnxruntime: no torch, seconds from a cold start."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ModelError, WeightsError
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)

if TYPE_CHECKING:
    import onnxruntime

PREPROCESSING = "1"
"""Changes when an image would reach the encoder in another form; part of the version."""
MANIFEST = "model.json"
GRAPHS = ("encoder", "text", "decoder")
_LEVELS = ("p4", "p8", "p16", "key8", "c32", "sem32")


class OnnxRuntime:
    """Three graphs of one model; each is opened when it is first needed.

    Args:
        folder: holds ``encoder.onnx``, ``text.onnx``, ``decoder.onnx`` and ``model.json``.
        threads: threads of one call; 0 takes all cores, or ``BIPROMPT_THREADS``.

    Raises:
        WeightsError: the manifest is missing or damaged.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        self._threads = threads or int(os.environ.get("BIPROMPT_THREADS", "0"))
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        self._lock = threading.Lock()
        config, hashes = self.manifest["config"], self.manifest["sha256"]
        digest = hashlib.sha256("".join(hashes[name] for name in GRAPHS).encode()).hexdigest()
        self._query_dim = int(config["text_dim"])
        self._facts = RuntimeFacts(
            model=self.manifest["name"],
            version=f"{digest[:16]}-{PREPROCESSING}",
            long_side=int(self.manifest["long_side"]),
            multiple=32,
        )

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and preprocessing."""
        return self._facts

    def encode(self, image: NDArray[np.uint8]) -> Mapping[str, Float]:
        """See `Runtime.encode`."""
        outputs = self._run("encoder", {"image": np.ascontiguousarray(image)})
        for level in outputs:
            level.flags.writeable = False
        return MappingProxyType(dict(zip(_LEVELS, outputs, strict=True)))

    def ground(self, features: Mapping[str, Float], words: Float, lengths: Float) -> Grounding:
        """See `Runtime.ground`."""
        feed = {name: features[name] for name in ("p16", "c32", "sem32")}
        feed |= {"words": words, "lengths": lengths}
        return Grounding(*self._run("text", feed))

    def decode(
        self, features: Mapping[str, Float], spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`."""
        text = text or self._silent(features, len(spatial))
        feed = {name: features[name] for name in ("p4", "p8", "p16", "key8")}
        for batch in (spatial, text):
            feed |= {name: getattr(batch, name) for name in batch.__dataclass_fields__}
        return Decoded(*self._run("decoder", feed))

    def _silent(self, features: Mapping[str, Float], count: int) -> TextBatch:
        h, w = features["p16"].shape[2:]
        return TextBatch(
            np.zeros((count, self._query_dim), np.float32),
            np.zeros((count, 1, h, w), np.float32),
            np.zeros(count, np.float32),
        )

    def _run(self, name: str, feed: Mapping[str, NDArray[Any]]) -> list[Float]:
        session = self._session(name)
        try:
            return session.run(None, dict(feed))  # type: ignore[no-any-return]
        except Exception as error:  # onnxruntime's own types; all mean that the model failed
            raise ModelError(f"{self.facts.model} {name}: {str(error).splitlines()[0]}") from error

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = self._open(name)
            return self._sessions[name]

    def _open(self, name: str) -> onnxruntime.InferenceSession:
        import onnxruntime

        path = self.folder / f"{name}.onnx"
        data = _checked_bytes(path, self.manifest["sha256"][name])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        # Each graph has its own threads. Left to spin after a call, they would take the cores from
        # the next graph: on two cores, phrase and decoder together take half as long again.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        try:
            return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # as above
            reason = str(error).splitlines()[0]
            raise WeightsError(
                "model", expected="an ONNX graph", actual=reason, path=path
            ) from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """What ``model.json`` of an exported model says.

    Raises:
        WeightsError: it is missing, is not JSON, or lacks a field.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise WeightsError("model", expected="a manifest", actual=error, path=path) from error
    needed = ("name", "long_side", "config", "sha256", "known_words")
    missing = [key for key in needed if key not in manifest]
    missing += [name for name in GRAPHS if name not in manifest.get("sha256", {})]
    if missing:
        raise WeightsError(
            "manifest", expected=", ".join(needed), actual=f"no {missing[0]}", path=path
        )
    return manifest  # type: ignore[no-any-return]


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
