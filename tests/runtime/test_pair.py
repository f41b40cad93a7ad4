"""Two runtimes as one: which rows go where, in which frame, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import biprompt
from biprompt.errors import ModelError
from biprompt.geometry import ModelFrame, fit_longest, masks_in_frame
from biprompt.prompts import Example
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)
from biprompt.runtime.moving import moved
from biprompt.runtime.pair import PairRuntime
from biprompt.segmenter import Segmenter

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)


@dataclass
class Fake:
    """Answers each row with a rectangle of its own, and remembers what it was asked."""

    facts: RuntimeFacts
    side: int
    padded: bool
    box: tuple[int, int, int, int]  # of the original image
    masks: int = 4
    asked: list[tuple[SpatialBatch, TextBatch | None]] = field(default_factory=list)
    seen: list[ImageEmbedding] = field(default_factory=list)

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        square = (self.side, self.side)
        return ModelFrame(hw, fit_longest(hw, self.side) if self.padded else square, square)

    def encode(self, images: Sequence[Any]) -> list[Mapping[str, Float]]:
        return [{"own": np.full((1, 1, 2, 2), self.side, np.float32)} for _ in images]

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        self.seen.append(image)
        number = np.arange(len(phrases), dtype=np.float32)[:, None]
        return Grounding({"number": number}, np.full(len(phrases), 3, np.float32))

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        self.seen.append(image)
        self.asked.append((spatial, text))
        frame, cells = image.frame, self.side // 4
        corners = frame.scale_boxes(self.box) / 4
        x0, y0, x1, y1 = corners
        at = np.arange(cells) + 0.5
        inside = ((at > y0) & (at < y1))[:, None] & ((at > x0) & (at < x1))
        logits = np.where(inside, 5.0, -5.0).astype(np.float32)
        count = len(spatial)
        return Decoded(
            np.broadcast_to(logits, (count, self.masks, cells, cells)),
            np.full((count, self.masks), 0.5, np.float32),
        )

    def dense(self, image: ImageEmbedding) -> Float:
        self.seen.append(image)
        return np.zeros((3, 2, 2), np.float32)

    def imitate(self, image: ImageEmbedding, examples: Sequence[Example]) -> Decoded:
        found = self.decode(image, nothing(self.side // 4), None)
        return Decoded(np.asarray(found.logits)[:, :1], np.asarray(found.iou)[:, :1])


class Reader:
    def read(self, text: str) -> Phrase:
        return Phrase(text, np.zeros((1, 1), np.float32))


def nothing(cells: int, rows: int = 1) -> SpatialBatch:
    return SpatialBatch(
        np.zeros((rows, 1, 2), np.float32), np.full((rows, 1), -1, np.float32),
        np.zeros((rows, 4), np.float32), np.zeros(rows, np.float32),
        np.zeros((rows, 1, cells, cells), np.float32), np.zeros(rows, np.float32),
    )  # fmt: skip


LEFT, RIGHT = (10, 10, 40, 50), (50, 20, 80, 50)


def points(**changed: Any) -> Fake:
    return Fake(RuntimeFacts("clicker", "1", words=False, joint=False), 64, True, LEFT)


def words(*, joint: bool, masks: int = 4) -> Fake:
    facts = RuntimeFacts("reader", "2", points=False, masks=False, semantic=True, joint=joint)
    return Fake(facts, 96, False, RIGHT, masks)


def is_box(mask: Any, box: tuple[int, int, int, int]) -> bool:
    """Whether a mask is a rectangle of the original image, up to a cell of the coarse grid."""
    expected = np.zeros(mask.shape, bool)
    expected[box[1] : box[3], box[0] : box[2]] = True
    return bool((mask & expected).sum() / (mask | expected).sum() > 0.75)


def test_clicks_and_words_are_answered_by_their_own_model_in_its_own_frame() -> None:
    first, second = points(), words(joint=True, masks=1)
    model = Segmenter(PairRuntime("both", first, second), Reader())
    answer = model.segment(IMAGE, points=[(20, 20)], text="a cup")
    assert answer.card.text_mask is not None
    assert is_box(answer.card.text_mask, RIGHT)
    assert is_box(answer.card.candidates[0].mask, LEFT)
    assert answer.presence == pytest.approx(1 / (1 + np.exp(-3)))
    asked, said = first.asked[0]
    assert said is None and len(asked) == 1
    np.testing.assert_allclose(asked.xy[0, 0], (20.5 * 64 / 90, 20.5 * 43 / 60), rtol=1e-5)
    assert len(second.asked[0][0]) == 1 and second.asked[0][1] is not None


def test_each_model_sees_only_its_own_features_and_name() -> None:
    first, second = points(), words(joint=True)
    model = Segmenter(PairRuntime("both", first, second), Reader())
    scene = model.embed(IMAGE)
    assert set(scene.features) == {"points.own", "words.own"}
    model.segment(scene, points=[(20, 20)], text="a cup")
    assert {(seen.model, float(seen.features["own"][0, 0, 0, 0])) for seen in first.seen} == {
        ("clicker", 64.0)
    }
    assert {(seen.version, seen.frame.canvas_hw) for seen in second.seen} == {("2", (96, 96))}


def test_a_joint_row_goes_to_the_reader_that_sees_both() -> None:
    first, second = points(), words(joint=True)
    model = Segmenter(PairRuntime("both", first, second), Reader())
    wide = biprompt.Policy(pool="wide")
    answer = model.segment(IMAGE, points=[(20, 20)], text="a cup", policy=wide)
    joint = [c for c in answer.card.candidates if c.source == "joint"]
    assert len(joint) == 4 and all(is_box(c.mask, RIGHT) for c in joint)
    rows = [batch for batch, _ in second.asked if len(batch) == 2]
    used = rows[0].labels[:, 0] == 1
    np.testing.assert_allclose(rows[0].xy[used][0, 0], (20.5 * 96 / 90, 20.5 * 96 / 60))


def test_a_joint_row_stays_with_the_clicks_where_the_reader_sees_none() -> None:
    first, second = points(), words(joint=False, masks=1)
    model = Segmenter(PairRuntime("both", first, second), Reader())
    wide = biprompt.Policy(pool="wide")
    answer = model.segment(IMAGE, points=[(20, 20)], text="a cup", policy=wide)
    joint = [c for c in answer.card.candidates if c.source == "joint"]
    assert joint and all(is_box(c.mask, LEFT) for c in joint)
    assert all((batch.labels < 0).all() for batch, _ in second.asked)


def test_the_order_of_rows_is_kept() -> None:
    first, second = points(), words(joint=True)
    model = Segmenter(PairRuntime("both", first, second), Reader())
    kinds = ["text", "click", "text", "click"]
    prompts = [
        biprompt.Prompt.build(text=f"cup {i}") if kind == "text"
        else biprompt.Prompt.build(points=[(20, 20)])
        for i, kind in enumerate(kinds)
    ]  # fmt: skip
    answers = model.segment_many(IMAGE, prompts)
    for kind, answer in zip(kinds, answers, strict=True):
        assert is_box(answer.card.candidates[0].mask, RIGHT if kind == "text" else LEFT)


def test_facts_are_those_of_both() -> None:
    facts = PairRuntime("both", points(), words(joint=False)).facts
    assert (facts.points, facts.words, facts.semantic, facts.masks) == (True, True, True, True)
    assert not facts.joint and facts.version == "1+2"


def test_what_is_no_pair_is_refused() -> None:
    with pytest.raises(ModelError, match="both: reader cannot be pointed with"):
        PairRuntime("both", words(joint=True), words(joint=True))
    with pytest.raises(ModelError, match="both: clicker reads no words"):
        PairRuntime("both", points(), points())


def test_dense_and_imitate_find_the_model_that_can() -> None:
    first, second = points(), words(joint=True)
    second.facts = RuntimeFacts("reader", "2", points=False, examples=True)
    pair = PairRuntime("both", first, second)
    scene = Segmenter(pair, Reader()).embed(IMAGE)
    assert pair.dense(scene).shape == (3, 2, 2) and first.seen[-1].model == "clicker"
    found = pair.imitate(scene, [Example(IMAGE, np.ones((60, 90), bool))])
    assert found.frames is not None and found.frames[0] == second.frame((60, 90))
    assert is_box(masks_in_frame(found.logits[0], found.frames[0])[0], RIGHT)


def test_prompts_move_between_a_padded_and_a_stretched_frame() -> None:
    hw = (60, 90)
    seen, frame = points().frame(hw), words(joint=True).frame(hw)
    batch = nothing(16)
    batch.xy[0, 0], batch.labels[0, 0] = seen.scale_points((45.0, 30.0)), 1
    batch.box[0] = seen.scale_boxes((9.0, 6.0, 81.0, 54.0))
    # The upper half of the image: rows 0 to 5.3 of 16 cells, as the lower third is padding.
    batch.mask[0, 0, :5] = 1
    there = moved(batch, seen, frame)
    np.testing.assert_allclose(there.xy[0, 0], (48.0, 48.0), rtol=1e-5)
    np.testing.assert_allclose(there.box[0], (9.6, 9.6, 86.4, 86.4), rtol=1e-5)
    assert there.mask.shape == (1, 1, 24, 24)
    assert there.mask[0, 0, :10].min() == 1 and there.mask[0, 0, 13:].max() == 0
    assert moved(batch, seen, seen) is batch


def test_a_mask_moved_onto_a_padded_canvas_is_nothing_beside_the_image() -> None:
    hw = (60, 90)
    seen, frame = words(joint=True).frame(hw), points().frame(hw)
    batch = nothing(24)
    batch.mask[:] = 1
    there = moved(batch, seen, frame).mask[0, 0]
    assert there.shape == (16, 16)
    covered = frame.model_hw[0] / 4  # 10.75 rows of cells hold image
    assert (there[: int(covered)] == 1).all() and (there[int(covered) + 1 :] == 0).all()
