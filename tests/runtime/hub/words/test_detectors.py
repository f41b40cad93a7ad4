"""Detectors find what the whole network and the published way back from its boxes give."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.runtime.hub.words import tiny
from tests.runtime.hub.words.conftest import said, seen

from biprompt.errors import ModelError
from biprompt.runtime.base import Float
from biprompt.runtime.hub.words import GroundingDinoDetector, Owlv2Detector
from biprompt.runtime.hub.words.detections import Detections
from biprompt.runtime.torch import Place

OWL_IDS = ((598, 5, 599), (598, 7, 8, 9, 599))
DINO_IDS = ((101, 5, 1012, 102), (101, 7, 8, 9, 1012, 102))
DINO_SIZE = {"size": {"shortest_edge": 64, "longest_edge": 96}}


@pytest.fixture(scope="module")
def owl(place: Place) -> tuple[Any, Owlv2Detector]:
    model = tiny.owlv2()
    return model, Owlv2Detector("owlv2", "1", place, model, {"size": 64})


def dino(place: Place) -> GroundingDinoDetector:
    return GroundingDinoDetector("dino", "1", place, tiny.grounding_dino(), DINO_SIZE)


def inside(boxes: Any, hw: tuple[int, int]) -> Float:
    """The published boxes, cut to the image."""
    return np.asarray(boxes).clip(0, np.array((hw[1], hw[0]) * 2)).astype(np.float32)


def agree(found: Detections, boxes: Any, scores: Any, hw: tuple[int, int]) -> None:
    """Each of ours is one of theirs, and the best is the same."""
    theirs = {
        tuple(np.round(row, 1)): float(s) for row, s in zip(inside(boxes, hw), scores, strict=True)
    }
    ours = [tuple(np.round(row, 1)) for row in found.boxes]
    assert len(set(ours)) == len(ours) > 0
    for row, score in zip(ours, found.scores, strict=True):
        assert theirs[row] == pytest.approx(float(score), abs=1e-4)
    real = [s for row, s in theirs.items() if row[2] - row[0] >= 1 <= row[3] - row[1]]
    assert found.scores[0] == pytest.approx(max(real), abs=1e-4)
    assert (np.diff(found.scores) <= 0).all()


def test_owlv2(owl: tuple[Any, Owlv2Detector], photo: NDArray[np.uint8]) -> None:
    from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil

    model, detector = owl
    phrases = [said("a", *OWL_IDS[0]), said("b", *OWL_IDS[1])]
    found = detector.detect(seen(detector, photo), phrases)
    processor = Owlv2ImageProcessorPil(size={"height": 64, "width": 64})
    with torch.inference_mode():
        pixels = processor(images=photo, return_tensors="pt")["pixel_values"]
        for one, ids in zip(found, OWL_IDS, strict=True):
            answer = model(pixel_values=pixels, input_ids=torch.tensor([ids]))
            theirs = processor.post_process_object_detection(answer, 0.0, [photo.shape[:2]])[0]
            agree(one, theirs["boxes"], theirs["scores"], photo.shape[:2])


def test_grounding_dino(place: Place, photo: NDArray[np.uint8]) -> None:
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
        GroundingDinoImageProcessorPil,
    )

    processor = GroundingDinoImageProcessorPil(**DINO_SIZE)
    whole, detector = tiny.grounding_dino(), dino(place)
    found = detector.detect(
        seen(detector, photo), [said("a", *DINO_IDS[0]), said("b", *DINO_IDS[1])]
    )
    with torch.inference_mode():
        given = processor(images=photo, return_tensors="pt")
        for one, ids in zip(found, DINO_IDS, strict=True):
            answer = whole(**given, input_ids=torch.tensor([ids]))
            theirs = processor.post_process_object_detection(answer, 0.0, [photo.shape[:2]])[0]
            agree(one, theirs["boxes"], theirs["scores"], photo.shape[:2])


def test_phrases_of_one_call_do_not_touch(place: Place, photo: NDArray[np.uint8]) -> None:
    for detector, ids in ((dino(Place.of("cpu", batch=2)), DINO_IDS), (dino(place), DINO_IDS)):
        image = seen(detector, photo)
        phrases = [said("a", *ids[0]), said("b", *ids[1])]
        together = detector.detect(image, phrases)
        for phrase, one in zip(phrases, together, strict=True):
            alone = detector.detect(image, [phrase])[0]
            np.testing.assert_allclose(alone.boxes, one.boxes, atol=1e-2)
            np.testing.assert_allclose(alone.scores, one.scores, atol=1e-4)


def test_threads_do_not_see_each_others_image(place: Place, photo: NDArray[np.uint8]) -> None:
    detector, phrase = dino(place), [said("a", *DINO_IDS[0])]
    images = [seen(detector, photo), seen(detector, photo[::-1].copy())]
    alone = [detector.detect(image, phrase)[0].boxes for image in images]
    assert not np.array_equal(*alone)
    with ThreadPoolExecutor(4) as pool:
        turns = list(pool.map(lambda i: detector.detect(images[i % 2], phrase)[0].boxes, range(8)))
    for i, boxes in enumerate(turns):
        np.testing.assert_array_equal(boxes, alone[i % 2])


def test_half_precision_and_the_version_that_says_so(photo: NDArray[np.uint8]) -> None:
    half = Place.of("cpu", "bfloat16")
    for detector, ids in (
        (Owlv2Detector("o", "1", half, tiny.owlv2(), {"size": 64}), OWL_IDS[0]),
        (dino(half), DINO_IDS[0]),
    ):
        assert detector.version == "1-bfloat16"
        found = detector.detect(seen(detector, photo), [said("a", *ids)])[0]
        assert len(found.scores) and np.isfinite(found.boxes).all()


def test_a_failing_network_is_one_line(
    owl: tuple[Any, Owlv2Detector], photo: NDArray[np.uint8]
) -> None:
    image = seen(owl[1], photo)
    with pytest.raises(ModelError, match="owlv2: "):
        owl[1].detect(image, [said("too long", *range(1, 30))])
