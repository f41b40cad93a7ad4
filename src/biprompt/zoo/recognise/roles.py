"""Tensors that are not treated as the others: what no image needs, what must stay exact."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from biprompt.models.sam2 import MEMORY_PREFIXES
from biprompt.zoo.families import Family

_MADE_ANEW = ("pixel_mean", "pixel_std", "attention_bias_idxs")
"""Last part of the names of buffers: constants, or garbage where a loader left them unset."""

_EXACT = "positional_encoding_gaussian_matrix"
_BUFFERS = (_EXACT, "running_mean", "running_var", "num_batches_tracked")
# SAM 2's memory of earlier frames, and what it is called in transformers; MobileSAM's ImageNet
# classifier.
_MEMORY = (
    *MEMORY_PREFIXES,
    "memory_temporal_positional_encoding",
    "no_memory_positional_encoding",
    "no_object_pointer",
    "object_pointer_proj.",
    "occlusion_spatial_embedding_parameter",
    "temporal_positional_encoding_projection_layer.",
)
_PARTS: Mapping[Family, tuple[str, ...]] = MappingProxyType(
    {
        Family.SAM2: _MEMORY,
        Family.EDGE_TAM: _MEMORY,
        Family.MOBILE_SAM: ("image_encoder.norm_head.", "image_encoder.head."),
    }
)


def is_constant(name: str) -> bool:
    """Whether a tensor is a buffer that is made anew, whatever a file says it is."""
    return name.rpartition(".")[2] in _MADE_ANEW


def must_stay_exact(name: str) -> bool:
    """Whether half precision would spoil a tensor: the frequencies that tell pixels apart."""
    return name.endswith(_EXACT)


def is_parameter(name: str) -> bool:
    """Whether a tensor is one that training changes by its gradient."""
    return not name.endswith(_BUFFERS)


def is_unused(name: str, family: Family) -> bool:
    """Whether the network of a family, as it is built here, has no use for a tensor.

    Args:
        name: of the tensor, without a prefix of the checkpoint.
        family: of the network.
    """
    if family.takes_text:
        name = name.removeprefix("visual_model.")
    return is_constant(name) or name.startswith(_PARTS.get(family.visual, ()))
