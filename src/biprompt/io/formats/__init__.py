"""What masks can be written as: one table (`registry`), one module for each format.

Every module has `write(image, tolerance)`, which `export` calls; most have a reader beside it.
"""

from __future__ import annotations

from biprompt.io.formats.registry import FORMATS, Format, files_beside, find_format, resolve_format

__all__ = ["FORMATS", "Format", "files_beside", "find_format", "resolve_format"]
