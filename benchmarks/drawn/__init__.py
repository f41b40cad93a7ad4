"""Masks drawn by hand: how the rule that keeps or refines them was fitted, and what it is worth.

True masks are drawn anew as people draw (`biprompt.data.drawings`) and given to the model.

    python -m benchmarks.drawn collect ../shared/data/coco-train --out drawings --objects 60
    python -m benchmarks.drawn fit drawings --out src/biprompt/selection/keeping.npz
    python -m benchmarks.drawn measure ../shared/data/coco-mval-test --out docs/results
"""
