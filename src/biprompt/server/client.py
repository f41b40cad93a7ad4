"""The other end of the HTTP API, with the same calls as a model loaded here.

::

    from biprompt.server.client import Client

    model = Client("http://127.0.0.1:8765")
    scene = model.embed("kitchen.jpg")
    answer = model.segment(scene, points=[(412, 300)], text="the red cup")
    answer = model.segment(scene, points=[(412, 300), (90, 40)], labels=[1, 0], mask=answer)

Needs nothing but the package itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from numpy.typing import ArrayLike

from biprompt.errors import ImageError, PromptError
from biprompt.io.formats.png import image_png
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.selection import Policy
from biprompt.server.transport import Transport
from biprompt.server.wire import RemoteAnswer, answer_of, policy_body, prompt_body


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """An image that the server holds.

    Attributes:
        id: the key to it.
        name: what it is called.
        hw: height and width in pixels.
        model: name of the model that looks at it.
    """

    id: str
    name: str
    hw: tuple[int, int]
    model: str


class Client:
    """A server to ask.

    Args:
        url: of the server.
        token: what it demands, where it does.
        timeout: seconds to wait for one answer.
        patience: seconds to go on asking a server that has enough to do.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:8765", *, token: str | None = None,
        timeout: float = 60.0, patience: float = 30.0,
    ) -> None:  # fmt: skip
        """Connect to nothing yet."""
        self._http = Transport(url, token, timeout=timeout, patience=patience)

    def embed(self, image: Any) -> RemoteImage:
        """Send an image; the server looks at it once.

        Args:
            image: a path, the bytes of an image file, a PIL image or an array.

        Raises:
            ImageError: it is no image, or more than the server takes.
            InputError: there is no server, or it demands another token.
            ModelError: the server failed, or had no room for too long.
        """
        data, name = _file(image)
        path = f"/v1/images?name={quote(name)}"
        told = self._http.ask("POST", path, data, "application/octet-stream")
        return RemoteImage(told["id"], told["name"], (told["height"], told["width"]), told["model"])

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None,
        points: ArrayLike | None = None, labels: ArrayLike | None = None,
        box: ArrayLike | None = None, scribbles: Sequence[Any] | None = None,
        polygon: ArrayLike | None = None, mask: Any = None, text: str | None = None,
        negative_text: str | None = None,
    ) -> RemoteAnswer:  # fmt: skip
        """Answer one prompt; arguments and errors as in `Segmenter.segment`."""
        earlier = mask if isinstance(mask, RemoteAnswer) else None
        if isinstance(mask, Segmentation):
            mask = mask.mask if earlier is None and mask.mask.any() else None
        given = {
            "points": points, "labels": labels, "box": box, "scribbles": scribbles,
            "polygon": polygon, "mask": mask, "text": text, "negative_text": negative_text,
        }  # fmt: skip
        if prompt is None:
            prompt = Prompt.build(**given)
        elif earlier is not None or any(value is not None for value in given.values()):
            raise PromptError("prompt", expected="a prompt or plain values", actual="both")
        body = prompt_body(prompt)
        if earlier is not None:
            body["mask"] = {"answer": earlier.id}
        return self._ask(image, [body], policy)[0]

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[RemoteAnswer]:
        """Answer many prompts of one image; arguments and errors as in `Segmenter.segment_many`."""
        return self._ask(image, [prompt_body(prompt) for prompt in prompts], policy)

    def remove(self, image: RemoteImage) -> None:
        """Let the server forget an image and all that was made of it."""
        self._http.ask("DELETE", f"/v1/images/{image.id}")

    def _ask(
        self, image: Any, prompts: list[dict[str, Any]], policy: Policy | None
    ) -> list[RemoteAnswer]:
        scene = image if isinstance(image, RemoteImage) else self.embed(image)
        body = {"prompts": prompts} | ({} if policy is None else {"policy": policy_body(policy)})
        told = self._http.ask_json(f"/v1/images/{scene.id}/segment", body) if prompts else {}
        return [answer_of(one) for one in told.get("answers", [])]


def _file(image: Any) -> tuple[bytes, str]:
    """The bytes of an image file, and its name."""
    if isinstance(image, bytes):
        return image, "image"
    if not isinstance(image, str | os.PathLike):
        return image_png(load_image(image).pixels), "image.png"
    path = Path(image)
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        raise ImageError(
            "image file", expected="a readable file", actual=error.strerror, path=path
        ) from error
