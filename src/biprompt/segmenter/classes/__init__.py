"""Open vocabulary: a list of classes becomes a label map.

`names` reads the list; `templates`, `synonyms`, `denoising` and `sharpness` are the survey's hard
prompts, one small function each; `asking` asks the model, `composing` makes one map of the classes'
maps, `instances` parts things, and `segmenting` puts all of it together under `rules`.
"""

from __future__ import annotations

from biprompt.segmenter.classes.names import NamedClass, classes_of
from biprompt.segmenter.classes.rules import ClassRules

__all__ = ["ClassRules", "NamedClass", "classes_of"]
