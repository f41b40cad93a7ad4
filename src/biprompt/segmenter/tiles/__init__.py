"""Very large images: looked at by tiles, answered as one mask."""

from __future__ import annotations

from biprompt.segmenter.tiles.answer import LargeSegmentation
from biprompt.segmenter.tiles.grid import HALO, TILE, Grid, Tiling
from biprompt.segmenter.tiles.large import segment_large

__all__ = ["HALO", "TILE", "Grid", "LargeSegmentation", "Tiling", "segment_large"]
