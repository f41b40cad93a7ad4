"""Where the server listens, who may ask, and how much."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, fields

from biprompt.errors import InputError
from biprompt.prompts import MAX_PHRASE_CHARS

MIB = 2**20
MIN_TOKEN_CHARS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one client, and all of them together, may ask. Every value is above 0.

    Attributes:
        upload_bytes: of one uploaded image.
        json_bytes: of the JSON of one request.
        json_values: in it; many small ones take longer to read than few large ones.
        body_bytes: of all requests being read or answered together.
        pixels: of one image.
        prompts: in one request.
        phrase_chars: in one phrase.
        objects: in one export.
        in_flight: requests at a time.
        client_in_flight: requests of one client at a time.
        waiting: requests that wait for the model; one more is told to come back.
        client_images: images held for one client; its own least recently used one goes first.
        client_image_bytes: of the uploads held for one client; likewise.
        image_bytes: of all uploads held.
        image_seconds: after which an image that nobody asked about is let go.
        embedding_bytes: of all images looked at, decoded pixels included.
        answer_bytes: of all answers kept for refinement.
        answer_seconds: that a request may wait for its answer.
        body_seconds: in which a client must have sent its request.
        send_seconds: in which a client must take each piece of the answer.
        stop_seconds: that requests in flight are given when the server stops.
    """

    upload_bytes: int = 32 * MIB
    json_bytes: int = 8 * MIB
    json_values: int = 100_000
    body_bytes: int = 256 * MIB
    pixels: int = 50_000_000
    prompts: int = 64
    phrase_chars: int = MAX_PHRASE_CHARS
    objects: int = 500
    in_flight: int = 256
    client_in_flight: int = 96
    waiting: int = 128
    client_images: int = 64
    client_image_bytes: int = 256 * MIB
    image_bytes: int = 512 * MIB
    image_seconds: float = 4 * 3600.0
    embedding_bytes: int = 512 * MIB
    answer_bytes: int = 64 * MIB
    answer_seconds: float = 30.0
    body_seconds: float = 60.0
    send_seconds: float = 30.0
    stop_seconds: float = 10.0

    def __post_init__(self) -> None:
        """Raise InputError for a limit that is not above 0, or room for less than one image."""
        for limit in fields(self):
            value = getattr(self, limit.name)
            if not value > 0:
                raise InputError(f"limit {limit.name}", expected="more than 0", actual=value)
        self._check_room("client_image_bytes", self.upload_bytes, "upload_bytes")
        self._check_room("image_bytes", self.client_image_bytes, "client_image_bytes")
        self._check_room("embedding_bytes", 3 * self.pixels, "3 bytes for each of pixels")

    def _check_room(self, name: str, least: int, why: str) -> None:
        if getattr(self, name) < least:
            expected = f"at least {least}, {why}"
            raise InputError(f"limit {name}", expected=expected, actual=getattr(self, name))


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is set up.

    Attributes:
        host: address it listens on.
        token: what a client must show; None asks for none, which only a loopback address may.
        hosts: more names a request may call the server by, on a loopback address.
        origins: other sites whose pages may call the API (CORS), like "https://example.org".
        workers: calls of the model at a time.
        batch: prompts in one call, of one request or of several. On a CPU words that are asked
            together cost up to half as much as alone, and clicks as much; eight are enough.
        limits: how much may be asked.

    Raises:
        InputError: an address that others can reach without a token, or a token that can be
            guessed.
    """

    host: str = "127.0.0.1"
    token: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    workers: int = 2
    batch: int = 8
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Check the token and the numbers."""
        if self.token is None and not is_loopback(self.host):
            expected = "a token for an address that others can reach"
            raise InputError("token", expected=expected, actual=f"none for {self.host}")
        if self.token is not None and not _is_strong(self.token):
            expected = f"at least {MIN_TOKEN_CHARS} printable ASCII characters without spaces"
            raise InputError("token", expected=expected, actual="another one")
        for name, number in (("workers", self.workers), ("batch", self.batch)):
            if number < 1:
                raise InputError(name, expected="at least 1", actual=number)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; False for names other than localhost."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_strong(token: str) -> bool:
    printable = token.isascii() and token.isprintable() and " " not in token
    return printable and len(token) >= MIN_TOKEN_CHARS
