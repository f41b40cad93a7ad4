"""How the server is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from biprompt.server.schemas.common import Told


class Health(Told):
    """It runs."""

    status: Literal["ok"]


class Readiness(Told):
    """Whether it takes requests."""

    ready: bool
    model: Annotated[str, Field(examples=["compact"])]
    waiting: Annotated[int, Field(ge=0, description="requests that wait for the model")]
