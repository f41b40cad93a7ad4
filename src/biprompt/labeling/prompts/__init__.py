"""What is asked of the images: phrases for all of them, or a file with prompts for each."""

from __future__ import annotations

from biprompt.labeling.prompts.reading import Prompts, read_prompts
from biprompt.labeling.prompts.values import prompt_of

__all__ = ["Prompts", "prompt_of", "read_prompts"]
