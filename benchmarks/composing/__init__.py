"""How the rule for sets of prompts was fitted, and what it could reach.

Photographs that were kept out of training are asked with every set out of a click, a box, a stroke
and the name (`collecting`), and the weights of `biprompt.selection.composing` are fitted to what
each candidate was worth (`fitting`).

    python -m benchmarks.composing collect ../shared/data/coco-train --out cases --objects 250
    python -m benchmarks.composing fit cases --out src/biprompt/selection/composing.npz
"""
