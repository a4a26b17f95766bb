"""Draws a bridge's openapi.json from the catalogue and the orchestrator's own requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from pydantic import BaseModel, JsonValue

from backends.operations import OPERATIONS
from errors import Code
from hybrid import COMPOSITIONS
from tools.catalogue import CATALOGUE
from tools.declaration import Backend, Operation, sent_as
from tools.results import Either
from tools.schema import Schema, lean_schema

PICTURE = "/api/pairing/qr.png"


@dataclass
class _Request:
    """All that travels to one path by one method, over every tool and request that uses it."""

    summary: str
    answer: type[BaseModel]
    properties: dict[str, JsonValue] = field(default_factory=dict)
    required: set[str] | None = None
    sends: bool = False


def draw_openapi(backend: Backend, version: str) -> Schema:
    """The OpenAPI 3.0.3 document of one bridge.

    Where tools share a path their arguments add up, and what one of them can leave out is optional.
    """
    requests: dict[tuple[str, str], _Request] = {}
    schemas: dict[str, JsonValue] = {"Error": _ERROR}
    for operation, sends in _operations(backend):
        key = (operation.route.path, operation.route.method.lower())
        request = requests.setdefault(key, _Request(operation.summary, operation.result))
        if not issubclass(operation.result, request.answer) and not issubclass(request.answer, operation.result):
            raise TypeError(f"{key} answers {request.answer.__name__} and {operation.result.__name__}")
        request.sends = request.sends or sends
        _add_arguments(request, operation, schemas)
    paths: dict[str, JsonValue] = {}
    for (path, method), request in sorted(requests.items()):
        _object(paths.setdefault(path, {}))[method] = _operation(path, method, request, schemas)
    for name in _ANSWERED_TWICE.intersection(schemas):
        # No bridge says it: the orchestrator adds it to what the second one answered.
        _object(_object(schemas[name])["properties"]).pop("served_by", None)
    paths[PICTURE] = {"get": _PICTURE}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": f"{'whatsapp' if backend is Backend.GO else 'baileys'}-bridge",
            "version": version,
            "description": "Drawn from the tool catalogue by `make docs`; not edited by hand.",
            "license": {"name": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operations(backend: Backend) -> Iterable[tuple[Operation[BaseModel], bool]]:
    for operation in OPERATIONS:
        if operation.route.backend is backend:
            yield operation, False
    for tool in CATALOGUE.values():
        if backend in (tool.route.backend, tool.also) and tool.name not in COMPOSITIONS:
            yield tool.operation, tool.goes_out_once


def _add_arguments(request: _Request, operation: Operation[BaseModel], schemas: dict[str, JsonValue]) -> None:
    schema = _openapi(lean_schema(operation.arguments), schemas)
    properties = _object(schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    needed: set[str] = set()
    for name, model_field in operation.arguments.model_fields.items():
        sent = sent_as(name, model_field)
        drawn = {key: value for key, value in _object(properties[name]).items() if key not in ("default", "examples")}
        if sent.listed:
            drawn = {"type": "array", "items": drawn}
        request.properties[sent.name] = _wider(request.properties.get(sent.name), drawn)
        if name in required:
            needed.add(sent.name)
    request.required = needed if request.required is None else request.required & needed


def _wider(known: JsonValue, drawn: Schema) -> JsonValue:
    if not isinstance(known, dict):
        return drawn
    if known.get("type") != drawn.get("type") or known.get("enum") != drawn.get("enum"):
        raise TypeError(f"one argument in two shapes: {known} and {drawn}")
    return known


def _operation(path: str, method: str, request: _Request, schemas: dict[str, JsonValue]) -> JsonValue:
    required = request.required or set()
    in_path = [name for name in request.properties if f"{{{name}}}" in path]
    others = {name: schema for name, schema in request.properties.items() if name not in in_path}
    parameters: list[JsonValue] = [
        {"name": name, "in": "path", "required": True, "schema": request.properties[name]} for name in in_path
    ]
    drawn: dict[str, JsonValue] = {"operationId": _operation_id(method, path), "summary": request.summary}
    if method == "get":
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in others.items()
        ]
    else:
        body: dict[str, JsonValue] = {"type": "object", "additionalProperties": False, "properties": others}
        needed: Sequence[str] = sorted(required.intersection(others))
        if needed:
            body["required"] = list(needed)
        drawn["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if request.sends:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9-]+$"},
            }
        )
    if parameters:
        drawn["parameters"] = parameters
    answer = _openapi(lean_schema(request.answer, mode="output"), schemas)
    schemas[request.answer.__name__] = answer
    drawn["responses"] = {
        "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{request.answer.__name__}"}}},
        },
        "default": _ERROR_ANSWER,
    }
    if path == "/health":
        drawn["security"] = []
    return drawn


def _operation_id(method: str, path: str) -> str:
    return "_".join([method, *(part.strip("{}") for part in path.split("/") if part)])


def _openapi(schema: Schema, schemas: dict[str, JsonValue]) -> Schema:
    """A JSON Schema in the words of OpenAPI 3.0: definitions move out, descriptions of models stay behind."""
    moved = _object(_translate(schema))
    schemas.update(_object(moved.pop("$defs", {})))
    return moved


def _object(value: JsonValue) -> Schema:
    if not isinstance(value, dict):
        raise TypeError(f"not a JSON object: {value!r}")
    return value


def _translate(node: JsonValue) -> JsonValue:
    if isinstance(node, list):
        return [_translate(item) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, JsonValue] = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str):
            out[key] = value.replace("#/$defs/", "#/components/schemas/")
        elif key == "const":
            out["enum"] = [value]
        elif key == "examples" and isinstance(value, list):
            out["example"] = value[0]
        else:
            out[key] = _translate(value)
    return out


def _kinds(of: type[BaseModel]) -> Iterable[type[BaseModel]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


_ANSWERED_TWICE = {kind.__name__ for kind in _kinds(Either)}
_ERROR: JsonValue = {
    "type": "object",
    "required": ["success", "error_code", "message", "details", "resolution"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "error_code": {"type": "string", "enum": [code.value for code in Code]},
        "message": {"type": "string"},
        "details": {"type": "object"},
        "resolution": {"type": "string"},
    },
}
_ERROR_ANSWER: JsonValue = {
    "description": "What went wrong, and what to do next.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_PICTURE: JsonValue = {
    "operationId": "get_api_pairing_qr_png",
    "summary": "The code to link with, as a picture",
    "responses": {
        "200": {
            "description": "The picture.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        },
        "default": _ERROR_ANSWER,
    },
}
