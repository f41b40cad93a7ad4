"""Where a model runs and in which precision, and what to do when memory runs out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from biprompt.errors import InputError, ModelError

DTYPES: Mapping[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_SHORT = "not enough memory"
_SIGNS = ("can't allocate memory", "out of memory", "not enough memory")
"""How torch's allocators say it; on the CPU there is no error type of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A device and the precision of the large networks on it.

    Attributes:
        device: of torch.
        dtype: of image encoders and BEiT-3; decoders always work in float32, which costs little.
        batch: images in one call of an encoder.
    """

    device: torch.device
    dtype: torch.dtype
    batch: int

    @classmethod
    def of(
        cls, device: str | None = None, dtype: str | None = None, batch: int | None = None
    ) -> Place:
        """Check what is asked for, and choose the rest.

        Args:
            device: "cpu", "cuda", "cuda:1", "mps"; None takes CUDA where there is one, then MPS.
            dtype: a name of :data:`DTYPES`; None takes float32, and on CUDA bfloat16 where the
                card has it, else float16. On the CPU bfloat16 is several times slower.
            batch: images in one call; None takes 8 on CUDA and 1 elsewhere.

        Raises:
            InputError: there is no such device or precision, or the batch is below 1.
        """
        where = _device(device)
        if dtype is not None and dtype not in DTYPES:
            raise InputError("dtype", expected=" or ".join(DTYPES), actual=dtype)
        if batch is not None and batch < 1:
            raise InputError("batch", expected="at least 1", actual=batch)
        chosen = _best_dtype(where) if dtype is None else DTYPES[dtype]
        return cls(where, chosen, batch or (8 if where.type == "cuda" else 1))

    @contextmanager
    def guard(self, what: str) -> Iterator[None]:
        """Turn an exhausted device into one line that names the remedy; the process lives on.

        Raises:
            ModelError: the device's memory is not enough, or torch failed.
        """
        try:
            with torch.inference_mode():
                yield
        except (RuntimeError, MemoryError) as error:  # torch has no narrower root
            if not _is_shortage(error):
                raise ModelError(f"{what}: {error}") from error
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            raise ModelError(f"{what}: {_SHORT} on {self.device}; {self._remedy()}") from error

    def _remedy(self) -> str:
        if self.device.type == "cpu":
            return "take a smaller model, such as mobile-sam or compact"
        fewer = f"fewer images at once (batch below {self.batch}), " if self.batch > 1 else ""
        lower = "dtype bfloat16, " if self.dtype == torch.float32 else ""
        return f"try {fewer}{lower}device cpu, or a smaller model"


def _device(name: str | None) -> torch.device:
    there = available_devices()
    if name is None:
        return torch.device(there[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    known = device is not None and device.type in there
    if device is None or not known or (device.index or 0) >= _count(device.type):
        raise InputError("device", expected=" or ".join(there), actual=name)
    return device


def available_devices() -> tuple[str, ...]:
    """Kinds of device that torch can use here, the fastest first."""
    cuda = ("cuda",) if torch.cuda.is_available() else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return (*cuda, *mps, "cpu")


def _count(kind: str) -> int:
    return torch.cuda.device_count() if kind == "cuda" else 1


def _best_dtype(device: torch.device) -> torch.dtype:
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _is_shortage(error: BaseException) -> bool:
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return any(sign in str(error) for sign in _SIGNS)
