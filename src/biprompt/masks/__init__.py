"""Binary masks: run lengths, overlap, boxes, components, polygons. Numpy.

A mask is (H, W) bool; pixel [r, c] covers x from c to c + 1 and y from r to r + 1.
"""

from __future__ import annotations

from biprompt.masks.bits import BitMask
from biprompt.masks.bridges import one_ring, rings_without_holes
from biprompt.masks.overlap import dice_matrix, iou_matrix
from biprompt.masks.overlaps import OVERLAPS, Overlap, owners, without_overlaps
from biprompt.masks.polygon import fill_polygon
from biprompt.masks.polygons import Part, count_parts_and_holes, fill_polygons, mask_polygons
from biprompt.masks.rle import MAX_MASK_PIXELS, Rle, rle_area, rle_bbox, rle_decode, rle_encode
from biprompt.masks.shapes import area, bbox_xywh, bbox_xyxy, component_at, components
from biprompt.masks.window import Window

__all__ = [
    "MAX_MASK_PIXELS",
    "OVERLAPS",
    "BitMask",
    "Overlap",
    "Part",
    "Rle",
    "Window",
    "area",
    "bbox_xywh",
    "bbox_xyxy",
    "component_at",
    "components",
    "count_parts_and_holes",
    "dice_matrix",
    "fill_polygon",
    "fill_polygons",
    "iou_matrix",
    "mask_polygons",
    "one_ring",
    "owners",
    "rings_without_holes",
    "rle_area",
    "rle_bbox",
    "rle_decode",
    "rle_encode",
    "without_overlaps",
]
