"""Masks to be written as a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from biprompt.server.schemas.common import MAX_SIDE, Given, Id, Rle

MAX_OBJECTS = 5000
_RLE: JsonValue = {"size": [4, 6], "counts": "9220003"}

FormatName = Literal["png", "labels", "overlay", "coco", "yolo", "labelme", "geojson"]


class ExportImage(Given):
    """The image that the masks belong to."""

    id: Annotated[
        Id | None, Field(description="of an image that is held; for the formats that show it")
    ] = None
    name: Annotated[str, Field(min_length=1, max_length=255, examples=["kitchen.jpg"])]
    width: Annotated[int, Field(ge=1, le=MAX_SIDE, examples=[6])]
    height: Annotated[int, Field(ge=1, le=MAX_SIDE, examples=[4])]


class ExportObject(Given):
    """One thing."""

    label: Annotated[str, Field(min_length=1, max_length=200, examples=["cup"])]
    colour: Annotated[str | None, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#1468e6"])] = None
    score: Annotated[float | None, Field(description="predicted quality", examples=[0.93])] = None
    mask: Rle


_EXAMPLE: JsonValue = {
    "image": {"name": "kitchen.jpg", "width": 6, "height": 4},
    "objects": [{"label": "cup", "colour": "#1468e6", "mask": _RLE}],
    "format": "coco",
}


class ExportBody(Given):
    """The things found in one image, and the format to write them in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    image: ExportImage
    objects: Annotated[list[ExportObject], Field(max_length=MAX_OBJECTS)]
    format: FormatName
    tolerance: Annotated[
        float, Field(ge=0, le=100, description="pixels by which outlines may be simplified")
    ] = 0.0
