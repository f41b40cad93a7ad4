"""Networks that answer with maps give what they give as a whole, from one image pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.runtime.hub.words import tiny
from tests.runtime.hub.words.conftest import said, seen

from biprompt.errors import ModelError
from biprompt.experts.spatial import spatial_batch
from biprompt.geometry import masks_in_frame
from biprompt.runtime.base import TextBatch
from biprompt.runtime.hub.words import ClipSegRuntime, Sam3Words
from biprompt.runtime.hub.words import sam3 as sam3_module
from biprompt.runtime.hub.words.maps import certainty
from biprompt.runtime.torch import Place

SHORT, LONG = (598, 5, 599), (598, 7, 8, 9, 10, 599)


def whole(model: Any, runtime: Any, photo: NDArray[np.uint8], ids: tuple[int, ...]) -> Any:
    """The network in one piece, as its documentation calls it."""
    places = 32 if isinstance(runtime, Sam3Words) else len(ids)
    row = torch.zeros(1, places, dtype=torch.long)
    row[0, : len(ids)] = torch.tensor(ids)
    real = (torch.arange(places) < len(ids)).long()[None]
    with torch.inference_mode():
        pixels = runtime.view.pixels(photo)[None]
        return model(pixel_values=pixels, input_ids=row, attention_mask=real)


@pytest.fixture(scope="module")
def clipseg(place: Place) -> tuple[Any, ClipSegRuntime]:
    model = tiny.clipseg()
    return model, ClipSegRuntime("clipseg", "1", place, model, {"size": 64})


@pytest.fixture(scope="module")
def sam3(place: Place) -> tuple[Any, Sam3Words]:
    model = tiny.sam3()
    return model, Sam3Words("sam3", "1", place, model, {"size": 56})


def test_clipseg_gives_its_maps(
    clipseg: tuple[Any, ClipSegRuntime], photo: NDArray[np.uint8]
) -> None:
    model, runtime = clipseg
    image = seen(runtime, photo)
    found = runtime.ground(image, [said("cat", *SHORT), said("long", *LONG)])
    for row, ids in enumerate((SHORT, LONG)):
        logits = whole(model, runtime, photo, ids).logits.squeeze()
        np.testing.assert_allclose(found.state["logits"][row], logits, atol=1e-4)
        assert found.presence is not None
        assert found.presence[row] == pytest.approx(float(logits.max()), abs=1e-4)
    assert not np.allclose(*found.state["logits"])  # the phrases differ, so the test can fail


def test_clipseg_says_absent_where_its_map_is_empty(
    clipseg: tuple[Any, ClipSegRuntime], photo: NDArray[np.uint8]
) -> None:
    model, runtime = clipseg
    bias = model.decoder.transposed_convolution.bias
    kept = bias.detach().clone()
    bias.data -= 1e3
    try:
        found = runtime.ground(seen(runtime, photo), [said("unicorn", *SHORT)])
    finally:
        bias.data = kept
    assert found.presence is not None and found.presence[0] < 0
    assert not (found.state["logits"] > 0).any() and found.state["score"][0] == 0


def test_a_map_covers_the_whole_image(
    clipseg: tuple[Any, ClipSegRuntime], photo: NDArray[np.uint8]
) -> None:
    frame = clipseg[1].frame((150, 226))
    logits = np.full((1, 64, 64), -1.0, np.float32)
    logits[0, 32:, :16] = 1  # lower half, first quarter of the width
    mask = masks_in_frame(logits, frame)[0]
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max()) == (75, 149)
    assert columns.min() == 0 and abs(columns.max() - 226 / 4) < 2


def test_sam3_best_instance_and_semantic_map(
    sam3: tuple[Any, Sam3Words], photo: NDArray[np.uint8]
) -> None:
    model, runtime = sam3
    phrases = [said("cat", *SHORT), said("[semantic] cat", *SHORT), said("red cat", *LONG)]
    found = runtime.ground(seen(runtime, photo), phrases)
    assert found.presence is not None
    for row, ids in ((0, SHORT), (2, LONG)):
        answer = whole(model, runtime, photo, ids)
        scores = (answer.pred_logits.sigmoid() * answer.presence_logits.sigmoid())[0]
        best = int(scores.argmax())
        np.testing.assert_allclose(
            found.state["logits"][row], answer.pred_masks[0, best], atol=1e-4
        )
        assert found.state["score"][row] == pytest.approx(float(scores[best]), abs=1e-5)
        odds = float(scores[best] / (1 - scores[best]))
        assert found.presence[row] == pytest.approx(np.log(odds), abs=1e-4)
    answer = whole(model, runtime, photo, SHORT)
    np.testing.assert_allclose(found.state["logits"][1], answer.semantic_seg[0, 0], atol=1e-4)
    assert found.presence[1] == pytest.approx(float(answer.presence_logits[0, 0]), abs=1e-5)


def test_sam3_unites_all_good_instances(
    sam3: tuple[Any, Sam3Words], photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, runtime = sam3
    answer = whole(model, runtime, photo, SHORT)
    scores = (answer.pred_logits.sigmoid() * answer.presence_logits.sigmoid())[0]
    second = float(scores.sort(descending=True).values[1])
    monkeypatch.setattr(sam3_module, "KEPT", second - 1e-6)
    found = runtime.ground(seen(runtime, photo), [said("cats", *SHORT)])
    union = answer.pred_masks[0, scores >= second - 1e-6].amax(0)
    np.testing.assert_allclose(found.state["logits"][0], union, atol=1e-4)


def test_sam3_tells_instances_apart(
    sam3: tuple[Any, Sam3Words], photo: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, runtime = sam3
    answer = whole(model, runtime, photo, SHORT)
    scores = (answer.pred_logits.sigmoid() * answer.presence_logits.sigmoid())[0]
    best = scores.argsort(descending=True)[:3]
    monkeypatch.setattr(sam3_module, "KEPT", float(scores[best[2]]))
    image = seen(runtime, photo)
    found = runtime.instances(image, said("cat", *SHORT))
    assert runtime.facts.instances and len(found.logits) == 3
    np.testing.assert_allclose(found.logits, answer.pred_masks[0, best][:, None], atol=1e-4)
    np.testing.assert_allclose(found.iou, scores[best][:, None], atol=1e-5)
    monkeypatch.setattr(sam3_module, "KEPT", 1.1)
    assert np.shape(runtime.instances(image, said("cat", *SHORT)).logits) == (0, 1, 16, 16)


def test_words_alone_are_decoded(sam3: tuple[Any, Sam3Words], photo: NDArray[np.uint8]) -> None:
    runtime = sam3[1]
    image = seen(runtime, photo)
    found = runtime.ground(image, [said("cat", *SHORT), said("red cat", *LONG)])
    text = TextBatch.rows(found, [1, 0, 1])
    decoded = runtime.decode(image, spatial_batch([None] * 3, (14, 14)), text)
    assert np.shape(decoded.logits) == (3, 1, 16, 16) and np.shape(decoded.iou) == (3, 1)
    np.testing.assert_array_equal(decoded.logits[1][0], found.state["logits"][0])
    with pytest.raises(ModelError, match="answers words alone"):
        runtime.decode(image, spatial_batch([None], (14, 14)), None)


def test_features_of_the_image_place_by_place(
    clipseg: tuple[Any, ClipSegRuntime], sam3: tuple[Any, Sam3Words], photo: NDArray[np.uint8]
) -> None:
    for runtime in (clipseg[1], sam3[1]):
        image = seen(runtime, photo)
        assert runtime.dense(image).shape == (16, 4, 4)
    layers = clipseg[1].encode([photo])[0]["layers"]
    cells = clipseg[1].dense(seen(clipseg[1], photo))
    np.testing.assert_array_equal(cells[:, 1, 2], layers[0, -1, 1 + 4 + 2])


def test_images_of_several_sizes_and_batches(photo: NDArray[np.uint8]) -> None:
    runtime = ClipSegRuntime("c", "1", Place.of("cpu", batch=2), tiny.clipseg(), {"size": 64})
    images = [photo, photo[:, ::-1].copy(), photo[:90]]
    together = runtime.encode(images)
    for image, features in zip(images, together, strict=True):
        alone = runtime.encode([image])[0]["layers"]
        np.testing.assert_allclose(features["layers"], alone, atol=1e-5)
        assert not features["layers"].flags.writeable


def test_half_precision_answers_alike(photo: NDArray[np.uint8]) -> None:
    """The image encoder alone works in bfloat16; the version says so."""
    for make, kind, size in ((tiny.clipseg, ClipSegRuntime, 64), (tiny.sam3, Sam3Words, 56)):
        exact = kind("m", "1", Place.of("cpu"), make(), {"size": size})
        half = kind("m", "1", Place.of("cpu", "bfloat16"), make(), {"size": size})
        assert half.facts.version == "1-bfloat16" != exact.facts.version
        a, b = (one.encode([photo])[0] for one in (exact, half))
        for name, level in a.items():
            assert b[name].dtype == np.float32
            assert np.abs(level - b[name]).mean() < 0.1 * np.abs(level).mean()
        assert half.ground(seen(half, photo), [said("cat", *SHORT)]).state["logits"].ndim == 3


def test_certainty_is_the_mean_inside() -> None:
    logits = torch.tensor([[[0.0, np.log(3.0)], [np.log(9.0), -2.0]], [[-1.0, -1.0], [-1.0, -1.0]]])
    assert certainty(logits).tolist() == pytest.approx([(0.75 + 0.9) / 2, 0.0])
