"""Safetensors files written a tensor at a time: the library of the format reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from tests.zoo.weights.test_reading import DTYPES, same, tensors
from torch import Tensor

from biprompt.errors import OutputError, WeightsError
from biprompt.zoo.weights import TensorFacts, open_weights, write_safetensors


def facts_of(state: dict[str, Tensor]) -> dict[str, TensorFacts]:
    return {n: TensorFacts(tuple(t.shape), str(t.dtype)[6:]) for n, t in state.items()}


def write(path: Path, state: dict[str, Tensor], **metadata: str) -> None:
    write_safetensors(path, facts_of(state), state.__getitem__, metadata, force=True)


def test_the_library_reads_what_is_written(tmp_path: Path) -> None:
    write(tmp_path / "x.safetensors", tensors(), by="test")
    with safe_open(tmp_path / "x.safetensors", "pt") as file:
        assert file.metadata() == {"by": "test"}
        read = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert all(torch.equal(read[name], tensor) for name, tensor in tensors().items())


@settings(max_examples=40, deadline=None)
@given(
    shapes=st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.tuples(st.lists(st.integers(0, 4), max_size=4), st.sampled_from(DTYPES)),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_written_is_read_back(
    shapes: dict[str, tuple[list[int], torch.dtype]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("round") / "x.safetensors"
    state = {name: (torch.rand(s) * 9).to(dtype) for name, (s, dtype) in shapes.items()}
    write(path, state)
    assert same(open_weights(path), state)


def test_numbers_are_aligned_where_they_can_be(tmp_path: Path) -> None:
    write(
        tmp_path / "x", {"small": torch.ones(3, dtype=torch.uint8), "wide": torch.ones(5).double()}
    )
    weights = open_weights(tmp_path / "x")
    assert weights["wide"].data_ptr() % 64 == 0


def test_a_view_of_part_of_a_tensor(tmp_path: Path) -> None:
    view = torch.arange(12.0).reshape(3, 4).t()[1:]
    write(tmp_path / "x", {"view": view})
    assert torch.equal(open_weights(tmp_path / "x")["view"], view)


def test_nothing_is_left_of_what_fails(tmp_path: Path) -> None:
    def fail(name: str) -> Tensor:
        raise WeightsError("tensor", expected="it", actual="gone")

    with pytest.raises(WeightsError, match="expected it, got gone"):
        write_safetensors(tmp_path / "x", facts_of(tensors()), fail, {})
    with pytest.raises(OutputError, match="tensor one: expected"):
        wrong = {"one": TensorFacts((2,), "float32")}
        write_safetensors(tmp_path / "x", wrong, tensors().__getitem__, {})
    assert list(tmp_path.iterdir()) == []
