"""Devices, precision, and what is said when memory runs out."""

from __future__ import annotations

import pytest
import torch

from biprompt.errors import InputError, ModelError
from biprompt.runtime.torch import Place
from biprompt.runtime.torch.place import available_devices


def test_the_cpu_works_in_float32_one_image_at_a_time() -> None:
    place = Place.of("cpu")
    assert (place.device.type, place.dtype, place.batch) == ("cpu", torch.float32, 1)
    assert Place.of("cpu", "bfloat16", 4) == Place(torch.device("cpu"), torch.bfloat16, 4)


def test_the_fastest_device_is_taken_unless_one_is_named() -> None:
    assert Place.of().device.type == available_devices()[0]
    assert available_devices()[-1] == "cpu"


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "meta", "", "cpu:1", "gpu"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"device: expected .*cpu, got"):
        Place.of(name)


def test_wrong_precision_and_batch_are_refused() -> None:
    with pytest.raises(
        InputError, match="dtype: expected float32 or bfloat16 or float16, got int8"
    ):
        Place.of("cpu", "int8")
    with pytest.raises(InputError, match="batch: expected at least 1, got 0"):
        Place.of("cpu", None, 0)


@pytest.mark.parametrize(
    "place, remedy",
    [
        (Place(torch.device("cuda"), torch.float32, 8), "fewer images at once .batch below 8., "),
        (Place(torch.device("mps"), torch.float32, 1), "try dtype bfloat16, device cpu"),
        (Place(torch.device("cpu"), torch.float32, 1), "take a smaller model"),
    ],
)
def test_a_full_device_names_the_remedy(
    place: Place, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    said = f"sam: not enough memory on .*{remedy}"
    with pytest.raises(ModelError, match=said), place.guard("sam"):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")


def test_another_failure_keeps_its_words() -> None:
    with pytest.raises(ModelError, match="sam: mat1 and mat2"), Place.of("cpu").guard("sam"):
        torch.zeros(2, 3) @ torch.zeros(2, 3)
