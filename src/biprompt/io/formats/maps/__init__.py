"""Label maps of named classes as files: what each is written as (`registry`), one module a format.

Unlike the formats of `biprompt.io.formats`, whose numbers are places in a list of objects, the
number of a class is the same in every file made with the same list of names.
"""

from __future__ import annotations

from biprompt.io.formats.maps.named import NamedMap, Region
from biprompt.io.formats.maps.registry import MAP_FORMATS, MapFormat, files_beside, resolve_format

__all__ = ["MAP_FORMATS", "MapFormat", "NamedMap", "Region", "files_beside", "resolve_format"]
