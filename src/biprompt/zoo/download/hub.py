"""A repository of the Hugging Face hub: its weights, its configuration and its tokenizer."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType

from biprompt.errors import MissingExtraError, OutputError, WeightsError
from biprompt.zoo.checkpoints import HubSource
from biprompt.zoo.download.digest import check_sha256
from biprompt.zoo.download.receipt import FileFacts

_WEIGHTS = ("*.safetensors", "*.bin", "*.pth", "*.pt")
"""Kinds of weights, best first: a repository that has several has the same in each."""
_BESIDE = (
    "*.index.json", "config.json", "preprocessor_config.json", "processor_config.json", "*.spm",
    "sentencepiece*.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at one commit.

    Attributes:
        source: where it is.
        commit: which state of it.
        files: what is needed of it, by name.
    """

    source: HubSource
    commit: str
    files: dict[str, FileFacts]


def look_up(source: HubSource, folder: Path) -> Repository:
    """Ask the hub what a repository holds.

    Args:
        source: the repository.
        folder: where its files will be put; for the error.

    Raises:
        WeightsError: there is no network or no such repository, access has to be asked for, or
            it holds no weights.
        MissingExtraError: `huggingface_hub` is not installed.
    """
    hub = _library(source)
    try:
        info = hub.HfApi().model_info(source.repo, revision=source.revision, files_metadata=True)
    except Exception as error:  # its HTTP library, and the errors of it, differ between releases
        raise _failed(source, folder, error) from error
    known = {
        one.rfilename: FileFacts(one.size or 0, one.lfs.sha256 if one.lfs else None)
        for one in info.siblings or ()
    }
    wanted = wanted_files(known)
    if not wanted:
        raise WeightsError(
            "repository", expected="files of weights", actual="none", path=source.url
        )
    return Repository(source, info.sha or source.revision, {name: known[name] for name in wanted})


def wanted_files(names: Iterable[str]) -> list[str]:
    """Which files of a repository a network needs: the best kind of weights, and what is beside."""
    top = sorted(name for name in names if "/" not in name)
    kinds = ([name for name in top if fnmatch(name, pattern)] for pattern in _WEIGHTS)
    weights = next((kind for kind in kinds if kind), [])
    beside = [name for name in top if any(fnmatch(name, pattern) for pattern in _BESIDE)]
    return [*weights, *beside] if weights else []


def fetch_files(repository: Repository, folder: Path) -> None:
    """Download what a repository holds, with the hub's own progress bars, resume and token.

    Raises:
        WeightsError: as `look_up`, or a file has another size or digest than the hub says.
        OutputError: there is no place for them.
    """
    hub = _library(repository.source)
    for name, facts in repository.files.items():
        try:
            hub.hf_hub_download(
                repository.source.repo, name, revision=repository.commit, local_dir=folder
            )
        except Exception as error:
            raise _failed(repository.source, folder, error) from error
        _check(folder / name, facts)


def _check(path: Path, facts: FileFacts) -> None:
    size = path.stat().st_size
    if facts.nbytes and size != facts.nbytes:
        raise WeightsError(
            "file", expected=f"{facts.nbytes} bytes", actual=f"{size} bytes", path=path
        )
    if facts.sha256:
        check_sha256(path, facts.sha256)


def _library(source: HubSource) -> ModuleType:
    try:
        import huggingface_hub
    except ModuleNotFoundError as error:
        raise MissingExtraError("hub", f"downloading {source.url}") from error
    return huggingface_hub


def _failed(source: HubSource, folder: Path, error: Exception) -> Exception:
    from huggingface_hub import errors

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EACCES, errno.EROFS):
        return OutputError(
            "download", expected="a writable place", actual=error.strerror, path=folder
        )
    expected = f"{source.url} (by other means: put its files in {folder})"
    if isinstance(error, errors.GatedRepoError):
        expected = f"access: ask for it at {source.url}, then run `hf auth login`"
        actual = "a gated repository"
    elif isinstance(error, errors.RepositoryNotFoundError):
        actual = "no such repository, or a private one"
    elif isinstance(error, errors.HfHubHTTPError):
        actual = f"HTTP {error.response.status_code}"
    else:
        actual = f"no answer from the network: {error}"
    return WeightsError("download", expected=expected, actual=actual)
