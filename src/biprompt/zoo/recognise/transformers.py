"""What transformers writes about a SAM of any kind, in the terms of `Stated`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STRETCHED = ("sam2", "sam2_video", "edgetam", "edgetam_video")
_TYPES = ("sam", "sam_hq", *_STRETCHED)


def stated_there(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts that no shape tells: sides, heads, windows.

    Args:
        tree: a ``config.json``.

    Returns:
        a tree as a checkpoint of ours has it; empty for a config of another model.
    """
    if tree.get("model_type") not in _TYPES:
        return {}
    vision = _part(tree, "vision_config")
    trunk = _part(vision, "backbone_config")
    encoder = {
        "image_size": _side(_part(tree, "prompt_encoder_config").get("image_size")),
        "heads": trunk.get("num_attention_heads"),
        "windows": trunk.get("window_size_per_stage"),
        "global_blocks": trunk.get("global_attention_blocks"),
    }
    decoder = {"heads": _part(tree, "mask_decoder_config").get("num_attention_heads")}
    # Its processor resizes with anti-aliasing, as Pillow does.
    preset = {"resize": "square_pil"} if tree["model_type"] in _STRETCHED else {}
    visual = {"encoder": _known(encoder), "decoder": _known(decoder)}
    return {"visual": visual, "preset": preset}


def _part(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def _side(size: Any) -> Any:
    """One side of a square that may be given by both."""
    return size[0] if isinstance(size, list) and size else size


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
