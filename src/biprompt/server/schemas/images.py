"""Images as the API tells of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from biprompt.server.schemas.common import Id, Told


class ImageBody(Told):
    """An uploaded image."""

    id: Annotated[Id, Field(description="cannot be guessed; it is the key to the image")]
    name: Annotated[str, Field(examples=["kitchen.jpg"])]
    width: Annotated[int, Field(ge=1, examples=[451])]
    height: Annotated[int, Field(ge=1, examples=[300])]
    model: Annotated[str, Field(examples=["compact"])]
    state: Annotated[
        Literal["embedding", "ready", "failed"],
        Field(description="ready: a prompt is answered at once; others wait for the look"),
    ]
    embedded: Annotated[bool, Field(description="whether the state is ready")]
    embed_ms: Annotated[
        float | None, Field(description="what the look took; null before it ends", examples=[71.3])
    ]
