"""Images too large to hold: read by windows, written by rows, with their place on the map.

A raster is never turned into one array. TIFF is read by windows with rasterio (the extra `geo`);
arrays, also memory-mapped ones, are cut; every other format has to be decoded once.
"""

from __future__ import annotations

from biprompt.io.raster.base import Raster
from biprompt.io.raster.opening import file_hw, is_georeferenced, open_raster
from biprompt.io.raster.reference import Georeference

__all__ = ["Georeference", "Raster", "file_hw", "is_georeferenced", "open_raster"]
