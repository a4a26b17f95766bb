"""JSON Schema, lean: what a model must read and nothing that a generator adds.

What tools/list carries is leaner still (`listed_arguments`, `listed_result`): clients load it whole before anything is
asked, and 75 tools must leave room for the conversation. Bounds stand in the descriptions and are held by the server;
an example stands where nothing else shows one; a result shows its fields, of which those without a type are text, and
what lies inside them is in API_REFERENCE.md.
"""

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


BOUNDS = {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern", "additionalProperties"}
"""What the server checks and says when it is broken."""


def listed_arguments(model: type[BaseModel]) -> Schema:
    """The arguments as tools/list shows them: names, types, choices, defaults, descriptions with an example."""
    full = cast("Schema", _without(lean_schema(model), BOUNDS))
    return {**full, "properties": {name: _shown(field) for name, field in _fields(full).items()}}


def listed_text(description: str) -> str:
    """A description as tools/list shows it: without the lines that the source is broken into."""
    return " ".join(description.split())


def listed_result(model: type[BaseModel]) -> Schema:
    """The result as tools/list shows it: its fields and their types. Every answer is valid by it."""
    fields = _fields(lean_schema(model, mode="output"))
    return {"type": "object", "properties": {name: _type_of(field) for name, field in fields.items()}}


def _fields(schema: Schema) -> Schema:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _shown(field: JsonValue) -> JsonValue:
    """A parameter without an example that its default, its choices or its description give already."""
    if not isinstance(field, dict):
        return field
    examples, said = field.get("examples"), str(field.get("description", ""))
    example = examples[0] if isinstance(examples, list) and examples else None
    if isinstance(example, list):
        example = example[0]
    if "default" in field or "enum" in field or isinstance(example, bool) or str(example) in said:
        return {key: value for key, value in field.items() if key != "examples"}
    return field


def _without(node: JsonValue, keys: set[str]) -> JsonValue:
    if isinstance(node, list):
        return [_without(item, keys) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without(value, keys) for key, value in node.items() if key not in keys}


def _type_of(field: JsonValue) -> Schema:
    """The type alone, of what is not text; of a value that may have several, what is certain."""
    if not isinstance(field, dict):
        return {}
    kind = "object" if "$ref" in field else field.get("type")
    return {"type": kind} if isinstance(kind, str) and kind != "string" else {}
