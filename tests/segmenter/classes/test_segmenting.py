"""A list of classes on a model that says what it is told to, and on the tiny one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from biprompt.errors import PromptError
from biprompt.experts.words import PhraseReader
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt
from biprompt.results import Candidate, LabelMap, Segmentation, SelectionCard, Verdict
from biprompt.runtime.base import ImageEmbedding, RuntimeFacts
from biprompt.runtime.onnx import OnnxRuntime
from biprompt.segmenter import Segmenter
from biprompt.segmenter.classes import ClassRules
from biprompt.segmenter.classes.segmenting import LONG_LIST
from biprompt.selection import Policy
from biprompt.zoo.words import WordTable

HW = (8, 12)
FRAME = ModelFrame(HW, (16, 24))
"""Cells are 4 model pixels: the maps have 4 x 6 of them."""
Row = tuple[Sequence[float], float | None]

SEEN: Mapping[str, Row] = {
    "sky": ([0.9, 0.9, 0.7, 0.1, 0.1, 0.1], 0.9),
    "road": ([0.1, 0.1, 0.8, 0.8, 0.2, 0.2], 0.9),
    "dog": ([0.9, 0.9, 0.9, 0.9, 0.9, 0.9], 0.1),
    "puppy": ([0.0, 0.0, 0.0, 0.0, 0.95, 0.95], 0.8),
    "a sky": ([0.1, 0.1, 0.1, 0.1, 0.1, 0.9], 0.5),
}
"""Value of each column of cells, and presence; any other name is outlined nowhere."""


class Told(Segmenter):
    """Answers from a table; "gizmo" means nothing to it, and "endless" is too long."""

    def __init__(self, seen: Mapping[str, Row] = SEEN, *, soft: bool = True) -> None:
        self.seen, self.soft = seen, soft
        self.asked: list[str] = []
        self.outlined: list[str] = []
        self.policy = Policy()
        self.runtime = self  # type: ignore[assignment]
        self.facts = RuntimeFacts("told", "1")

    def embed(self, image: Any) -> ImageEmbedding:
        pixels = np.zeros((*HW, 3), np.uint8)
        return ImageEmbedding({}, FRAME, "key", "told", "1", pixels, "a/photo.jpg")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None,
        outline_absent: bool = True,
    ) -> list[Segmentation]:  # fmt: skip
        phrases = [str(prompt.text) for prompt in prompts]
        if "endless" in phrases:
            raise PromptError("phrase", expected="at most 32 words", actual="33 words")
        self.asked += phrases
        self.outlined += phrases if outline_absent else []
        return [self._answer(phrase, outline_absent) for phrase in phrases]

    def _answer(self, phrase: str, outline: bool) -> Segmentation:
        columns, presence = self.seen.get(phrase, ([0.0] * 6, 0.0))
        soft = np.repeat([columns], 4, axis=0).astype(np.float32) * outline
        mask = np.repeat(np.repeat(soft > 0.5, 2, 0), 2, 1)
        card = SelectionCard(
            (Candidate("text", 0, 0.6, None, mask),),
            mask,
            0,
            None,
            None,
            "iou",
            "similarity",
            "paper",
            "Told.",
            text_understood=phrase != "gizmo",
        )
        return Segmentation(mask, Verdict.FOUND, presence, card, "told",
                            soft=soft if self.soft else None)  # fmt: skip


def columns(found: LabelMap) -> list[int]:
    """The map's first row, the second of each cell's two pixels."""
    return [int(value) for value in found.labels[0, 1::2]]


def test_maps_compete_and_what_is_not_there_takes_no_part() -> None:
    found = Told().segment_classes("x", "sky; road; dog")
    assert found.labels.dtype == np.int32 and found.labels.shape == HW
    assert columns(found) == [1, 1, 2, 2, 0, 0]
    assert found.names == ("sky", "road", "dog") and found.found == ("sky", "road")
    assert found.verdict is Verdict.FOUND and found.presence == (0.9, 0.9, 0.1)
    assert found.reason == "2 of 3 classes found. Not here: dog."
    assert found.classes[2].area == 0 and found.scores[2] is None
    assert found.image_path == "a/photo.jpg" and found.instances is None


def test_without_denoising_the_absent_one_claims_what_it_can() -> None:
    kept = Told().segment_classes("x", "sky; road; dog", rules=ClassRules(denoise=0.0))
    assert columns(kept)[-1] == 3
    nothing = Told().segment_classes("x", ["dog"])
    assert nothing.verdict is Verdict.ABSENT and not nothing.labels.any()


def test_further_words_belong_to_the_class() -> None:
    model = Told()
    found = model.segment_classes("x", {"sky": [], "dog": ["puppy"]})
    assert columns(found)[-2:] == [2, 2] and found.presence[1] == 0.8
    assert found.classes[1].phrases == ("dog", "puppy") == tuple(model.asked[1:])
    # The greatest value of both words counts, as long as either of them is there.
    assert columns(found)[2] == 2


def test_templates_are_averaged() -> None:
    rules = ClassRules(templates=("{}", "a {}"), least=0.45)
    found = Told().segment_classes("x", ["sky"], rules=rules)
    assert found.classes[0].phrases == ("sky", "a sky")
    assert found.presence[0] == pytest.approx(0.7)
    assert columns(found) == [1, 1, 0, 0, 0, 1]


def test_the_least_sharp_template_alone_is_outlined() -> None:
    seen = {"sky": ([0.9] * 6, 0.9), "road": ([0.1] * 6, 0.9), "a sky": ([0.9] * 6, 0.99),
            "a road": ([0.1] * 6, 0.2)}  # fmt: skip
    model = Told(seen)
    rules = ClassRules(templates=("a {}", "{}"), sharpest=True)
    model.segment_classes("x", "sky; road", rules=rules)
    assert model.outlined == ["sky", "road"]


def test_a_model_of_outlines_alone() -> None:
    found = Told(soft=False).segment_classes("x", "sky; road", rules=ClassRules(weight=1.0))
    assert columns(found) == [1, 1, 1, 2, 0, 0]  # equal presence: the earlier class
    hard = Told().segment_classes("x", "sky; road", rules=ClassRules(weight=1.0, soft=False))
    np.testing.assert_array_equal(found.labels, hard.labels)


def test_words_that_cannot_be_read_are_said() -> None:
    found = Told().segment_classes("x", "sky; gizmo; endless; road")
    assert not found.classes[1].understood and not found.classes[2].understood
    assert found.reason == "2 of 4 classes found. Not known to the model: gizmo, endless."
    assert columns(found)[0] == 1 and columns(found)[3] == 4


def test_of_a_long_list_only_what_may_be_there_is_outlined() -> None:
    names = ["sky", "road", *(f"thing {n}" for n in range(LONG_LIST))]
    model = Told()
    found = model.segment_classes("x", names)
    assert model.outlined == ["sky", "road"]
    short = Told().segment_classes("x", names[:2])
    np.testing.assert_array_equal(found.labels, short.labels)


def test_instances() -> None:
    found = Told().segment_classes("x", "sky; road", instances=["road"])
    assert found.instances is not None
    assert set(np.unique(found.instances[found.labels == 2]).tolist()) == {1}
    assert not found.instances[found.labels == 1].any()
    with pytest.raises(PromptError, match="instances: expected sky, got 'cat'"):
        Told().segment_classes("x", "sky", instances=["cat"])


@pytest.fixture(scope="module")
def tiny(tiny_model_folder: Path) -> Segmenter:
    reader = PhraseReader(WordTable.load(), ["cat", "dog"])
    return Segmenter(OnnxRuntime(tiny_model_folder, threads=1), reader)


@pytest.fixture(scope="module")
def photo() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(256, size=(60, 90, 3), dtype=np.uint8)


def test_the_tiny_model_answers_classes(tiny: Segmenter, photo: npt.NDArray[np.uint8]) -> None:
    scene = tiny.embed(photo)
    found = tiny.segment_classes(scene, "cat; dog; cup", rules=ClassRules(denoise=0.0))
    again = tiny.segment_classes(scene, "cat; dog; cup", rules=ClassRules(denoise=0.0))
    assert found.labels.shape == (60, 90) and found.model == "tiny"
    np.testing.assert_array_equal(found.labels, again.labels)
    assert all(each.area == np.count_nonzero(found.mask(each.name)) for each in found.classes)
    assert all((each.presence is not None) == each.understood for each in found.classes)
    assert found.classes[0].understood


def test_one_class_is_its_words_mask(tiny: Segmenter, photo: npt.NDArray[np.uint8]) -> None:
    scene = tiny.embed(photo)
    rules = ClassRules(denoise=0.0, templates=("{}",))
    found = tiny.segment_classes(scene, ["cat"], rules=rules)
    mask = tiny.segment(scene, text="cat", policy=Policy(presence_threshold=0.0)).mask
    # The map holds probabilities where the mask comes of logits: cells on the edge may differ.
    assert np.mean(found.mask("cat") != mask) < 0.02
