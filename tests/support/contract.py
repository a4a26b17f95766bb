"""What openapi.json of a bridge allows, asked request by request and answer by answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

import jsonschema_rs
from pydantic import JsonValue

from settings import HOUSE

Schema = dict[str, Any]


class Contract:
    """The drawn contract of one bridge. A breach is an AssertionError that names the place."""

    def __init__(self, bridge: str) -> None:
        self._document = cast("Schema", json.loads((HOUSE / bridge / "openapi.json").read_text(encoding="utf-8")))
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def request(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: JsonValue
    ) -> str:
        """Check a request; `path` is as it stands on the wire. Returns the path's template."""
        template, operation = self._find(method, path)
        given: dict[str, Mapping[str, str]] = {
            "query": query,
            "path": dict(zip(_names(template), _segments(template, path), strict=True)),
            "header": headers,
        }
        known = {(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])}
        strangers = {name for name in query if ("query", name) not in known}
        assert not strangers, f"{method} {template} has no query {strangers}"
        for parameter in operation.get("parameters", []):
            value = given[parameter["in"]].get(parameter["name"])
            assert value is not None or not parameter["required"], f"{template} needs {parameter['name']}"
            if value is not None:
                read = json.loads(value) if parameter["schema"].get("type") in ("integer", "boolean") else value
                self._check(f"{method} {template} {parameter['name']}", parameter["schema"], read)
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        assert (content is None) == (body is None), f"{method} {template}: a body where none belongs, or none"
        if content is not None:
            assert headers["content-type"] == "application/json"
            self._check(f"{method} {template} body", content["schema"], body)
        return template

    def answer(self, method: str, path: str, status: int, body: JsonValue) -> None:
        """Check an answer, so that a fake cannot say what no bridge would."""
        template, operation = self._find(method, path)
        response = operation["responses"]["200" if status == 200 else "default"]
        self._check(f"answer of {method} {template}", response["content"]["application/json"]["schema"], body)

    def _find(self, method: str, path: str) -> tuple[str, Schema]:
        for template, item in self._document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if method.lower() in item and re.fullmatch(pattern, path):
                return template, item[method.lower()]
        raise AssertionError(f"no operation is {method} {path}")

    def _check(self, name: str, schema: Schema, value: JsonValue) -> None:
        validator = self._validators.get(name)
        if validator is None:
            whole = {"$schema": "http://json-schema.org/draft-04/schema#", "components": self._document["components"]}
            validator = self._validators[name] = jsonschema_rs.validator_for({**whole, "allOf": [schema]})
        assert not (errors := [f"{name}: {error.message[:300]}" for error in validator.iter_errors(value)]), errors


def _names(template: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", template)


def _segments(template: str, path: str) -> list[str]:
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return [unquote(value) for name, value in pairs if name.startswith("{")]
