"""One look per image, however many ask: embeddings, shared by all requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from biprompt.errors import ImageError
from biprompt.io.images import load_image
from biprompt.segmenter import ImageEmbedding, Segmenter
from biprompt.server.lanes import Lane
from biprompt.server.lru import ByteLru

_MAX_SCANS = 100
"""A progressive JPEG has about ten; thousands of them are made to keep a decoder busy."""
_JPEG, _SCAN = b"\xff\xd8", b"\xff\xda"


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A look that goes on.

    Attributes:
        size: height and width, as soon as the image is decoded.
        scene: the embedding.
    """

    size: asyncio.Future[tuple[int, int]]
    scene: asyncio.Future[ImageEmbedding]


class Looks:
    """Looks at images and keeps what it saw. An image is known by a digest of its file.

    Args:
        model: looks.
        lane: where it is done.
        limit: bytes of all embeddings kept.
        pixels: of the largest image that is decoded.
        told: called after every ask with "kept", "shared", "made" or "failed" and the seconds
            that the model took.
    """

    def __init__(
        self, model: Segmenter, lane: Lane, *, limit: int, pixels: int,
        told: Callable[[str, float], None],
    ) -> None:  # fmt: skip
        self._model, self._lane, self._pixels, self._told = model, lane, pixels, told
        self._going: dict[str, _Look] = {}
        self.kept = ByteLru[str, ImageEmbedding](limit, lambda scene: scene.nbytes)
        self.failed: set[str] = set()

    async def size(self, digest: str, data: bytes) -> tuple[int, int]:
        """Height and width of an image file; the look at it goes on.

        Raises:
            ImageError: it is no image, damaged or too large.
            Refusal: there is no room.
        """
        if scene := self.kept.get(digest):
            return scene.frame.original_hw
        return await asyncio.shield(self.look(digest, data).size)

    async def scene(self, digest: str, data: bytes) -> ImageEmbedding:
        """The embedding of an image file, kept or new.

        Raises:
            ModelError: the model failed.
            Refusal: there is no room.
        """
        if scene := self.kept.get(digest):
            self._told("kept", 0.0)
            return scene
        # A caller that goes away leaves the look to the others.
        return await asyncio.shield(self.look(digest, data).scene)

    def look(self, digest: str, data: bytes) -> _Look:
        """Begin to look at an image, or join a look that goes on.

        Raises:
            Refusal: there is no room.
        """
        if going := self._going.get(digest):
            self._told("shared", 0.0)
            return going
        loop = asyncio.get_running_loop()
        size: asyncio.Future[tuple[int, int]] = loop.create_future()

        def decoded(hw: tuple[int, int]) -> None:
            loop.call_soon_threadsafe(_settle, size, hw)

        look = _Look(size, self._lane.submit(lambda: self._seen(data, decoded)))
        look.scene.add_done_callback(lambda scene: self._ended(digest, size, scene))
        self._going[digest] = look
        return look

    def forget(self, digest: str) -> None:
        """Let go of what was seen in an image that nobody holds any more."""
        self.kept.pop(digest)
        self.failed.discard(digest)

    def is_going(self, digest: str) -> bool:
        """Whether the image is being looked at now."""
        return digest in self._going

    def _seen(self, data: bytes, decoded: Callable[[tuple[int, int]], None]) -> ImageEmbedding:
        """Decode and embed; in a thread."""
        _check_scans(data)
        image = load_image(data, max_pixels=self._pixels)
        decoded(image.hw)
        return self._model.embed(image.pixels)

    def _ended(
        self, digest: str, size: asyncio.Future[tuple[int, int]],
        scene: asyncio.Future[ImageEmbedding],
    ) -> None:  # fmt: skip
        del self._going[digest]
        if scene.cancelled():
            size.cancel()
        elif error := scene.exception():
            self._told("failed", 0.0)
            self._failed(digest, size, error)
        else:
            self.failed.discard(digest)
            self.kept.put(digest, scene.result())
            self._told("made", scene.result().seconds)

    def _failed(
        self, digest: str, size: asyncio.Future[tuple[int, int]], error: BaseException
    ) -> None:
        if size.done():
            self.failed.add(digest)
        else:  # not even decoded: nobody will hold it
            size.set_exception(error)
            size.exception()  # nobody may be waiting for it


def _check_scans(data: bytes) -> None:
    scans = data.count(_SCAN)
    if data.startswith(_JPEG) and scans > _MAX_SCANS:
        expected = f"a JPEG of at most {_MAX_SCANS} scans"
        raise ImageError("image data", expected=expected, actual=f"{scans} scans")


def _settle(future: asyncio.Future[Any], value: object) -> None:
    with contextlib.suppress(asyncio.InvalidStateError):
        future.set_result(value)
