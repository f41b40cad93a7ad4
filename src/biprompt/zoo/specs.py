"""What is known of a published checkpoint, and of a pair. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from biprompt.zoo.families import Family, Preset

_BYTES_PER_PARAMETER = 4  # float32, as all of them were published


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A file at an address.

    Attributes:
        url: where it is.
        file: its name on disk.
        nbytes: of what is downloaded, where that is known.
        sha256: of what is downloaded, where that is known; never a guess.
        archived: `url` is a zip archive that holds `file`.
    """

    url: str
    file: str
    nbytes: int | None = None
    sha256: str | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository on the Hugging Face hub, which tells sizes and digests when it is asked.

    Attributes:
        repo: its owner and name.
        revision: branch, tag or commit.
    """

    repo: str
    revision: str = "main"

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://huggingface.co/{self.repo}"


class Published(Protocol):
    """What finding and downloading need to know of a published model."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        ...

    @property
    def source(self) -> UrlSource | HubSource:
        """Where its files come from."""
        ...


@dataclass(frozen=True, slots=True)
class CheckpointSpec:
    """What is known of a published checkpoint without having it.

    Attributes:
        name: what the command line calls it.
        summary: what it is, in a line.
        family: of the network.
        parameters: of the network as it is built here.
        licence: of the weights.
        source: where they come from.
        preset: of its generation.
    """

    name: str
    summary: str
    family: Family
    parameters: int
    licence: str
    source: UrlSource | HubSource
    preset: Preset

    @property
    def nbytes(self) -> int:
        """Bytes of the download, about as many where its source does not say."""
        known = self.source.nbytes if isinstance(self.source, UrlSource) else None
        return known or self.parameters * _BYTES_PER_PARAMETER


@dataclass(frozen=True, slots=True)
class PairSpec:
    """Two checkpoints that answer together (BiPrompt-SAM).

    Attributes:
        name: what the command line calls it.
        summary: what it is, in a line.
        points: the checkpoint that proposes masks for what is pointed at.
        text: the checkpoint that answers the phrase.
        any_text: another text expert may take the place of `text`.
    """

    name: str
    summary: str
    points: str
    text: str
    any_text: bool = False
