"""From the name of a checkpoint to its files: addresses, archives, repositories, receipts."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub import errors
from tests.zoo.download.conftest import Site

from biprompt.errors import MissingExtraError, OutputError, WeightsError
from biprompt.zoo.checkpoints import CheckpointSpec, HubSource, UrlSource
from biprompt.zoo.download import get, read_receipt
from biprompt.zoo.download.hub import wanted_files
from biprompt.zoo.families import Family, Preset

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def spec(source: UrlSource | HubSource) -> CheckpointSpec:
    return CheckpointSpec("mine", "mine", Family.SAM, 1, "free", source, Preset())


def test_from_an_address(site: Site, models: Path) -> None:
    site.files["/w/x.pth"] = CONTENT
    mine = spec(UrlSource(f"{site.url}/w/x.pth", "x.pth", len(CONTENT), SHA256))
    path = get(mine)
    assert path == models / "mine" / "x.pth" and path.read_bytes() == CONTENT
    receipt = read_receipt(models / "mine")
    assert receipt is not None and receipt.source == mine.source.url
    assert (receipt.files["x.pth"].nbytes, receipt.files["x.pth"].sha256) == (len(CONTENT), SHA256)
    assert get(mine) == path and len(site.asked) == 1  # it is there


def test_what_the_user_put_there_is_not_downloaded(site: Site, models: Path) -> None:
    models.mkdir()
    (models / "x.pth").write_bytes(b"mine")
    assert get(spec(UrlSource(f"{site.url}/x.pth", "x.pth"))) == models / "x.pth"
    assert site.asked == []


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, CONTENT)
    return data.getvalue()


@pytest.mark.parametrize("inside", ["x.pt", "weights/x.pt"])
def test_from_an_archive(inside: str, site: Site, models: Path) -> None:
    site.files["/x.pt.zip"] = archive("readme", inside)
    path = get(spec(UrlSource(f"{site.url}/x.pt.zip", "x.pt", archived=True)))
    assert path.read_bytes() == CONTENT
    assert sorted(p.name for p in path.parent.iterdir()) == ["biprompt.json", "x.pt"]
    receipt = read_receipt(path.parent)
    assert receipt is not None and receipt.files["x.pt"].sha256 == SHA256


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (archive("a.pt"), "0 of that name"),
        (archive("a/x.pt", "b/x.pt"), "2 of that name"),
        (b"<html>", "File is not a zip file"),
        (archive("x.pt").replace(CONTENT[:3], b"xxx", 1)[:-200], "File is not a zip file"),
    ],
)
def test_an_archive_that_is_none(content: bytes, told: str, site: Site, models: Path) -> None:
    site.files["/x.pt.zip"] = content
    with pytest.raises(WeightsError, match=f"archive: expected a zip .* x.pt, got {told}"):
        get(spec(UrlSource(f"{site.url}/x.pt.zip", "x.pt", archived=True)))
    assert not (models / "mine" / "x.pt").exists()


# Repositories

REPO = HubSource("someone/mine")


@dataclass
class Hub:
    """Stands in for the hub: what it holds, what it says, what was asked for."""

    files: dict[str, bytes]
    error: Exception | None = None
    says: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def model_info(self, repo: str, *, revision: str, files_metadata: bool) -> SimpleNamespace:
        assert (repo, revision, files_metadata) == ("someone/mine", "main", True)
        if self.error is not None:
            raise self.error
        return SimpleNamespace(sha="c0ffee", siblings=[self._sibling(name) for name in self.files])

    def _sibling(self, name: str) -> SimpleNamespace:
        content = self.says.get(name, self.files[name])
        lfs = SimpleNamespace(sha256=hashlib.sha256(content).hexdigest())
        large = lfs if name.endswith((".safetensors", ".bin", ".model")) else None
        return SimpleNamespace(rfilename=name, size=len(content), lfs=large)

    def hf_hub_download(self, repo: str, name: str, *, revision: str, local_dir: Path) -> str:
        assert (repo, revision) == ("someone/mine", "c0ffee")
        self.asked.append(name)
        if self.error is not None:
            raise self.error
        (local_dir / ".cache" / "huggingface").mkdir(parents=True, exist_ok=True)
        (local_dir / name).write_bytes(self.files[name])
        return str(local_dir / name)


FILES = {
    "README.md": b"read me",
    "config.json": b"{}",
    "model.safetensors": CONTENT,
    "pytorch_model.bin": CONTENT,
    "sentencepiece.bpe.model": b"pieces",
    "assets/x.safetensors": b"no",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub(dict(FILES))
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: made)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", made.hf_hub_download)
    return made


def test_from_a_repository(hub: Hub, models: Path) -> None:
    assert get(spec(REPO)) == models / "mine"
    assert hub.asked == ["model.safetensors", "config.json", "sentencepiece.bpe.model"]
    receipt = read_receipt(models / "mine")
    assert receipt is not None
    assert (receipt.commit, receipt.source) == ("c0ffee", "https://huggingface.co/someone/mine")
    assert receipt.files["model.safetensors"].sha256 == SHA256
    assert receipt.files["config.json"].sha256 is None
    get(spec(REPO))
    assert len(hub.asked) == 3  # they are there


def test_an_interrupted_repository_goes_on(hub: Hub, models: Path) -> None:
    get(spec(REPO))
    (models / "mine" / "biprompt.json").unlink()
    get(spec(REPO))
    assert len(hub.asked) == 6
    (models / "mine" / "config.json").unlink()
    get(spec(REPO))
    assert len(hub.asked) == 9


def test_a_folder_that_the_user_filled(hub: Hub, models: Path) -> None:
    (models / "mine").mkdir(parents=True)
    (models / "mine" / "model.safetensors").write_bytes(CONTENT)
    assert get(spec(REPO)) == models / "mine" and hub.asked == []


def test_older_weights_where_there_are_no_others(hub: Hub, models: Path) -> None:
    del hub.files["model.safetensors"]
    hub.files["pytorch_model.bin.index.json"] = b"{}"
    get(spec(REPO))
    assert hub.asked[0] == "pytorch_model.bin"
    assert "pytorch_model.bin.index.json" in hub.asked


def test_which_files_are_wanted() -> None:
    shards = ["model-1-of-2.safetensors", "model-2-of-2.safetensors"]
    names = [*shards, "model.safetensors.index.json", "x.bin", "beit3.spm", "a.py", "sub/x.pt"]
    assert wanted_files(names) == [*shards, "beit3.spm", "model.safetensors.index.json"]
    assert wanted_files(["config.json", "README.md"]) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"weights", "expected 7000 bytes, got 7 bytes"), (b"WEIGHTS" * 1000, "expected sha256 ")],
)
def test_a_repository_that_sends_another_file(
    content: bytes, told: str, hub: Hub, models: Path
) -> None:
    hub.says["model.safetensors"], hub.files["model.safetensors"] = CONTENT, content
    with pytest.raises(WeightsError, match=f"model.safetensors: file: {told}"):
        get(spec(REPO))
    assert read_receipt(models / "mine") is None


def http_error(kind: type[errors.HfHubHTTPError], status: int) -> errors.HfHubHTTPError:
    return kind(
        "refused\nin many\nlines",
        response=SimpleNamespace(status_code=status, headers={}, request=None),
    )


FAILURES: dict[str, tuple[Callable[[], Exception], str]] = {
    "gated": (
        lambda: http_error(errors.GatedRepoError, 403),
        "expected access: ask for it at https://huggingface.co/someone/mine, then run "
        "`hf auth login`, got a gated repository",
    ),
    "missing": (
        lambda: http_error(errors.RepositoryNotFoundError, 401),
        "got no such repository, or a private one",
    ),
    "down": (lambda: http_error(errors.HfHubHTTPError, 503), "got HTTP 503"),
    "offline": (
        lambda: errors.OfflineModeIsEnabled("HF_HUB_OFFLINE=1"),
        "got no answer from the network: HF_HUB_OFFLINE=1",
    ),
    "unplugged": (
        lambda: ConnectionError("Name or service\nnot known"),
        "got no answer from the network: Name or service",
    ),
}


@pytest.mark.parametrize(("failure", "told"), FAILURES.values(), ids=FAILURES)
def test_a_hub_that_does_not_answer(
    failure: Callable[[], Exception], told: str, hub: Hub, models: Path
) -> None:
    hub.error = failure()
    with pytest.raises(WeightsError) as caught:
        get(spec(REPO))
    line = str(caught.value)
    assert told in line and "\n" not in line
    assert "gated" in line or f"{REPO.url} (by other means: put its files in {models}/mine)" in line


def test_a_hub_with_no_place_for_files(
    hub: Hub, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", full)
    with pytest.raises(OutputError, match=r"mine: download: .* got No space left on device"):
        get(spec(REPO))


def test_a_repository_without_weights(hub: Hub, models: Path) -> None:
    hub.files = {"README.md": b""}
    with pytest.raises(WeightsError, match="repository: expected files of weights, got none"):
        get(spec(REPO))


def test_without_the_library_of_the_hub(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r'pip install "biprompt\[hub\]"'):
        get(spec(REPO))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {"a": 3}}', '{"files": {}, "x": 1}'])
def test_a_damaged_receipt(text: str, tmp_path: Path) -> None:
    (tmp_path / "biprompt.json").write_text(text)
    with pytest.raises(WeightsError, match=r"biprompt.json: receipt: expected what biprompt wrote"):
        read_receipt(tmp_path)


def test_a_receipt_is_for_people_too(site: Site, models: Path) -> None:
    site.files["/x.pth"] = CONTENT
    get(spec(UrlSource(f"{site.url}/x.pth", "x.pth")))
    plain = json.loads((models / "mine" / "biprompt.json").read_text())
    assert plain["checkpoint"] == "mine" and plain["files"]["x.pth"]["nbytes"] == len(CONTENT)
