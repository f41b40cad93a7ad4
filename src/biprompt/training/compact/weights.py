"""Where a run's weights come from, and how each of them learns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from biprompt.errors import DataError, WeightsError
from biprompt.models.compact import CompactModel
from biprompt.models.compact.semantics import CLASSES
from biprompt.training.checkpoints import load_checkpoint, take_matching
from biprompt.training.compact.class_names import class_vectors, read_class_names
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.zoo.words import WordTable


@dataclass(frozen=True, slots=True)
class FirstWeights:
    """Files that a new schedule starts from.

    Attributes:
        backbone: MobileNetV2 weights for the part that learns.
        classifier: MobileNetV2 weights with an ImageNet classifier for the part that does not.
        class_names: names of its 1,000 classes, one a line; needed with `classifier`.
        start: checkpoint whose averaged weights are taken, as far as they fit.
    """

    backbone: Path | None = None
    classifier: Path | None = None
    class_names: Path | None = None
    start: Path | None = None

    def names(self) -> list[str]:
        """The classifier's names; none where there is no classifier.

        Raises:
            DataError: the names are missing, or as many as there are classes are not there.
        """
        if self.classifier is None:
            return []
        if self.class_names is None:
            raise DataError("--classifier", expected="--class-names with it", actual="none")
        return read_class_names(self.class_names, CLASSES)


def new_model(
    recipe: CompactRecipe,
    first: FirstWeights,
    words: WordTable,
    report: Callable[[str], None] = lambda line: None,
) -> CompactModel:
    """The model at the beginning of a schedule; what no file holds is random by the recipe's seed.

    Raises:
        WeightsError: a file is missing, damaged, or of another model, or the blocks that the
            recipe freezes would be random.
        DataError: the names of the classifier are missing or wrong.
    """
    if recipe.frozen_blocks and first.start is None and first.backbone is None:
        raise WeightsError(
            "first weights",
            expected="--backbone, --start, or frozen_blocks = 0 in the recipe",
            actual=f"none, and {recipe.frozen_blocks} random blocks would stay as they are",
        )
    torch.manual_seed(recipe.seed)
    model = CompactModel()
    if first.backbone is not None:
        load_backbone(model, first.backbone)
    if first.classifier is not None:
        load_classifier(model, first.classifier, first.names(), words)
    if first.start is not None:
        taken = take_matching(model, load_checkpoint(first.start), "average", first.start)
        report(f"{first.start}: {taken} of {len(model.state_dict())} tensors taken")
    return model


def load_backbone(model: CompactModel, path: Path) -> None:
    """Starts the backbone from MobileNetV2 weights (ImageNet, or DeepLab's ``backbone.``).

    Raises:
        WeightsError: the file is missing or damaged, or a tensor is missing or has another shape.
    """
    state = {name.removeprefix("backbone."): value for name, value in _read(path).items()}
    wanted = model.backbone.state_dict()
    _check_shapes(state, wanted, path)
    model.backbone.load_state_dict({name: state[name].float() for name in wanted})


def load_classifier(model: CompactModel, path: Path, names: list[str], words: WordTable) -> None:
    """Fills the part of the model that says what a place resembles.

    Args:
        model: takes the weights.
        path: MobileNetV2 with an ImageNet classifier.
        names: of its classes, synonyms after commas.
        words: word vectors.

    Raises:
        WeightsError: the file is missing or damaged, or a tensor is missing or has another shape.
    """
    state, semantics = _read(path), model.semantics
    _check_shapes(state, semantics.backbone.state_dict(), path)
    try:
        semantics.load_imagenet(state, torch.from_numpy(class_vectors(names, words)))
    except (KeyError, RuntimeError) as error:
        raise WeightsError(
            "classifier", expected="features.18.conv and classifier", actual=error, path=path
        ) from error


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        found = "nothing there" if isinstance(error, FileNotFoundError) else str(error)
        raise WeightsError(
            "weights", expected="a .safetensors file", actual=found, path=path
        ) from error


def _check_shapes(state: dict[str, Tensor], wanted: dict[str, Tensor], path: Path) -> None:
    for name, value in wanted.items():
        found = str(tuple(state[name].shape)) if name in state else "nothing"
        if found != str(tuple(value.shape)):
            raise WeightsError(name, expected=tuple(value.shape), actual=found, path=path)


def parameter_groups(model: CompactModel, recipe: CompactRecipe) -> list[dict[str, Any]]:
    """Backbone slower than the rest; no decay on biases, norms and single vectors.

    The first blocks of the backbone are frozen; they are in no group.
    """
    for block in model.backbone.features[: recipe.frozen_blocks]:
        block.requires_grad_(False)
    groups: dict[tuple[float, float], list[Tensor]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            scale = recipe.backbone_rate if name.startswith("backbone.") else 1.0
            decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
            groups[scale, decay].append(parameter)
    return [
        {"params": parameters, "lr": recipe.rate * scale, "scale": scale, "weight_decay": decay}
        for (scale, decay), parameters in groups.items()
    ]


@torch.no_grad()
def update_average(average: CompactModel, model: CompactModel, keep: float) -> None:
    """``average <- keep * average + (1 - keep) * model``."""
    mine: list[Tensor] = list(average.parameters())
    torch._foreach_lerp_(mine, [p.detach() for p in model.parameters()], 1.0 - keep)
