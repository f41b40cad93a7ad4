"""Downloads against a server on this machine: resumed, checked, and whole or not there."""

from __future__ import annotations

import hashlib
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.zoo.download.conftest import Site

from biprompt.errors import OutputError, WeightsError
from biprompt.zoo.download import Transfer, silent
from biprompt.zoo.download.http import ATTEMPTS, PART_SUFFIX, fetch

CONTENT = bytes(range(256)) * 20_000  # 5 MB, several pieces
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "x.pth"


@pytest.fixture
def part(target: Path) -> Path:
    target.parent.mkdir()
    return target.with_name(target.name + PART_SUFFIX)


def get(site: Site, target: Path, sha256: str | None = SHA256, nbytes: int | None = None) -> None:
    site.files.setdefault("/x.pth", CONTENT)
    fetch(f"{site.url}/x.pth", target, sha256=sha256, nbytes=nbytes, report=silent)


def is_whole(target: Path) -> bool:
    return target.read_bytes() == CONTENT and [p.name for p in target.parent.iterdir()] == ["x.pth"]


def test_a_file_arrives_and_progress_is_told(site: Site, target: Path) -> None:
    told: list[Transfer] = []
    site.files["/x.pth"] = CONTENT
    fetch(f"{site.url}/x.pth", target, sha256=SHA256, nbytes=len(CONTENT), report=told.append)
    assert is_whole(target)
    assert len(told) > 1 and told[-1] == Transfer("x.pth", len(CONTENT), len(CONTENT))
    assert [t.done for t in told] == sorted(t.done for t in told)


def test_a_partial_file_is_added_to(site: Site, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT[:1_000_000])
    get(site, target)
    assert is_whole(target) and site.asked == ["bytes=1000000-"]


def test_a_connection_that_breaks_is_made_anew(site: Site, target: Path) -> None:
    site.cuts = [1_000_000, 2_000_000]
    get(site, target)
    assert is_whole(target)
    assert site.asked == [None, "bytes=1000000-", "bytes=3000000-"]


def test_one_that_breaks_too_often_leaves_what_came(site: Site, target: Path) -> None:
    site.cuts = [1_000] * ATTEMPTS
    with pytest.raises(WeightsError, match=rf"got the end after {ATTEMPTS}000 of 5120000 bytes$"):
        get(site, target)
    assert not target.exists()
    get(site, target)
    assert is_whole(target) and site.asked[-1] == f"bytes={ATTEMPTS}000-"


def test_one_that_brings_nothing_is_not_asked_again(site: Site, target: Path) -> None:
    site.cuts = [0] * ATTEMPTS
    with pytest.raises(WeightsError, match="the end after 0 of 5120000 bytes"):
        get(site, target)
    assert len(site.asked) == 1


def test_a_server_without_ranges_sends_all_of_it(site: Site, target: Path, part: Path) -> None:
    part.write_bytes(b"something else" * 1000)
    site.knows_ranges = False
    get(site, target)
    assert is_whole(target) and len(site.asked) == 1


def test_a_server_that_tells_no_length(site: Site, target: Path) -> None:
    site.tells_length = False
    get(site, target)
    assert is_whole(target)


def test_a_whole_partial_file_is_not_asked_for(site: Site, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT)
    get(site, target, nbytes=len(CONTENT))
    assert is_whole(target) and site.asked == []


@pytest.mark.parametrize("more", [0, 9])
def test_a_partial_file_with_nothing_after_it(
    more: int, site: Site, target: Path, part: Path
) -> None:
    part.write_bytes(CONTENT + bytes(more))
    get(site, target)
    assert is_whole(target) and site.asked == [f"bytes={len(CONTENT) + more}-", None]


def test_another_file_is_refused_and_removed(site: Site, target: Path) -> None:
    site.files["/x.pth"] = b"another" * 9
    with pytest.raises(WeightsError, match=rf"expected sha256 {SHA256}, got sha256 [0-9a-f]+$"):
        get(site, target)
    assert list(target.parent.iterdir()) == []


def test_without_a_digest_what_comes_is_taken(site: Site, target: Path) -> None:
    get(site, target, sha256=None)
    assert is_whole(target)


@pytest.mark.parametrize(
    ("status", "said"),
    [(None, "HTTP 404 Not Found"), (403, "HTTP 403 Forbidden"), (500, "HTTP 500")],
)
def test_a_refusal_says_what_to_do(status: int | None, said: str, site: Site, target: Path) -> None:
    site.status, site.files["/x.pth"] = status, CONTENT
    url = f"{site.url}/{'x.pth' if status else 'nothing'}"
    with pytest.raises(WeightsError) as caught:
        fetch(url, target, sha256=None, nbytes=None, report=silent)
    line = str(caught.value)
    assert line.startswith(
        f"download: expected {url} (by other means: put it at {target}), got {said}"
    )


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid"])
def test_without_a_network(host: str, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    if "invalid" in host:
        monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(WeightsError, match="got no answer from the network: ") as caught:
        fetch(f"http://{host}/x", target, sha256=None, nbytes=None, report=silent)
    assert f"put it at {target}" in str(caught.value) and "\n" not in str(caught.value)


def test_a_full_disk_is_seen_before(
    site: Site, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(OutputError, match="disk: expected 5120000 bytes free, got 1000 bytes"):
        get(site, target)


def test_a_folder_that_cannot_be(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        OutputError, match="download: expected a writable place, got Not a directory"
    ):
        get(site, tmp_path / "file" / "sub" / "x.pth")


def test_two_downloads_of_one_file(site: Site, target: Path, part: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(WeightsError, match="got another process that downloads it now"):
            get(site, target)
    get(site, target)
    assert is_whole(target)
