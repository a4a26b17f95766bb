"""JSON Schema, lean: what a model must read and nothing that a generator adds."""

from __future__ import annotations

from typing import cast

from pydantic import BaseModel, JsonValue

Schema = dict[str, JsonValue]


def lean_schema(model: type[BaseModel], *, mode: str = "input") -> Schema:
    """The schema of a model without titles, and with an optional value as a value that may be missing.

    `mode` is `input` for arguments and `output` for results.
    """
    full = model.model_json_schema(mode="validation" if mode == "input" else "serialization")
    return cast("Schema", _lean(cast("JsonValue", full), in_properties=False))


def _lean(node: JsonValue, *, in_properties: bool) -> JsonValue:
    if isinstance(node, list):
        return [_lean(item, in_properties=False) for item in node]
    if not isinstance(node, dict):
        return node
    if in_properties:
        return {name: _lean(value, in_properties=False) for name, value in node.items()}
    lean = {key: _lean(value, in_properties=key in ("properties", "$defs")) for key, value in node.items()}
    lean.pop("title", None)
    arms = lean.get("anyOf")
    if isinstance(arms, list) and {"type": "null"} in arms:
        rest = [arm for arm in arms if arm != {"type": "null"}]
        if len(rest) == 1 and isinstance(rest[0], dict):
            del lean["anyOf"]
            lean = {**rest[0], **lean}
    if lean.get("default", ...) is None:
        del lean["default"]
    return lean
