"""Holds the model and turns an item into a line: its answers, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from biprompt.errors import ImageError, InputError, ModelError, PromptError
from biprompt.io.formats.names import safe_word
from biprompt.io.formats.png import image_png
from biprompt.io.images import LoadedImage
from biprompt.labeling.answers import describe
from biprompt.labeling.lines import encode_line
from biprompt.labeling.places import read_image
from biprompt.labeling.prompts import prompt_of
from biprompt.labeling.storage import Storage, open_storage, write
from biprompt.labeling.values import Ask, Item, ModelName, Settings, all_asks
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.results.pictures import card_pixels
from biprompt.selection import Policy

FAILURES = (ImageError, PromptError, ModelError, MemoryError)
"""What is the fault of one image; anything else ends the run."""


class Model(Protocol):
    """What a labeller needs of a model; `Segmenter` is one."""

    def embed(self, image: Any) -> Any:
        """Look at an image `(H, W, 3)` uint8 RGB."""
        ...

    def segment_many(
        self,
        image: Any,
        prompts: Sequence[Prompt],
        *,
        policy: Policy | None = None,
        outline_absent: bool = True,
    ) -> Sequence[Segmentation]:
        """Answer many prompts about an image that was looked at, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """Which model a labeller holds.

    Attributes:
        model: its name.
        version: changes whenever its answers may.
    """

    model: str
    version: str


Read = LoadedImage | Exception
"""What became of reading an image; an exception is told when its turn comes."""


class Labeller:
    """Asks the model of one image after the other. The same item gives the same line.

    Args:
        model: answers.
        facts: which model that is.
        common: what is asked of every image.
        settings: what the lines hang on.
        storage: takes the pictures of the cards.

    Attributes:
        facts: which model it holds.
    """

    def __init__(
        self, model: Model, facts: Facts, common: Sequence[Ask], settings: Settings,
        storage: Storage,
    ) -> None:  # fmt: skip
        """Put the parts together."""
        self.facts = facts
        self._model, self._common, self._storage = model, tuple(common), storage
        self._policy = Policy(pool=settings.pool)  # type: ignore[arg-type]  # it checks
        self._cards = settings.cards

    def read(self, item: Item) -> Read:
        """Read the image; may run in another thread while the model works."""
        try:
            return read_image(item.source)
        except (*FAILURES, InputError) as error:
            return error

    def answer(self, item: Item, read: Read) -> bytes:
        """Return the line of an item, as `encode_line` writes it.

        Raises:
            OutputError: a card cannot be written.
        """
        try:
            if isinstance(read, Exception):
                raise read
            return self._answered(item, read)
        except FAILURES as error:
            return failure_line(item, _said(error))

    def __call__(self, item: Item) -> bytes:
        """Read and answer."""
        return self.answer(item, self.read(item))

    def _answered(self, item: Item, image: LoadedImage) -> bytes:
        asks = all_asks(self._common, item.asks)
        scene = self._model.embed(image.pixels)
        answers = self._ask(scene, asks)
        objects, failed = [], []
        for number, (ask, answer) in enumerate(zip(asks, answers, strict=True), start=1):
            if isinstance(answer, Exception):
                failed.append({"id": ask.id, "label": ask.label, "error": _said(answer)})
                continue
            objects.append(describe(ask, answer))
            if self._cards:
                self._write_card(f"cards/{item.stem}-{number}-{safe_word(ask.label)}.png", answer)
        if not objects:
            return failure_line(item, failed[0]["error"], failed)
        height, width = image.hw
        found = {"height": height, "width": width, "objects": objects, "failed": failed}
        return encode_line(item.number, True, _about(item) | found)

    def _ask(self, scene: Any, asks: Sequence[Ask]) -> list[Segmentation | Exception]:
        """All answers of one image in one call; a prompt that cannot be asked spoils no other."""
        built = [_built(ask) for ask in asks]
        prompts = [prompt for prompt in built if isinstance(prompt, Prompt)]
        answers: Iterator[Segmentation | Exception]
        try:
            answers = iter(self._many(scene, prompts))
        except PromptError:
            answers = (self._alone(scene, prompt) for prompt in prompts)
        return [one if isinstance(one, Exception) else next(answers) for one in built]

    def _many(self, scene: Any, prompts: Sequence[Prompt]) -> Sequence[Segmentation]:
        if not prompts:
            return []
        return self._model.segment_many(
            scene, prompts, policy=self._policy, outline_absent=self._cards
        )

    def _alone(self, scene: Any, prompt: Prompt) -> Segmentation | Exception:
        try:
            return self._many(scene, [prompt])[0]
        except PromptError as error:
            return error

    def _write_card(self, name: str, answer: Segmentation) -> None:
        write(self._storage, name, image_png(card_pixels(answer)), sync=False)


def failure_line(item: Item, error: str, failed: Sequence[dict[str, Any]] = ()) -> bytes:
    """Return the line of an item that has no answers.

    Args:
        item: the item.
        error: why, on one line.
        failed: the prompts that failed, where some were asked.
    """
    return encode_line(item.number, False, _about(item) | {"error": error, "failed": list(failed)})


def _about(item: Item) -> dict[str, Any]:
    return {"image": item.name, "source": item.source, "stem": item.stem}


def _built(ask: Ask) -> Prompt | Exception:
    try:
        return prompt_of(ask)
    except InputError as error:
        return error


def _said(error: Exception) -> str:
    return "out of memory" if isinstance(error, MemoryError) else str(error)


@dataclass(frozen=True, slots=True)
class Load:
    """Loads a labeller where it is called: in a worker process, say.

    Attributes:
        model: which one.
        common: as in `Labeller`.
        settings: as in `Labeller`.
        place: of the storage, as `open_storage` takes it.
    """

    model: ModelName
    common: tuple[Ask, ...]
    settings: Settings
    place: str

    def __call__(self) -> Labeller:
        """Load the model and open every part of it; errors as `biprompt.load` and `warm_up`."""
        from biprompt.segmenter import Segmenter, load
        from biprompt.segmenter.warming import warm_up

        given = self.model
        loaded = load(
            given.name, text_model=given.text_model, device=given.device, dtype=given.dtype,
            threads=given.threads,
        )  # fmt: skip
        # Every image is looked at once: embeddings would be kept for nothing.
        model = Segmenter(loaded.runtime, loaded.reader, policy=loaded.policy)
        warm_up(model)
        facts = Facts(model.name, loaded.runtime.facts.version)
        return Labeller(model, facts, self.common, self.settings, open_storage(self.place))


LabellerLoad = Callable[[], Labeller]
