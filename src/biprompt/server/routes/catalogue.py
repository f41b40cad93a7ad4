"""What the server has to offer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import FileResponse, Response

from biprompt.io.formats.registry import FORMATS
from biprompt.server.examples import EXAMPLES, path_of
from biprompt.server.refusals import missing
from biprompt.server.routes.common import ServiceOf, errors
from biprompt.server.schemas.catalogue import (
    ExampleBody,
    ExamplesBody,
    FormatBody,
    FormatsBody,
    LimitsBody,
    ModelBody,
    ModelsBody,
)
from biprompt.zoo.registry import MODELS

router = APIRouter(tags=["catalogue"])


@router.get("/v1/models", responses=errors())
async def models(service: ServiceOf) -> ModelsBody:
    """The models that are known; the server answers with the one that is loaded."""
    loaded = service.model.name
    known = [
        ModelBody(
            name=spec.name, loaded=spec.name == loaded, summary=spec.summary,
            prompts=list(spec.prompts), licence=spec.licence,
        )
        for spec in MODELS.values()
    ]  # fmt: skip
    if not any(model.loaded for model in known):
        own = "a model of this server's own"
        known.append(ModelBody(name=loaded, loaded=True, summary=own, prompts=[], licence=""))
    return ModelsBody(models=sorted(known, key=lambda model: not model.loaded))


@router.get("/v1/formats", responses=errors())
async def formats() -> FormatsBody:
    """The formats of an export, and what each can hold."""
    return FormatsBody(formats=[FormatBody(**one.to_dict()) for one in FORMATS.values()])


@router.get("/v1/limits", responses=errors())
async def limits(service: ServiceOf) -> LimitsBody:
    """How much may be asked."""
    return LimitsBody(**{name: getattr(service.limits, name) for name in LimitsBody.model_fields})


@router.get("/v1/examples", responses=errors())
async def examples() -> ExamplesBody:
    """Photographs to begin with."""
    there = [example for example in EXAMPLES.values() if path_of(example)]
    told = [ExampleBody(url=f"/v1/examples/{one.name}", **asdict(one)) for one in there]
    return ExamplesBody(examples=told)


@router.get(
    "/v1/examples/{name}", response_class=FileResponse,
    responses={200: {"content": {"image/jpeg": {}}}, **errors(404, 422)},
)  # fmt: skip
async def example(name: Annotated[str, Path(max_length=64)]) -> Response:
    """One of them."""
    # The name is looked up; it never becomes a path.
    found = EXAMPLES.get(name)
    path = None if found is None else path_of(found)
    if path is None:
        raise missing("example")
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "no-cache"})
