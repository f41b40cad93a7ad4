"""The images that clients have sent: held by unguessable ids, for a while, up to a size."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from biprompt.server.lru import ByteLru
from biprompt.server.refusals import missing
from biprompt.server.settings import Limits


def new_id() -> str:
    """An id that cannot be guessed: whoever knows it may use what it stands for."""
    return secrets.token_urlsafe(16)


def digest_of(data: bytes) -> str:
    """What an image file is known by, whoever sent it."""
    return hashlib.blake2b(data, digest_size=20).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class HeldImage:
    """An upload.

    Attributes:
        client: who sent it.
        name: what it is called; safe to show and to write.
        data: the image file as it was sent; never sent back.
        digest: of the data.
        hw: height and width in pixels, upright.
        id: the key to it.
    """

    client: str
    name: str
    data: bytes = field(repr=False)
    digest: str
    hw: tuple[int, int]
    id: str = field(default_factory=new_id, repr=False)


class Images:
    """The uploads of all clients.

    Args:
        limits: how many, how large, how long.
        let_go: told of an image that goes, and whether nobody holds the same file any more.
        clock: seconds.
    """

    def __init__(
        self, limits: Limits, let_go: Callable[[HeldImage, bool], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._limits, self._let_go, self._clock = limits, let_go, clock
        self.kept = ByteLru[str, HeldImage](
            limits.image_bytes, lambda image: len(image.data), self._gone
        )
        self._used: dict[str, float] = {}
        self._holders: Counter[str] = Counter()

    def add(self, image: HeldImage) -> None:
        """Hold an image; the client's own least recently used ones go when it holds too much."""
        self._make_room(image)
        self._holders[image.digest] += 1
        self._used[image.id] = self._clock()
        self.kept.put(image.id, image)

    def _make_room(self, image: HeldImage) -> None:
        own = [(id, held) for id, held in self.kept.items() if held.client == image.client]
        count, size = len(own) + 1, len(image.data) + sum(len(held.data) for _, held in own)
        for id, held in own:
            if count <= self._limits.client_images and size <= self._limits.client_image_bytes:
                break
            self.kept.drop(id)
            count, size = count - 1, size - len(held.data)

    def get(self, id: str) -> HeldImage:
        """The image, which now counts as used.

        Raises:
            Refusal: there is no such image, or no longer.
        """
        self.expire()
        image = self.kept.get(id)
        if image is None:
            raise missing("image")
        self._used[id] = self._clock()
        return image

    def remove(self, id: str) -> None:
        """Let an image go; Refusal where there is none."""
        self.get(id)
        self.kept.drop(id)

    def holds(self, digest: str) -> bool:
        """Whether anybody holds that file."""
        return digest in self._holders

    def expire(self) -> None:
        """Let go of what nobody asked about for too long."""
        oldest = self._clock() - self._limits.image_seconds
        for id, _ in self.kept.items():
            if self._used[id] > oldest:  # the rest was used even later
                break
            self.kept.drop(id)

    def _gone(self, id: str, image: HeldImage) -> None:
        del self._used[id]
        self._holders[image.digest] -= 1
        last = self._holders[image.digest] == 0
        if last:
            del self._holders[image.digest]
        self._let_go(image, last)
