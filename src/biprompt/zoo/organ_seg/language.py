"""A vision-language model from a folder, as transformers writes it; nothing is downloaded."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from biprompt.errors import MissingExtraError, WeightsError
from biprompt.models.organ_seg.conversation import Conversation
from biprompt.models.organ_seg.pixels import VisionView

KINDS = ("llava", "vipllava")
"""Model types that take ids with a place for every piece of the picture, and one square picture."""
_SETTINGS = ("preprocessor_config.json", "processor_config.json")


@dataclass(frozen=True, slots=True, eq=False)
class LanguageModel:
    """A vision-language model and what it needs to read.

    Attributes:
        model: frozen, in evaluation mode, on the CPU.
        talk: makes ids of questions.
        view: makes pixels of pictures.
        width: of its last hidden states.
    """

    model: nn.Module
    talk: Conversation
    view: VisionView
    width: int


def load_language(folder: Path, turns: str, dtype: torch.dtype = torch.float32) -> LanguageModel:
    """Load model, tokenizer and settings of a folder.

    The processor of transformers is not used: its form for LLaVA asks for torchvision.

    Args:
        folder: with ``config.json``, weights in safetensors, a tokenizer and
            ``preprocessor_config.json``.
        turns: how a turn of the user is written.
        dtype: of the weights.

    Raises:
        MissingExtraError: transformers is not installed.
        WeightsError: something is missing or damaged, or it is no model in the manner of LLaVA.
    """
    config = _json(folder / "config.json")
    kind = config.get("model_type")
    if kind not in KINDS:
        hint = f"a model of type {' or '.join(KINDS)} (docs/organ-seg.md says how to convert)"
        raise WeightsError("vision-language model", expected=hint, actual=kind, path=folder)
    try:
        from transformers import AutoModelForImageTextToText, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError("hub", "a vision-language model") from error
    settings = _settings(folder)
    try:
        # From files of this folder alone, and never code that came with them.
        with _no_bars():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForImageTextToText.from_pretrained(
                folder, dtype=dtype, local_files_only=True, use_safetensors=True
            )
    except Exception as error:  # transformers raises a different type for every kind of damage
        reason = (str(error) or type(error).__name__).splitlines()[0]
        expected = "config, tokenizer and weights as transformers writes them"
        raise WeightsError(
            "vision-language model", expected=expected, actual=reason, path=folder
        ) from error
    cast(nn.Module, model).eval().requires_grad_(False)
    made = model.config
    view = VisionView.of(settings, int(made.vision_config.image_size))
    longest = int(getattr(made.text_config, "max_position_embeddings", 0) or 2**31)
    talk = Conversation(tokenizer, int(made.image_token_id), _pieces(made), turns, longest)
    return LanguageModel(model, talk, view, int(made.text_config.hidden_size))


@contextmanager
def _no_bars() -> Iterator[None]:
    """Without the progress bars of transformers; theirs would stand between our own lines."""
    logging: Any = importlib.import_module("transformers.utils.logging")
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _pieces(config: Any) -> int:
    """How many embeddings a picture becomes; with "full" the class token is one of them."""
    vision = config.vision_config
    side = int(vision.image_size) // int(vision.patch_size)
    full = getattr(config, "vision_feature_select_strategy", "default") == "full"
    has_class = config.model_type == "vipllava" or not full
    return side * side + (0 if has_class else 1)


def _settings(folder: Path) -> Mapping[str, Any]:
    for name in _SETTINGS:
        if (folder / name).is_file():
            return _json(folder / name)
    expected, actual = " or ".join(_SETTINGS), "neither"
    raise WeightsError("image processor", expected=expected, actual=actual, path=folder)


def _json(path: Path) -> Mapping[str, Any]:
    try:
        tree = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        actual = "nothing there" if isinstance(error, FileNotFoundError) else error
        raise WeightsError(path.name, expected="a JSON file", actual=actual, path=path) from error
    if not isinstance(tree, Mapping):
        raise WeightsError(path.name, expected="an object", actual=type(tree).__name__, path=path)
    return tree
