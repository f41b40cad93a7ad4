"""The API asked everything that its own description allows, and much that it does not."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

EXAMPLES = 12
OPERATIONS = (
    "POST /v1/images", "GET /v1/images/{id}", "DELETE /v1/images/{id}",
    "GET /v1/images/{id}/pixels", "POST /v1/images/{id}/segment", "POST /v1/export",
    "GET /v1/models", "GET /v1/formats", "GET /v1/limits", "GET /v1/examples",
    "GET /v1/examples/{name}", "GET /healthz", "GET /readyz", "GET /metrics",
)  # fmt: skip


@pytest.fixture(scope="module")
def api(site: Any) -> Any:
    return schemathesis.openapi.from_url(f"{site.url}/openapi.json")


@pytest.fixture(scope="module")
def held(site: Any, chelsea: bytes) -> str:
    return str(site.image(chelsea))


def test_every_operation_is_asked(api: Any) -> None:
    labels = {result.ok().label for result in api.get_all_operations()}
    assert labels == set(OPERATIONS)


RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
TAKE_SOMETHING = [name for name in OPERATIONS if name.startswith("POST") or "{" in name]


@pytest.mark.parametrize(
    ("name", "mode"),
    [*((name, RIGHT) for name in OPERATIONS), *((name, WRONG) for name in TAKE_SOMETHING)],
)
def test_no_request_breaks_it(api: Any, site: Any, held: str, name: str, mode: Any) -> None:
    operation = next(r.ok() for r in api.get_all_operations() if r.ok().label == name)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Any) -> None:
        if "id" in case.path_parameters and case.method != "DELETE":
            case.path_parameters["id"] = held
        response = case.call()
        # What fits the description may still be refused: a point outside of this image.
        case.validate_response(
            response, excluded_checks=[schemathesis.checks.positive_data_acceptance]
        )
        assert response.status_code < 500
        if response.status_code >= 400:
            assert set(response.json()) == {"error"}

    ask()
    assert site.ask("GET", "/readyz").status == 200
