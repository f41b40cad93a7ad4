"""Training of Organ-Seg: question-mask pairs from volumes, LoRA, the two losses of the paper."""
