"""Where a run starts: backbone, frozen classifier, another run's average."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from biprompt.errors import DataError, WeightsError
from biprompt.models.compact import CompactModel
from biprompt.training.checkpoints import save_checkpoint
from biprompt.training.compact.class_names import class_vectors
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.compact.weights import (
    FirstWeights,
    new_model,
    parameter_groups,
    update_average,
)
from biprompt.zoo.words import WordTable


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights under the published names, and 1,000 names beside them."""
    torch.manual_seed(3)
    model = CompactModel()
    state = {f"{n}": v.half() for n, v in model.backbone.state_dict().items()}
    state |= {
        "features.18.conv.weight": torch.randn(1280, 320, 1, 1).half(),
        "features.18.conv.bias": torch.randn(1280).half(),
        "classifier.weight": torch.randn(1000, 1280).half(),
        "classifier.bias": torch.randn(1000).half(),
    }
    folder = tmp_path_factory.mktemp("weights")
    save_file({n: v.contiguous() for n, v in state.items()}, folder / "imagenet.safetensors")
    (folder / "names.txt").write_text("tench, Tinca tinca\n" + "dog\n" * 999)
    return folder


def test_the_seed_decides_what_no_file_holds(tiny: CompactRecipe, words: WordTable) -> None:
    def first(seed: int) -> torch.Tensor:
        model = new_model(replace(tiny, seed=seed), FirstWeights(), words)
        return model.decoder.masks.weight

    assert torch.equal(first(1), first(1)) and not torch.equal(first(1), first(2))


def test_backbone_and_classifier(imagenet: Path, tiny: CompactRecipe, words: WordTable) -> None:
    path = imagenet / "imagenet.safetensors"
    first = FirstWeights(path, path, imagenet / "names.txt")
    model = new_model(replace(tiny, frozen_blocks=4), first, words)
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, model.semantics.backbone.state_dict()[name])
    wanted = torch.from_numpy(class_vectors(["tench, Tinca tinca", "dog"], words))
    assert torch.allclose(model.semantics.names[:2], wanted)


def test_another_runs_average_as_far_as_it_fits(
    tmp_path: Path, tiny: CompactRecipe, words: WordTable
) -> None:
    torch.manual_seed(9)
    other = CompactModel().state_dict()
    mask_bias = other["decoder.masks.bias"]
    other = {n: v for n, v in other.items() if not n.startswith("semantics.")}
    other["text.presence.0.weight"] = torch.zeros(2, 2)  # an earlier shape
    path = tmp_path / "best.pt"
    save_checkpoint(path, {"model": other, "average": other})
    lines: list[str] = []
    model = new_model(replace(tiny, frozen_blocks=4), FirstWeights(start=path), words, lines.append)
    assert torch.equal(model.decoder.masks.bias, mask_bias)
    total = len(model.state_dict())
    assert lines == [f"{path}: {len(other) - 1} of {total} tensors taken"]
    save_checkpoint(path, {"model": other, "average": {"x": torch.zeros(1)}})
    with pytest.raises(WeightsError, match="average of this model"):
        new_model(tiny, FirstWeights(start=path), words)


def test_random_blocks_are_not_frozen_in_silence(tiny: CompactRecipe, words: WordTable) -> None:
    with pytest.raises(WeightsError, match=r"--backbone, --start, or frozen_blocks = 0"):
        new_model(replace(tiny, frozen_blocks=4), FirstWeights(), words)


def test_wrong_files(tmp_path: Path, imagenet: Path, tiny: CompactRecipe, words: WordTable) -> None:
    good = imagenet / "imagenet.safetensors"
    damaged, partial = tmp_path / "damaged.safetensors", tmp_path / "partial.safetensors"
    damaged.write_bytes(good.read_bytes()[:100])
    save_file({"features.0.conv.weight": torch.zeros(1)}, partial)
    cases = [
        (FirstWeights(tmp_path / "none"), WeightsError, "nothing there"),
        (FirstWeights(damaged), WeightsError, "a .safetensors file"),
        (FirstWeights(partial), WeightsError, r"features\.0\.conv\.weight: expected \(32, 3"),
        (FirstWeights(good, good), DataError, "--class-names"),
        (FirstWeights(good, good, tmp_path / "none"), DataError, "class names"),
        (FirstWeights(good, partial, imagenet / "names.txt"), WeightsError, "conv.weight"),
    ]
    for first, error, message in cases:
        with pytest.raises(error, match=message) as caught:
            new_model(tiny, first, words)
        assert "\n" not in str(caught.value)


def test_what_learns_and_how_fast() -> None:
    recipe = CompactRecipe(frozen_blocks=4)
    model = CompactModel()
    groups = parameter_groups(model, recipe)
    grouped = {id(p) for group in groups for p in group["params"]}
    names = {name: id(p) in grouped for name, p in model.named_parameters()}
    assert not any(on for name, on in names.items() if name.startswith("semantics."))
    assert not any(on for name, on in names.items() if name.startswith("backbone.features.3."))
    assert names["backbone.features.4.project.weight"] and names["decoder.masks.bias"]
    assert {(g["scale"], g["weight_decay"]) for g in groups} == {
        (0.12, 0.02), (0.12, 0.0), (1.0, 0.02), (1.0, 0.0)
    }  # fmt: skip
    assert all(p.ndim > 1 for g in groups if g["weight_decay"] for p in g["params"])


def test_the_average_moves_towards_the_model() -> None:
    torch.manual_seed(0)
    average, model = CompactModel(), CompactModel()
    before = average.decoder.masks.weight.detach().clone()
    update_average(average, model, 0.75)
    wanted = 0.75 * before + 0.25 * model.decoder.masks.weight
    assert torch.allclose(average.decoder.masks.weight, wanted, atol=1e-7)
