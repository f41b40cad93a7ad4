"""Files of weights: whole ones are read lazily, others are refused in one line."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from biprompt.errors import MissingExtraError, WeightsError
from biprompt.zoo.weights import Weights, holds_weights, open_weights, weight_files

DTYPES = (
    torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
)  # fmt: skip


def tensors() -> dict[str, Tensor]:
    """Every type, odd sizes, nothing aligned; a single number, and no number at all."""
    values = torch.arange(15).reshape(3, 5) % 7
    made = {f"of.{str(dtype)[6:]}": values.to(dtype) for dtype in DTYPES}
    return made | {"one": torch.tensor(2.5), "none": torch.zeros(0, 4)}


def same(weights: Weights, expected: dict[str, Tensor]) -> bool:
    return set(weights) == set(expected) and all(
        weights[name].dtype == tensor.dtype
        and weights[name].shape == tensor.shape
        and torch.equal(weights[name], tensor)
        for name, tensor in expected.items()
    )


def test_what_the_library_of_the_format_wrote(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "x.safetensors", metadata={"by": "test"})
    weights = open_weights(tmp_path / "x.safetensors")
    assert same(weights, tensors())
    assert weights.metadata == {"by": "test"}
    assert weights.facts["one"].shape == () and weights.facts["none"].nbytes == 0
    assert weights.nbytes == sum(t.numel() * t.itemsize for t in tensors().values())


def test_numbers_that_begin_anywhere(tmp_path: Path) -> None:
    header = {
        "byte": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "wide": {"dtype": "F64", "shape": [2], "data_offsets": [1, 17]},
    }
    text = json.dumps(header).encode()
    numbers = torch.tensor([1.5, -2.5], dtype=torch.float64)
    data = b"\x07" + numbers.numpy().tobytes()
    (tmp_path / "x").write_bytes(len(text).to_bytes(8, "little") + text + data)
    weights = open_weights(tmp_path / "x")
    assert torch.equal(weights["wide"], numbers) and weights["wide"].data_ptr() % 8 == 0


@pytest.mark.parametrize("zipped", [True, False])
def test_what_torch_wrote(zipped: bool, tmp_path: Path) -> None:
    torch.save(tensors(), tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    assert same(open_weights(tmp_path / "x.pth"), tensors())


@pytest.mark.parametrize("key", ["model", "state_dict", "module", "model_state_dict"])
def test_a_training_run(key: str, tmp_path: Path) -> None:
    torch.save({key: tensors(), "optimizer": {"lr": 0.1}, "epoch": 3}, tmp_path / "x.pt")
    assert same(open_weights(tmp_path / "x.pt"), tensors())


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "x.bin")
    assert same(open_weights(tmp_path / "x.bin"), tensors())


def test_reading_writes_nothing_back(tmp_path: Path) -> None:
    save_file({"a": torch.ones(4)}, tmp_path / "x.safetensors")
    open_weights(tmp_path / "x.safetensors")["a"].zero_()
    assert torch.equal(open_weights(tmp_path / "x.safetensors")["a"], torch.ones(4))


# Folders and shards


def test_a_folder_prefers_safetensors(tmp_path: Path) -> None:
    torch.save({"old": torch.ones(1)}, tmp_path / "pytorch_model.bin")
    save_file({"new": torch.ones(1)}, tmp_path / "model.safetensors")
    assert list(open_weights(tmp_path)) == ["new"]


def test_a_folder_with_one_file_of_any_name(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "mine.pt")
    (tmp_path / "config.json").write_text("{}")
    assert weight_files(tmp_path) == (tmp_path / "mine.pt",)


def test_a_folder_that_may_mean_several(tmp_path: Path) -> None:
    for name in ("b.pt", "a.pth"):
        torch.save({"a": torch.ones(1)}, tmp_path / name)
    with pytest.raises(
        WeightsError, match=r"folder: expected one file of weights .* got a\.pth, b"
    ):
        open_weights(tmp_path)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: None])
def test_an_empty_folder_and_none(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "models")
    assert not holds_weights(tmp_path / "models")
    with pytest.raises(WeightsError, match=r"models: (folder|checkpoint): expected .* got none$"):
        open_weights(tmp_path / "models")


def index(folder: Path, weight_map: object) -> Path:
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": weight_map}))
    return path


def test_missing_shards_are_named(tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "1.safetensors")
    index(tmp_path, {"a": "1.safetensors", "b": "2.safetensors", "c": "3.safetensors"})
    with pytest.raises(
        WeightsError, match=r"all 3 shards .* got 2 missing: 2\.safetensors, 3\.saf"
    ):
        open_weights(tmp_path)


def test_a_tensor_in_two_shards(tmp_path: Path) -> None:
    for name in ("1.safetensors", "2.safetensors"):
        save_file({"a": torch.ones(1)}, tmp_path / name)
    index(tmp_path, {"a": "1.safetensors", "b": "2.safetensors"})
    with pytest.raises(
        WeightsError, match=r"2\.safetensors: shards: expected each tensor once, got a"
    ):
        open_weights(tmp_path)


@pytest.mark.parametrize("weight_map", [{}, {"a": "../x.bin"}, {"a": "/etc/passwd"}, {"a": 3}, [1]])
def test_an_index_that_is_none(weight_map: object, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"index of shards: expected a weight_map"):
        open_weights(index(tmp_path, weight_map))


# What is no checkpoint


class Harmful:
    """Its pickle would write a file."""

    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("import pathlib; pathlib.Path('run').touch()",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_run_code_is_not_run(
    zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.pth"
    torch.save({"a": Harmful()}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match=r"got a pickle that would run code \(exec\)$"):
        open_weights(path)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "actual"),
    [
        ([torch.ones(1)], "a list"),
        ({"a": torch.ones(1), "lr": 0.1}, "float at 'lr'"),
        ({1: torch.ones(1)}, "Tensor at 1"),
        (torch.ones(1), "a Tensor"),
        ({"a": torch.ones(2).to_sparse()}, "a of float32, torch.sparse_coo"),
        ({"a": torch.ones(2, dtype=torch.complex64)}, "a of complex64, torch.strided"),
    ],
    ids=str,
)
def test_a_file_of_torch_that_is_no_state_dict(
    content: object, actual: str, tmp_path: Path
) -> None:
    torch.save(content, tmp_path / "x.pth")
    with pytest.raises(WeightsError) as caught:
        open_weights(tmp_path / "x.pth")
    assert str(caught.value).endswith(f"as torch.save writes a state dict, got {actual}")


def test_a_program_of_torch(tmp_path: Path) -> None:
    torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "x.pt")
    with pytest.raises(WeightsError, match=r"got a TorchScript program$"):
        open_weights(tmp_path / "x.pt")


def test_a_plain_pickle(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(WeightsError, match="got a damaged"):
        open_weights(tmp_path / "x.bin")


@pytest.mark.parametrize(
    ("content", "actual"),
    [
        (b"", "an empty file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:a\n", "a Git LFS pointer"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a photograph"),
        (b"not a checkpoint at all", "a damaged"),
        (b"PK\x03\x04 not an archive", "a damaged or truncated file"),
        (bytes(100), "a damaged"),
    ],
    ids=repr,
)
def test_what_is_found_where_weights_should_be(content: bytes, actual: str, tmp_path: Path) -> None:
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(
        WeightsError, match=f"x.pth: checkpoint: expected .*, got {actual}"
    ) as caught:
        open_weights(tmp_path / "x.pth")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.999, 0.5, 0.1, 0.01])
@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy"])
def test_a_truncated_file(kind: str, share: float, tmp_path: Path) -> None:
    state, path = {f"t{i}": torch.rand(100) for i in range(9)}, tmp_path / "x"
    if kind == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(WeightsError, match=r"damaged|truncated|downloaded to its end") as caught:
        open_weights(path)
    assert "\n" not in str(caught.value)


def test_a_file_with_something_after_its_end(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2)}, tmp_path / "x")
    size = (tmp_path / "x").stat().st_size
    with (tmp_path / "x").open("ab") as file:
        file.write(b"abc")
    with pytest.raises(WeightsError, match=f"expected {size} bytes, got {size + 3} bytes"):
        open_weights(tmp_path / "x")


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]},
        {"dtype": "C64", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "two", "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2]},
        7,
    ],
    ids=str,
)
def test_a_header_that_lies(entry: object, tmp_path: Path) -> None:
    text = json.dumps({"a": entry}).encode()
    (tmp_path / "x").write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
    with pytest.raises(WeightsError, match="x: safetensors file: expected a header of tensors"):
        open_weights(tmp_path / "x")


def test_a_safetensors_file_without_tensors(tmp_path: Path) -> None:
    save_file({}, tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match=r"safetensors: checkpoint: expected tensors, got none"):
        open_weights(tmp_path / "x.safetensors")


def test_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(tensors(), tmp_path / "x.pth")
    save_file(tensors(), tmp_path / "x.safetensors")
    monkeypatch.setitem(__import__("sys").modules, "biprompt.zoo.weights.pickled", None)
    with pytest.raises(MissingExtraError, match=r'pip install "biprompt\[torch\]"'):
        open_weights(tmp_path / "x.pth")
    assert open_weights(tmp_path / "x.safetensors").facts["one"].dtype == "float32"
