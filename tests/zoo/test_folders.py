"""Finding checkpoints by name, by place and by path; the tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from biprompt.errors import InputError, WeightsError
from biprompt.io.folders import user_cache_folder
from biprompt.zoo.checkpoints import CHECKPOINTS, PAIRS, UrlSource
from biprompt.zoo.families import Family
from biprompt.zoo.folders import (
    Located,
    find_checkpoint,
    installed,
    models_folder,
    published_as,
    target_of,
    tokenizer_beside,
)

MOBILE, EVF = CHECKPOINTS["mobile-sam"], CHECKPOINTS["evf-sam2"]


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path))
    return tmp_path


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_folder_of_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BIPROMPT_MODELS", "BIPROMPT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert models_folder() == tmp_path / ".cache" / "biprompt" / "models"
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert models_folder() == Path("/xdg/biprompt/models")
    monkeypatch.setenv("BIPROMPT_CACHE", "/cache")
    assert models_folder() == Path("/cache/models")
    monkeypatch.setenv("BIPROMPT_MODELS", "/models")
    assert models_folder() == Path("/models")


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError

    for name in ("BIPROMPT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(InputError, match="BIPROMPT_CACHE, XDG_CACHE_HOME or a home folder"):
        user_cache_folder()


@pytest.mark.parametrize(
    "place", ["mobile-sam/mobile_sam.pt", "mobile_sam.pt", "mobile-sam.safetensors"]
)
def test_places_of_a_file(place: str, models: Path) -> None:
    assert installed(MOBILE) is None
    path = touch(models / place)
    assert installed(MOBILE) == path
    assert find_checkpoint("mobile-sam") == Located(path, MOBILE)


@pytest.mark.parametrize("place", ["evf-sam2/model.safetensors", "evf-sam2/pytorch_model.bin"])
def test_places_of_a_repository(place: str, models: Path) -> None:
    (models / "evf-sam2").mkdir()
    assert installed(EVF) is None
    assert installed(EVF) != touch(models / place)
    assert find_checkpoint("evf-sam2") == Located(models / "evf-sam2", EVF)


def test_a_checkpoint_that_is_not_there(models: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        find_checkpoint("mobile-sam")
    assert str(caught.value) == (
        "checkpoint mobile-sam: expected `biprompt models get mobile-sam`, or "
        "https://github.com/ChaoningZhang/MobileSAM/raw/master/weights/mobile_sam.pt as "
        f"{models}/mobile-sam/mobile_sam.pt, got no such file"
    )


@pytest.mark.parametrize("name", ["sam-vit", "", "nul\0byte", "x" * 10_000, "no/such/file"])
def test_neither_a_name_nor_a_path(name: str) -> None:
    with pytest.raises(
        WeightsError, match=r"^checkpoint: expected .*, or an existing file"
    ) as caught:
        find_checkpoint(name)
    assert "\n" not in str(caught.value)


def test_names_that_come_near_are_shown() -> None:
    with pytest.raises(WeightsError, match="expected sam-vit-h, "):
        find_checkpoint("sam-vith")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/sam_vit_h_4b8939.pth", "sam-vit-h"),
        ("a/sam-vit-h.safetensors", "sam-vit-h"),
        ("evf-sam2-multitask/model.safetensors", "evf-sam2-multitask"),
        ("a/mine.pth", None),
    ],
)
def test_a_path_tells_what_was_published(path: str, name: str | None, tmp_path: Path) -> None:
    located = find_checkpoint(touch(tmp_path / path))
    assert located == Located(tmp_path / path, None if name is None else CHECKPOINTS[name])


def test_a_folder_tells_what_was_published(tmp_path: Path) -> None:
    (tmp_path / "evf-sam" / "mine").mkdir(parents=True)
    assert published_as(tmp_path / "evf-sam") is CHECKPOINTS["evf-sam"]
    assert published_as(tmp_path / "evf-sam" / "mine") is None


def test_the_tokenizer_beside(tmp_path: Path) -> None:
    weights = touch(tmp_path / "model.safetensors")
    assert tokenizer_beside(weights) is None
    spm = touch(tmp_path / "beit3.spm")
    assert tokenizer_beside(weights) == tokenizer_beside(tmp_path) == spm
    named = touch(tmp_path / "sentencepiece.bpe.model")
    assert tokenizer_beside(tmp_path) == named


# The tables


def test_the_checkpoints_that_were_promised() -> None:
    assert list(CHECKPOINTS) == [
        *("sam-vit-b", "sam-vit-l", "sam-vit-h", "mobile-sam", "efficient-sam-ti"),
        *("efficient-sam-s", "medsam", "evf-sam", "evf-sam-multitask", "evf-sam2"),
        *("evf-sam2-multitask", "sam-hq-vit-b", "sam-hq-vit-l", "sam-hq-vit-h"),
        *("sam2-tiny", "sam2-small", "sam2-base-plus", "sam2-large"),
        *("sam2.1-tiny", "sam2.1-small", "sam2.1-base-plus", "sam2.1-large", "edgetam"),
    ]


def test_digests_are_whole_and_sizes_plausible() -> None:
    for spec in CHECKPOINTS.values():
        source = spec.source
        if isinstance(source, UrlSource):
            assert source.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", source.sha256)
            assert source.url.startswith("https://") and source.url.removesuffix(".zip").endswith(
                source.file
            )
        # All were published in float32; a file is little more than its numbers.
        assert 0.99 < spec.nbytes / (4 * spec.parameters) < 1.05, spec.name


def test_pairs_point_and_read() -> None:
    assert list(PAIRS) == ["biprompt-h", "biprompt-mobile"]
    for pair in PAIRS.values():
        assert not CHECKPOINTS[pair.points].family.takes_text
        assert CHECKPOINTS[pair.text].family.takes_text


def test_where_a_download_goes(models: Path) -> None:
    assert target_of(MOBILE) == models / "mobile-sam" / "mobile_sam.pt"
    assert target_of(EVF) == models / "evf-sam2"


@pytest.mark.parametrize("family", Family)
def test_families(family: Family) -> None:
    assert family.visual.visual is family.visual
    assert family.takes_text == (family.prompts == ("text",)) == (family is not family.visual)
    without = (Family.EFFICIENT_SAM, *(one for one in Family if one.takes_text))
    assert ("mask" in family.prompts) == (family not in without)
