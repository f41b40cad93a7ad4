"""Prompts as maps that a network sees beside the image: the survey's sections 6 to 8.

Every map is a pure function of numpy arrays in the frame of the image. Clicks and strokes become a
seed mask first (`seeds`); positive and negative ones are two seed masks, and give two maps.

| map | survey | function |
|---|---|---|
| Euclidean | eq. 2 | `euclidean_map` |
| Gaussian | eq. 3 | `gaussian_map` |
| scale-aware | eqs. 4, 5 | `superpixel_map`, `proposal_map` (from `slic`, `region_proposals`) |
| geodesic | eqs. 6, 7 | `geodesic_map` |
| exponentialised geodesic | eq. 8 | `exponential_geodesic_map` |
| binary disk | eq. 9 | `disk_map` |
| crop of a box | eq. 10 | `crop_to_box` |
| distance to a box | eq. 11 | `box_distance_map` |
| seed mask | section 8 | `click_seeds`, `stroke_seeds`, `scribble_seeds` |
"""

from __future__ import annotations

from biprompt.guidance.boxes import box_distance_map, crop_to_box
from biprompt.guidance.distances import disk_map, euclidean_map, gaussian_map
from biprompt.guidance.encoding import ENCODINGS, Encoding, GuidedImage, guidance_maps
from biprompt.guidance.geodesic import exponential_geodesic_map, geodesic_map
from biprompt.guidance.proposals import region_proposals
from biprompt.guidance.scale_aware import proposal_map, superpixel_map
from biprompt.guidance.seeds import click_seeds, scribble_seeds, stroke_seeds
from biprompt.guidance.superpixels import slic

__all__ = [
    "ENCODINGS",
    "Encoding",
    "GuidedImage",
    "box_distance_map",
    "click_seeds",
    "crop_to_box",
    "disk_map",
    "euclidean_map",
    "exponential_geodesic_map",
    "gaussian_map",
    "geodesic_map",
    "guidance_maps",
    "proposal_map",
    "region_proposals",
    "scribble_seeds",
    "slic",
    "stroke_seeds",
    "superpixel_map",
]
