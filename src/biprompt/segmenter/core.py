"""Look once, ask many times: where the experts meet the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from biprompt.cache import DiskCache, MemoryCache
from biprompt.errors import PromptError
from biprompt.experts.plan import Asked
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt
from biprompt.prompts.negation import check_names_something
from biprompt.results import Segmentation
from biprompt.runtime.base import ImageEmbedding, Reader, Runtime
from biprompt.segmenter.kinds import check_kinds, earlier
from biprompt.segmenter.looking import Looker
from biprompt.segmenter.many import answer_many
from biprompt.selection import Policy

if TYPE_CHECKING:
    from biprompt.results import LabelMap
    from biprompt.results.objects import Objects
    from biprompt.segmenter.automatic import Automatic
    from biprompt.segmenter.classes import ClassRules
    from biprompt.segmenter.questions import Answered
    from biprompt.segmenter.tiles import LargeSegmentation


class Segmenter:
    """A loaded model. Holds no state between calls, so one serves many threads.

    Args:
        runtime: runs the networks.
        reader: reads phrases.
        policy: how the gate decides, unless a call says otherwise.
        memory: embeddings kept in memory, or None.
        disk: embeddings kept on disk, or None.
    """

    def __init__(
        self, runtime: Runtime, reader: Reader, *, policy: Policy | None = None,
        memory: MemoryCache | None = None, disk: DiskCache | None = None,
    ) -> None:  # fmt: skip
        """Put the parts together."""
        self.runtime, self.reader = runtime, reader
        self.policy = policy or Policy()
        self._looker = Looker(runtime, memory, disk)

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.runtime.facts.model

    def embed(self, image: Any) -> ImageEmbedding:
        """Look at an image once.

        Args:
            image: a path, a PIL image, or an array ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``.

        Returns:
            An immutable value for :meth:`segment`; the same image again costs a look-up.

        Raises:
            ImageError: it cannot be read, is empty or too large.
        """
        return self._looker.embed(image)

    def embed_many(self, images: Sequence[Any]) -> list[ImageEmbedding]:
        """Look at several images in one call of the model, which a GPU answers faster.

        Args:
            images: each what :meth:`embed` takes. All are held in memory at once, so of many
                images give some at a time.

        Returns:
            One value per image, in order; the same image twice is looked at once.

        Raises:
            ImageError: one of them cannot be read, is empty or too large.
        """
        return self._looker.embed_many(images)

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None,
        points: ArrayLike | None = None, labels: ArrayLike | None = None,
        box: ArrayLike | None = None, scribbles: Sequence[Any] | None = None,
        polygon: ArrayLike | None = None, mask: Any = None, text: str | None = None,
        negative_text: str | Sequence[str] | None = None, examples: Sequence[Any] | None = None,
        negative_examples: Sequence[Any] | None = None,
    ) -> Segmentation:  # fmt: skip
        """Answer one prompt.

        Args:
            image: what :meth:`embed` takes, or what it gave.
            prompt: a ready prompt, instead of the values below.
            policy: how the gate decides this time.
            points: ``(N, 2)`` clicks ``(x, y)`` in pixels of the original image.
            labels: ``(N,)`` 1 adds, 0 removes; all 1 when left out.
            box: ``x0, y0, x1, y1``.
            scribbles: strokes, each ``(N, 2)`` or a pair of that and a label.
            polygon: ``(N, 2)`` outline.
            mask: ``(H, W)`` bool to refine, or an earlier answer.
            text: what it is called.
            negative_text: what is not meant, one thing or a list; taken out of every candidate.
            examples: pairs of image and mask that show the thing.
            negative_examples: pairs that show what is not meant.

        Raises:
            PromptError: a value is malformed, outside the image, or nothing is asked.
            ImageError: the image cannot be read.
        """
        given: dict[str, Any] = {
            "points": points, "labels": labels, "box": box, "scribbles": scribbles,
            "polygon": polygon, "mask": earlier(mask) if isinstance(mask, Segmentation) else mask,
            "text": text, "negative_text": negative_text, "examples": examples,
            "negative_examples": negative_examples,
        }  # fmt: skip
        if prompt is None:
            if isinstance(text, str):
                check_names_something(text.strip())
            prompt = Prompt.build(**given)
        elif any(value is not None for value in given.values()):
            raise PromptError("prompt", expected="a prompt or plain values", actual="both")
        return self.segment_many(image, [prompt], policy=policy)[0]

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None,
        outline_absent: bool = True,
    ) -> list[Segmentation]:  # fmt: skip
        """Answer many prompts of one image in as few decoder calls as their memory allows.

        Hundreds are held packed, see `biprompt.segmenter.many`: keep a mask you look at often.

        Args:
            image: what :meth:`embed` takes, or what it gave.
            prompts: one for each answer.
            policy: how the gate decides this time.
            outline_absent: False saves the time of outlining what is absent: words alone whose
                presence is below the threshold. The answers are the same, with an empty candidate.

        Raises:
            PromptError: a prompt does not fit the image; none is answered then.
            ImageError: the image cannot be read.
        """
        embedding = self.embed(image)
        asked = [self._asked(prompt, embedding.frame) for prompt in prompts]
        return answer_many(
            self.runtime, embedding, asked, policy or self.policy, outline_absent=outline_absent
        )

    def ask(
        self, image: Any, question: str, *, domain: Any = "organs", policy: Policy | None = None
    ) -> Answered:
        """Answer a question about the things of a domain, see `biprompt.segmenter.questions`."""
        from biprompt.segmenter.questions import ask

        return ask(self, image, question, domain=domain, policy=policy)

    def segment_classes(
        self, image: Any, classes: Any, *, rules: ClassRules | None = None, instances: Any = False
    ) -> LabelMap:
        """Answer a list of classes with one label map (open vocabulary).

        Args:
            image: what :meth:`embed` takes, or what it gave.
            classes: names: a list, a text ``"sky; road; person = man, woman"``, or a mapping from
                names to further words that mean the same.
            rules: how they are asked for and put together; see `ClassRules`.
            instances: True parts every class into instances, a list of names these ones.

        Raises:
            PromptError: no class, a name twice or malformed, or a model that reads no words.
            ImageError: the image cannot be read.
        """
        from biprompt.segmenter.classes.segmenting import segment_classes

        return segment_classes(self, image, classes, rules=rules, instances=instances)

    def automatic(
        self, image: Any, *, settings: Automatic | None = None, classes: Any = None,
        told: Callable[[int, int], None] | None = None,
    ) -> Objects:  # fmt: skip
        """Find everything in an image, without a prompt; see `biprompt.segmenter.automatic`.

        Args:
            image: what :meth:`embed` takes, or what it gave.
            settings: grid of clicks, layers, filters; see `Automatic`.
            classes: names to give, as :meth:`segment_classes` takes them; None names nothing.
            told: is told clicks made, and clicks in all.

        Raises:
            PromptError: the model takes no clicks, or, with classes, reads no words.
            ImageError: the image cannot be read.
        """
        from biprompt.segmenter.automatic import automatic

        return automatic(self, image, settings=settings, classes=classes, told=told)

    def segment_large(
        self, image: Any, *, prompt: Prompt | None = None, tile: int = 1024,
        halo: int | None = None, overview: bool = True, bands: Sequence[int] | None = None,
        policy: Policy | None = None, told: Callable[[int, int], None] | None = None, **asked: Any,
    ) -> LargeSegmentation:  # fmt: skip
        """Answer one prompt, or plain values as `segment` takes them, on an image of any size.

        By tiles; see `biprompt.segmenter.tiles.segment_large`.
        """
        from biprompt.segmenter.tiles import segment_large

        if prompt is not None and asked:
            raise PromptError("prompt", expected="a prompt or plain values", actual="both")
        return segment_large(
            self, image, prompt or Prompt.build(**asked), tile=tile, halo=halo, overview=overview,
            bands=bands, policy=policy, told=told,
        )  # fmt: skip

    def _asked(self, prompt: Prompt, frame: ModelFrame) -> Asked:
        if not isinstance(prompt, Prompt):
            expected, actual = "a Prompt; Prompt.build makes one", type(prompt).__name__
            raise PromptError("prompt", expected=expected, actual=actual)
        prompt.check_frame(frame.original_hw)
        check_kinds(prompt, self.runtime.facts)
        asked = Asked.of(prompt, self.reader, frame, masks=self.runtime.facts.masks)
        return replace(asked, seen=self._looker.seen(prompt.examples)) if prompt.examples else asked
