"""Weights on disk as one lazy mapping, whatever kind of file they lie in."""

from biprompt.zoo.weights.facts import Shape, TensorFacts
from biprompt.zoo.weights.files import holds_weights, weight_files
from biprompt.zoo.weights.opened import Weights, open_weights
from biprompt.zoo.weights.writing import write_safetensors

__all__ = [
    "Shape",
    "TensorFacts",
    "Weights",
    "holds_weights",
    "open_weights",
    "weight_files",
    "write_safetensors",
]
