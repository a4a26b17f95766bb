"""Both bridges keep what their openapi.json promises, whatever is thrown at them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cli.stage import Stage
from settings import HOUSE

Case = schemathesis.Case[Any]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# While a bridge is not paired 503 is an honest answer to an action, so that 5xx is judged by its error code.
UNPAIRED = {"NOT_PAIRED", "WHATSAPP_NOT_CONNECTED", "BAILEYS_NOT_CONNECTED"}

go_schema = schemathesis.openapi.from_path(HOUSE / "whatsapp-bridge" / "openapi.json")
baileys_schema = schemathesis.openapi.from_path(HOUSE / "baileys-bridge" / "openapi.json")

FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def address(stage: Stage, bridge: str) -> str:
    return stage.whatsapp.listen if bridge == "whatsapp" else stage.baileys.listen


def keep_promise(case: Case, url: str, token: str) -> None:
    response = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    honest = response.status_code == 503 and response.json()["error_code"] in UNPAIRED
    case.validate_response(response, checks=CHECKS[1:] if honest else CHECKS)


# schemathesis 4.32 names an operation by its path only beside a parameter, and of tests by one name xdist runs one.
@go_schema.parametrize()
@pytest.mark.parametrize("bridge", ["whatsapp"])
@FEW
def test_the_go_bridge_keeps_its_contract(case: Case, unpaired: Stage, token: str, bridge: str) -> None:
    keep_promise(case, f"http://{address(unpaired, bridge)}", token)


@baileys_schema.parametrize()
@pytest.mark.parametrize("bridge", ["baileys"])
@FEW
def test_the_baileys_bridge_keeps_its_contract(case: Case, unpaired: Stage, token: str, bridge: str) -> None:
    keep_promise(case, f"http://{address(unpaired, bridge)}", token)


def operations(path: Path) -> list[tuple[str, str]]:
    paths = json.loads(path.read_text(encoding="utf-8"))["paths"]
    return [(method, path) for path, item in paths.items() for method in item if path != "/health"]


BRIDGES: tuple[Literal["whatsapp", "baileys"], ...] = ("whatsapp", "baileys")
GUARDED = [
    (bridge, method, path)
    for bridge in BRIDGES
    for method, path in operations(HOUSE / f"{bridge}-bridge" / "openapi.json")
]


@pytest.mark.parametrize(("bridge", "method", "path"), GUARDED)
def test_everything_but_health_wants_the_token(unpaired: Stage, bridge: str, method: str, path: str) -> None:
    url = f"http://{address(unpaired, bridge)}{path}"
    for headers in ({}, {"Authorization": "Bearer " + "0" * 64}, {"Authorization": "Basic abc"}):
        response = httpx.request(method, url, headers=headers, json={} if method == "post" else None)
        assert response.status_code == 401
        assert response.json()["error_code"] == "ACCESS_DENIED"
