"""SegGPT gives what the network gives for the published pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the models of transformers need torch")
pytest.importorskip("transformers", reason="the adapters are for its models")

from tests.runtime.hub.words import tiny  # noqa: E402
from tests.runtime.hub.words.conftest import seen  # noqa: E402

from biprompt.errors import ModelError, PromptError  # noqa: E402
from biprompt.experts.spatial import spatial_batch  # noqa: E402
from biprompt.prompts import Example  # noqa: E402
from biprompt.runtime.base import Phrase  # noqa: E402
from biprompt.runtime.hub.seggpt import SegGptRuntime  # noqa: E402
from biprompt.runtime.torch import Place  # noqa: E402

SIZE = {"size": {"height": 32, "width": 32}}


@pytest.fixture(scope="module")
def network() -> Any:
    return tiny.seggpt()


@pytest.fixture(scope="module")
def runtime(network: Any) -> SegGptRuntime:
    return SegGptRuntime("seggpt", "1", Place.of("cpu"), network, SIZE)


@pytest.fixture(scope="module")
def image() -> NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 256, (50, 80, 3), dtype=np.uint8)


def example(seed: int, hw: tuple[int, int] = (40, 30)) -> Example:
    rng = np.random.default_rng(seed)
    mask = np.zeros(hw, np.bool_)
    mask[5:20, seed : seed + 12] = True
    return Example(rng.integers(0, 256, (*hw, 3), dtype=np.uint8), mask)


def painted(network: Any, image: NDArray[np.uint8], examples: list[Example]) -> Any:
    """White, 0 to 1, by the published processor and the network in one piece."""
    from transformers.models.seggpt.image_processing_pil_seggpt import SegGptImageProcessorPil

    processor = SegGptImageProcessorPil(**SIZE)
    given = processor(
        images=[image] * len(examples), prompt_images=[one.image for one in examples],
        prompt_masks=[one.mask.astype(np.uint8) * 255 for one in examples], return_tensors="pt",
    )  # fmt: skip
    with torch.inference_mode():
        found = network(**given, feature_ensemble=len(examples) > 1).pred_masks[:, :, 32:]
    mean, std = (torch.tensor(row)[:, None, None] for row in
                 (processor.image_mean, processor.image_std))  # fmt: skip
    return (found * std + mean).clamp(0, 1).mean((0, 1)).numpy()


@pytest.mark.parametrize("seeds", [(1,), (1, 2), (1, 2, 3)])
def test_imitates(
    network: Any, runtime: SegGptRuntime, image: NDArray[np.uint8], seeds: tuple[int, ...]
) -> None:
    examples = [example(seed, (40, 30 + seed)) for seed in seeds]
    found = runtime.imitate(seen(runtime, image), examples)
    assert np.shape(found.logits) == (1, 1, 32, 32) and np.shape(found.iou) == (1, 1)
    white = np.clip(painted(network, image, examples), 1e-3, 1 - 1e-3)
    probability = 1 / (1 + np.exp(-np.asarray(found.logits)[0, 0]))
    np.testing.assert_allclose(probability, white, atol=1e-3)
    inside = white > 0.5
    assert inside.any() and not inside.all()
    assert found.iou[0][0] == pytest.approx(white[inside].mean(), abs=1e-3)


def test_the_example_matters(runtime: SegGptRuntime, image: NDArray[np.uint8]) -> None:
    look = seen(runtime, image)
    one, other = (runtime.imitate(look, [example(seed)]).logits for seed in (1, 9))
    assert not np.allclose(one, other, atol=1e-3)


def test_whole_image_is_covered(runtime: SegGptRuntime) -> None:
    frame = runtime.frame((50, 80))
    assert frame.model_hw == frame.canvas_hw == (32, 32) and not frame.is_padded


def test_what_it_does_not_answer(runtime: SegGptRuntime, image: NDArray[np.uint8]) -> None:
    look, facts = seen(runtime, image), runtime.facts
    assert facts.examples and not (facts.points or facts.words or facts.masks)
    with pytest.raises(ModelError, match="reads no words"):
        runtime.ground(look, [Phrase("cat", np.zeros(1, np.int64))])
    with pytest.raises(ModelError, match="takes examples alone"):
        runtime.decode(look, spatial_batch([None], (8, 8)), None)
    with pytest.raises(ModelError, match="no features"):
        runtime.dense(look)


def test_examples_of_what_is_not_meant_are_refused(
    runtime: SegGptRuntime, image: NDArray[np.uint8]
) -> None:
    look, shown = seen(runtime, image), example(1)
    with pytest.raises(PromptError, match="got one of what is not"):
        runtime.imitate(look, [shown, Example(shown.image, shown.mask, 0)])
    with pytest.raises(PromptError, match="got none"):
        runtime.imitate(look, [])


def test_half_precision(image: NDArray[np.uint8]) -> None:
    half = SegGptRuntime("s", "1", Place.of("cpu", "bfloat16"), tiny.seggpt(), SIZE)
    assert half.facts.version == "1-bfloat16"
    found = half.imitate(seen(half, image), [example(1)])
    assert np.isfinite(np.asarray(found.logits)).all()
