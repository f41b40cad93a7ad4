"""What the server does, without HTTP: hold images, look at them, answer prompts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from biprompt.errors import ImageError
from biprompt.io.formats.export import Download
from biprompt.io.formats.registry import FORMATS
from biprompt.segmenter import ImageEmbedding, Segmenter
from biprompt.server.admission import Room
from biprompt.server.answers import Answers
from biprompt.server.asking import Asking
from biprompt.server.batching import Batcher
from biprompt.server.exporting import check_export, exported
from biprompt.server.images import HeldImage, Images, digest_of
from biprompt.server.lanes import Lane
from biprompt.server.looks import Looks
from biprompt.server.metrics import Metrics
from biprompt.server.pictures import picture
from biprompt.server.refusals import Refusal
from biprompt.server.schemas.export import ExportBody
from biprompt.server.schemas.images import ImageBody
from biprompt.server.schemas.prompts import SegmentBody
from biprompt.server.settings import Settings

T = TypeVar("T")
SWEEP_SECONDS = 60.0


class Service:
    """One model and everything clients have sent. Its methods run on one event loop.

    Args:
        settings: limits and threads.
        model: answers. It should keep no embeddings in memory itself: the service does.
    """

    def __init__(self, settings: Settings, model: Segmenter) -> None:
        limits = settings.limits
        self.settings, self.limits, self.model = settings, limits, model
        self.metrics, self.room = Metrics(), Room(limits)
        self.ready = False
        self._look_lane = Lane("look", 1, limits.waiting)
        self._draw_lane = Lane("export", 1, limits.waiting)
        self.looks = Looks(
            model, self._look_lane, limit=limits.embedding_bytes, pixels=limits.pixels,
            told=self.metrics.looked,
        )  # fmt: skip
        self.images = Images(limits, self._let_go)
        self.answers = Answers(limits.answer_bytes)
        self.batcher = Batcher(
            model,
            threads=settings.workers,
            rows=settings.batch,
            waiting=limits.waiting,
            told=self.metrics.called,
        )
        self._watch()

    async def add(self, client: str, name: str, data: bytes) -> HeldImage:
        """Hold an upload as soon as it is decoded; the look at it goes on.

        Args:
            client: who sent it.
            name: what it is called; safe to show.
            data: the image file.

        Raises:
            Refusal: it is no image, damaged or too large, or there is no room.
        """
        digest = await asyncio.to_thread(digest_of, data)
        try:
            hw = await self.looks.size(digest, data)
        except ImageError as error:
            raise _refused(error, self.limits.pixels) from error
        image = HeldImage(client, name, data, digest, hw)
        self.images.add(image)
        return image

    def tell(self, image: HeldImage) -> ImageBody:
        """What there is to know of an image; one that was let go of is looked at again.

        Raises:
            Refusal: there is no room for the look.
        """
        scene, failed = self.looks.kept.get(image.digest), image.digest in self.looks.failed
        if scene is None and not failed:
            self.looks.look(image.digest, image.data)
        return ImageBody(
            id=image.id, name=image.name, height=image.hw[0], width=image.hw[1],
            model=self.model.name, state="ready" if scene else "failed" if failed else "embedding",
            embedded=scene is not None,
            embed_ms=None if scene is None else round(scene.seconds * 1e3, 3),
        )  # fmt: skip

    async def segment(self, image: HeldImage, asked: SegmentBody) -> bytes:
        """The JSON of the answers to prompts about an image.

        Raises:
            InputError: a prompt does not fit the image, or the policy is none.
            ModelError: the model failed.
            Refusal: there is no room, or an earlier answer is not kept any more.
        """
        asking = Asking.of(image, asked, self.model.policy, self.answers, self.limits)
        answered = await self.batcher.ask(asking.question(await self.scene(image)))
        for id, answer in answered.kept.items():
            self.answers.kept.put(id, answer)
        for verdict in answered.verdicts:
            self.metrics.answered(verdict)
        return answered.body

    async def scene(self, image: HeldImage) -> ImageEmbedding:
        """The embedding of an image.

        Raises:
            ModelError: the model failed.
            Refusal: there is no room.
        """
        return await self.looks.scene(image.digest, image.data)

    async def picture(self, image: HeldImage) -> tuple[bytes, str]:
        """The image as the model sees it, and its media type; Refusal where there is no room."""
        scene = await self.scene(image)
        return await self.draw(lambda: picture(scene.pixels, image.data))

    async def export(self, body: ExportBody) -> Download:
        """A file of masks.

        Raises:
            InputError: damaged run lengths, or the format cannot hold this.
            Refusal: too much, an image that is not held, or there is no room.
        """
        check_export(body, self.limits)
        pixels = None
        if FORMATS[body.format].pixels and body.image.id is not None:
            pixels = (await self.scene(self.images.get(body.image.id))).pixels
        return await self.draw(lambda: exported(body, pixels))

    async def draw(self, work: Callable[[], T]) -> T:
        """Draw or write something in a thread; Refusal where there is no room."""
        return await self._draw_lane.submit(work)

    async def sweep(self) -> None:
        """Let go of what is too old, now and then, until it is cancelled."""
        while True:
            self.images.expire()
            await asyncio.sleep(SWEEP_SECONDS)

    def close(self) -> None:
        """Let go of the threads."""
        self.ready = False
        for part in (self._look_lane, self._draw_lane, self.batcher):
            part.close()

    def _let_go(self, image: HeldImage, last: bool) -> None:
        self.answers.forget(image.id)
        if last:
            self.looks.forget(image.digest)

    def _watch(self) -> None:
        images, scenes, answers = self.images.kept, self.looks.kept, self.answers.kept
        self.metrics.watch(
            {
                "images": ("Images held", lambda: len(images)),
                "image_bytes": ("Bytes of the images held", lambda: images.nbytes),
                "embeddings": ("Embeddings held", lambda: len(scenes)),
                "embedding_bytes": ("Bytes of the embeddings held", lambda: scenes.nbytes),
                "answers_kept": ("Answers kept for refinement", lambda: len(answers)),
                "answer_bytes": ("Bytes of the answers kept", lambda: answers.nbytes),
                "in_flight": ("Requests being answered", lambda: self.room.in_flight),
                "body_bytes": ("Bytes of the requests held", lambda: self.room.nbytes),
                "waiting": ("Requests that wait for the model", lambda: self.batcher.waiting),
                "looks_waiting": ("Images that wait to be seen", lambda: self._look_lane.waiting),
            }
        )


def _refused(error: ImageError, pixels: int) -> Refusal:
    if error.what == "image too large":
        return Refusal(413, "image", expected=f"at most {pixels} pixels", actual=error.actual)
    status = 415 if error.what == "image file" else 422
    return Refusal(status, error.what, expected=error.expected, actual=error.actual, kind="image")
