"""What the server has: models, formats, examples, limits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from biprompt.server.schemas.common import Told


class ModelBody(Told):
    """A model."""

    name: Annotated[str, Field(examples=["compact"])]
    loaded: Annotated[bool, Field(description="whether this server answers with it")]
    summary: str
    prompts: Annotated[list[str], Field(description="the kinds of prompt it takes")]
    licence: str


class ModelsBody(Told):
    """The models that are known, the loaded one first."""

    models: list[ModelBody]


class FormatBody(Told):
    """What masks can be written as."""

    name: Annotated[str, Field(examples=["coco"])]
    title: Annotated[str, Field(examples=["COCO"])]
    suffix: Annotated[str, Field(examples=[".json"])]
    suffixes: list[str]
    media_type: str
    holes: Annotated[bool, Field(description="a hole stays a hole")]
    parts: Annotated[bool, Field(description="a thing in several parts stays one thing")]
    objects: Annotated[bool, Field(description="one file holds several things")]
    labels: Annotated[bool, Field(description="the file says what the things are called")]
    outlines: Annotated[bool, Field(description="it stores polygons; a tolerance makes sense")]
    pixels: Annotated[bool, Field(description="it needs the photograph")]
    beside: Annotated[list[str], Field(description="endings of files that belong beside it")]
    lost: Annotated[str, Field(description="what it does not hold; empty when nothing is lost")]


class FormatsBody(Told):
    """The formats of an export."""

    formats: list[FormatBody]


class ExampleBody(Told):
    """A photograph to begin with."""

    name: Annotated[str, Field(examples=["chelsea.jpg"])]
    title: str
    width: int
    height: int
    credit: str
    url: Annotated[str, Field(examples=["/v1/examples/chelsea.jpg"])]
    phrase: Annotated[str, Field(description="words to try", examples=["cat"])]


class ExamplesBody(Told):
    """The photographs that come with the server."""

    examples: list[ExampleBody]


class LimitsBody(Told):
    """What a client can know before it is refused."""

    upload_bytes: int
    pixels: int
    prompts: int
    phrase_chars: int
    objects: int
    client_images: int
    image_seconds: float
