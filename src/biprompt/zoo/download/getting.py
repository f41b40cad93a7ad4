"""From the name of a published checkpoint to its files."""

from __future__ import annotations

from pathlib import Path

from biprompt.zoo.checkpoints import HubSource, Published, UrlSource
from biprompt.zoo.download.archive import unpack
from biprompt.zoo.download.digest import sha256_of
from biprompt.zoo.download.http import fetch
from biprompt.zoo.download.hub import fetch_files, look_up
from biprompt.zoo.download.receipt import FileFacts, Receipt, read_receipt, write_receipt
from biprompt.zoo.download.transfer import Report, silent
from biprompt.zoo.folders import folder_of, installed, target_of


def get(spec: Published, report: Report = silent) -> Path:
    """Download a published checkpoint, unless it is there already.

    Args:
        spec: its entry of the table.
        report: told how far a file is; the hub's own progress bars stand in for it there.

    Returns:
        its file, or its folder.

    Raises:
        WeightsError: there is no network, the source refuses or has no such file, or what came is
            another file. It says what to download, from where, and where to put it.
        OutputError: there is no place for it.
        MissingExtraError: it comes from the Hugging Face hub, and the extra for that is missing.
    """
    there = installed(spec)
    if there is not None and _is_whole(there):
        return there
    if isinstance(spec.source, HubSource):
        _from_hub(spec, spec.source)
    else:
        _from_url(spec, spec.source, report)
    return target_of(spec)


def _is_whole(path: Path) -> bool:
    """Whether everything has come, as far as names and sizes tell.

    A file takes its name when it is whole; a folder that was downloaded to has a receipt, or is
    not complete; one that the user filled is taken as it is.
    """
    if path.is_file():
        return True
    receipt = read_receipt(path)
    if receipt is None:
        return not (path / ".cache" / "huggingface").exists()
    return all(_has(path / name, facts) for name, facts in receipt.files.items())


def _has(path: Path, facts: FileFacts) -> bool:
    return path.is_file() and path.stat().st_size == facts.nbytes


def _from_url(spec: Published, source: UrlSource, report: Report) -> None:
    target = target_of(spec)
    arriving = target.with_name(target.name + ".zip") if source.archived else target
    fetch(source.url, arriving, sha256=source.sha256, nbytes=source.nbytes, report=report)
    if source.archived:
        unpack(arriving, target)
        arriving.unlink()
    # Nobody publishes the digest of an unpacked file; that of what came now guards it from now on.
    sha256 = source.sha256 if not source.archived else sha256_of(target)
    facts = FileFacts(target.stat().st_size, sha256)
    write_receipt(folder_of(spec), Receipt(spec.name, source.url, {target.name: facts}))


def _from_hub(spec: Published, source: HubSource) -> None:
    folder = folder_of(spec)
    repository = look_up(source, folder)
    fetch_files(repository, folder)
    write_receipt(folder, Receipt(spec.name, source.url, repository.files, repository.commit))
