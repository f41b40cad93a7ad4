"""Words on every slice, by a model that knows the truth."""

from __future__ import annotations

import numpy as np
import pytest
from tests.io.medical.knowing import Knowing
from tests.io.medical.phantoms import AFFINES, abdomen, in_memory

from biprompt.errors import InputError
from biprompt.io.medical.views import Axis
from biprompt.io.medical.volume import Modality, Volume
from biprompt.prompts import Prompt
from biprompt.segmenter.volumes import Scan, ask_volume

SHAPE = (60, 50, 24)


@pytest.fixture
def known() -> tuple[Scan, np.ndarray, Knowing]:
    values, labels = abdomen(SHAPE)
    scan = Scan.of(in_memory(values, AFFINES["LPS"]))
    return scan, labels, Knowing(scan, labels, ["liver", "spleen"])


def test_every_slice_is_asked(known: tuple[Scan, np.ndarray, Knowing]) -> None:
    scan, labels, model = known
    answer = ask_volume(model, scan, Prompt.build(text="spleen"))
    np.testing.assert_array_equal(answer.labels, labels == 2)
    assert [index for index, _ in model.asked] == list(range(24))
    there = int((scan.stack(labels) == 2).any((1, 2)).sum())
    assert answer.reason.startswith(f"On {there} of the 24 axial slices asked; surest, slice")
    assert answer.organs[0].ml == pytest.approx((labels == 2).sum() * scan.volume.voxel_ml)


@pytest.mark.parametrize("every", [2, 3, 5])
def test_of_every_nth_the_slices_between_are_followed(
    known: tuple[Scan, np.ndarray, Knowing], every: int
) -> None:
    scan, labels, model = known
    answer = ask_volume(model, scan, Prompt.build(text="liver"), every=every)
    words = [index for index, prompt in model.asked if prompt.text is not None]
    assert words == list(range(0, 24, every))
    truth = labels == 1
    assert not (answer.labels.astype(bool) & ~truth).any()
    # Beyond the outermost slice that was asked and has it, half of n is followed.
    assert (answer.labels > 0).sum() > 0.97 * truth.sum()
    asked = [index for index, _ in model.asked]
    assert len(asked) == len(set(asked))


def test_what_is_nowhere_is_refused(known: tuple[Scan, np.ndarray, Knowing]) -> None:
    scan, _, model = known
    answer = ask_volume(model, scan, Prompt.build(text="gallbladder"))
    assert answer.verdict == "absent" and not answer.labels.any()
    assert answer.reason == (
        "On none of the 24 axial slices asked; nearest, slice 0: It is not there."
    )


def test_slices_of_air_are_not_asked(known: tuple[Scan, np.ndarray, Knowing]) -> None:
    scan, labels, _ = known
    values = np.array(scan.volume.voxels)
    values[..., 3] = -1000 + np.random.default_rng(0).integers(0, 9, SHAPE[:2])
    again = Scan.of(in_memory(values, scan.volume.affine))
    model = Knowing(again, labels, ["liver"])
    ask_volume(model, again, Prompt.build(text="liver"))
    assert 3 not in [index for index, _ in model.asked]
    nothing = Scan.of(in_memory(np.full(SHAPE, -1000, np.int16), np.eye(4)))
    answer = ask_volume(model, nothing, Prompt.build(text="liver"))
    assert answer.verdict == "absent"
    assert answer.reason == "Nothing can be seen on any axial slice that was asked."


def test_wrong_questions(known: tuple[Scan, np.ndarray, Knowing]) -> None:
    scan, _, model = known
    with pytest.raises(InputError, match="every: expected a whole number, 1 or more, got 0"):
        ask_volume(model, scan, Prompt.build(text="liver"), every=0)
    with pytest.raises(InputError, match="words to ask for"):
        ask_volume(model, scan, Prompt.build(points=[(1, 1)]))


def test_scans_say_what_they_took_for_granted() -> None:
    values, _ = abdomen(SHAPE)
    guessed = Scan.of(Volume(values, np.eye(4)), Axis.CORONAL)
    assert guessed.modality is Modality.CT and guessed.window.name == "soft-tissue"
    assert guessed.remarks == (
        "The file does not say what its values are; taken as CT, as some are far below 0.",
    )
    assert guessed.count == SHAPE[1]
    told = Scan.of(Volume(values, np.eye(4)), modality=Modality.MR)
    assert told.window.name == "percentiles" and told.remarks == ()


def test_monochrome1_is_shown_with_low_values_bright() -> None:
    values, _ = abdomen(SHAPE)
    plain = Scan.of(Volume(values, np.eye(4), Modality.CT))
    turned = Scan.of(Volume(values, np.eye(4), Modality.CT, inverted=True))
    sums = plain.picture(12).astype(int) + turned.picture(12)
    assert set(np.unique(sums)) <= {255, 256}  # a half is rounded up on both sides
