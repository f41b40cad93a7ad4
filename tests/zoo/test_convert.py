"""Conversion: the same weights in one file that says what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from tests.zoo.tiny import WRITERS, Case, tiny, write_hub_folder, write_pth

from biprompt.errors import OutputError, WeightsError
from biprompt.zoo.build import load_checkpoint
from biprompt.zoo.convert import convert
from biprompt.zoo.families import EVF_SAM2_FIRST, Family
from biprompt.zoo.recognise import KEY


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("family", [Family.SAM, Family.MOBILE_SAM, Family.EVF_SAM2])
def test_the_same_weights(
    family: Family, write: Callable[[Case, Path], Path], tmp_path: Path
) -> None:
    case = tiny(family)
    (tmp_path / "from").mkdir()
    done = convert(write(case, tmp_path / "from"), tmp_path / "to.safetensors")
    state = load_file(done.path)
    assert state.keys() == case.state.keys()  # the memory of SAM 2 too: it is no image's, but there
    assert all(torch.equal(state[name], tensor) for name, tensor in case.state.items())
    again = load_checkpoint(done.path)
    assert (again.recognised.visual, again.recognised.evf) == (
        case.recognised.visual,
        case.recognised.evf,
    )
    assert done.nbytes == done.path.stat().st_size


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_another_type(dtype: str, tmp_path: Path) -> None:
    source = write_pth(tiny(Family.MOBILE_SAM), tmp_path)
    with safe_open(convert(source, tmp_path / "o.safetensors", dtype=dtype).path, "pt") as file:
        types = {name: file.get_tensor(name).dtype for name in file.keys()}  # noqa: SIM118
    kept = {torch.int64, torch.float32}  # counts, and the frequencies that tell pixels apart
    assert set(types.values()) == {getattr(torch, dtype)} | kept
    assert [
        name for name, kind in types.items() if kind is torch.float32 and dtype != "float32"
    ] in (
        [],
        ["prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"],
    )


def test_the_preset_travels_and_so_does_the_tokenizer(tmp_path: Path) -> None:
    (tmp_path / "evf-sam2").mkdir()
    (tmp_path / "out").mkdir()
    source = write_hub_folder(tiny(Family.EVF_SAM2), tmp_path / "evf-sam2")
    done = convert(source, tmp_path / "out" / "mine.safetensors")
    assert done.tokenizer == tmp_path / "out" / "sentencepiece.bpe.model"
    assert done.tokenizer.read_bytes() == b"not read here"
    loaded = load_checkpoint(done.path)
    assert (loaded.preset, loaded.tokenizer) == (EVF_SAM2_FIRST, done.tokenizer)


def test_a_converted_file_converts_to_itself(tmp_path: Path) -> None:
    first = convert(write_pth(tiny(Family.EVF_SAM), tmp_path), tmp_path / "1.safetensors").path
    assert convert(first, tmp_path / "2.safetensors").path.read_bytes() == first.read_bytes()
    before = first.read_bytes()
    assert convert(first, first, force=True).path.read_bytes() == before


def test_garbage_buffers_stay_behind(tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    source = write_pth(case, tmp_path, content=case.state | {"pixel_mean": torch.ones(3)})
    assert "pixel_mean" not in load_file(convert(source, tmp_path / "o.safetensors").path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source = write_hub_folder(tiny(Family.SAM), tmp_path)
    (tmp_path / "o.safetensors").write_bytes(b"mine")
    with pytest.raises(OutputError, match="expected a new file"):
        convert(source, tmp_path / "o.safetensors")
    assert (tmp_path / "o.safetensors").read_bytes() == b"mine"
    convert(source, tmp_path / "o.safetensors", force=True)
    assert KEY in safe_open(tmp_path / "o.safetensors", "pt").metadata()


def test_another_tokenizer_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    source = write_hub_folder(tiny(Family.SAM), tmp_path / "from")
    (tmp_path / "sentencepiece.bpe.model").write_bytes(b"mine")
    with pytest.raises(OutputError, match="expected a new file"):
        convert(source, tmp_path / "o.safetensors")
    assert not (tmp_path / "o.safetensors").exists()


def test_an_output_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a name that ends in \.safetensors, got o\.pth"):
        convert(write_pth(tiny(Family.SAM), tmp_path), tmp_path / "o.pth")


def test_what_is_not_known_is_not_converted(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match="keys such as a"):
        convert(tmp_path / "x.pth", tmp_path / "o.safetensors")
    assert not (tmp_path / "o.safetensors").exists()
