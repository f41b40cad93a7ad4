"""Verification: every byte against what was published or downloaded, every key against the net."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.zoo.tiny import tiny, write_hub_folder, write_pth, write_sharded_safetensors

from biprompt.errors import WeightsError
from biprompt.zoo.checkpoints import CHECKPOINTS, CheckpointSpec, UrlSource
from biprompt.zoo.download.receipt import FileFacts, Receipt, write_receipt
from biprompt.zoo.families import Family
from biprompt.zoo.folders import Located
from biprompt.zoo.verify import verify


def published(path: Path, sha256: str) -> CheckpointSpec:
    source = UrlSource("https://example.org/tiny.pth", path.name, None, sha256)
    return replace(CHECKPOINTS["sam-vit-b"], source=source)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_as_published(tmp_path: Path) -> None:
    path = write_pth(tiny(Family.SAM), tmp_path)
    verified = verify(Located(path, published(path, sha256_of(path))))
    assert verified.recognised.family is Family.SAM and verified.tensors == len(
        tiny(Family.SAM).state
    )
    (file,) = verified.files
    assert (file.path, file.sha256, file.compared) == (path, sha256_of(path), True)
    assert file.nbytes == path.stat().st_size


def test_not_as_published(tmp_path: Path) -> None:
    path = write_pth(tiny(Family.SAM), tmp_path)
    with pytest.raises(WeightsError, match=r"tiny\.pth: file: expected sha256 0{64}, got sha256 "):
        verify(Located(path, published(path, "0" * 64)))


def test_as_downloaded(tmp_path: Path) -> None:
    folder = write_hub_folder(tiny(Family.EVF_SAM2), tmp_path)
    weights = folder / "model.safetensors"
    facts = FileFacts(weights.stat().st_size, sha256_of(weights))
    write_receipt(folder, Receipt("evf-sam2", "hub", {weights.name: facts}, "c0ffee"))
    assert [file.compared for file in verify(Located(folder, None)).files] == [True]
    assert [file.compared for file in verify(Located(weights, None)).files] == [True]
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(WeightsError, match=r"model\.safetensors: file: expected sha256"):
        verify(Located(folder, None))


def test_with_nothing_to_compare(tmp_path: Path) -> None:
    folder = write_sharded_safetensors(tiny(Family.EVF_SAM), tmp_path)
    verified = verify(Located(folder, None))
    assert [file.compared for file in verified.files] == [False, False]


def test_missing_keys(tmp_path: Path) -> None:
    case = tiny(Family.SAM)
    state = {name: tensor for name, tensor in case.state.items() if "iou_token" not in name}
    path = write_pth(case, tmp_path, content=state | {"extra": torch.ones(1)})
    with pytest.raises(
        WeightsError, match=r"1 \(mask_decoder.iou_token.weight\) missing; 1 \(extra"
    ):
        verify(Located(path, None))
