"""Draws API_REFERENCE.md, docs/BACKEND_ROUTING.md, docs/ERROR_HANDLING.md and the schema snapshots."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from errors import REGISTRY, Code
from hybrid import COMPOSITIONS
from server import hints
from tools.catalogue import CATALOGUE
from tools.declaration import Backend, Effect, Tool
from tools.schema import Schema, lean_schema

DRAWN = "<!-- Drawn by `make docs`; not edited by hand. -->\n\n"
WHO = {Backend.GO: "Go bridge", Backend.BAILEYS: "Baileys bridge", Backend.HYBRID: "both bridges"}
LEAVES = {
    Effect.READS: "reads",
    Effect.CHANGES: "changes the account's own state",
    Effect.SENDS: "reaches another person",
    Effect.DESTROYS: "cannot be undone",
}


def draw_reference() -> str:
    """API_REFERENCE.md: every tool with parameters, result and errors."""
    parts = [DRAWN, "# API reference\n\n", f"{len(CATALOGUE)} tools.\n"]
    for category, tools in _shelves():
        parts.append(f"\n- **{category.title()}**: " + ", ".join(f"[{t.name}](#{t.name})" for t in tools))
    parts.append("\n\nErrors are one JSON text; [docs/ERROR_HANDLING.md](docs/ERROR_HANDLING.md) has every code.\n")
    for category, tools in _shelves():
        parts.append(f"\n## {category.title()}\n")
        parts += [_entry(tool) for tool in tools]
    return "".join(parts)


def _shelves() -> Iterator[tuple[str, list[Tool]]]:
    for category in dict.fromkeys(tool.category for tool in CATALOGUE.values()):
        yield category, [tool for tool in CATALOGUE.values() if tool.category == category]


def _entry(tool: Tool) -> str:
    schema = lean_schema(tool.arguments)
    properties, required = _dict(schema.get("properties")), schema.get("required")
    rows = [
        f"| `{name}` | {_type(_dict(field))} | {_default(name, _dict(field), required)} | {_cell(_dict(field))} |\n"
        for name, field in properties.items()
    ]
    table = (
        "| parameter | type | default | meaning |\n|---|---|---|---|\n" + "".join(rows) if rows else "No parameters.\n"
    )
    result = _dict(lean_schema(tool.result, mode="output").get("properties"))
    answer = "".join(f"| `{name}` | {_type(_dict(field))} |\n" for name, field in result.items())
    errors = ", ".join(f"[{code}](docs/ERROR_HANDLING.md#{code.lower()})" for code in tool.errors)
    return (
        f"\n### {tool.name}\n\n{tool.description}\n\nAnswered by {_who(tool)}; {LEAVES[tool.effect]}.\n\n"
        f"{table}\nAnswer:\n\n| field | type |\n|---|---|\n{answer}" + (f"\nErrors: {errors}.\n" if errors else "")
    )


def _who(tool: Tool) -> str:
    return WHO[tool.route.backend] + (f", else the {WHO[tool.also]}" if tool.also else "")


def _type(field: Schema) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in _list(field["enum"]))
    if "anyOf" in field:
        return " or ".join(_type(_dict(arm)) for arm in _list(field["anyOf"]))
    if field.get("type") == "array":
        return f"list of {_type(_dict(field.get('items')))}"
    if field.get("type") == "integer" and "minimum" in field:
        return f"integer {field['minimum']} to {field.get('maximum', '...')}"
    return str(field.get("type", "any"))


def _default(name: str, field: Schema, required: JsonValue) -> str:
    if name in _list(required or []):
        return "required"
    return f"`{json.dumps(field['default'])}`" if "default" in field else ""


def _cell(field: Schema) -> str:
    return str(field.get("description", "")).replace("|", "\\|").replace("\n", " ")


def draw_routing() -> str:
    """docs/BACKEND_ROUTING.md: the routing table and the true counts."""
    counts = Counter(tool.route.backend for tool in CATALOGUE.values())
    summary = ", ".join(f"{counts[backend]} by {WHO[backend]}" for backend in Backend)
    rows = "".join(
        f"| {tool.name} | {tool.category} | {_who(tool)} | {_request(tool)} | {LEAVES[tool.effect]} |\n"
        for tool in CATALOGUE.values()
    )
    twice = sum(tool.also is not None for tool in CATALOGUE.values())
    return (
        f"{DRAWN}# Who answers what\n\n{len(CATALOGUE)} tools: {summary}.\n\n"
        "The Go bridge owns messages.db and does nearly everything. The Baileys bridge fetches history, which the Go "
        "bridge does too where that one is missing, and reads business catalogs. What needs both "
        "is composed in the orchestrator. A request that a bridge may have carried "
        "out is never sent a second time.\n\n"
        f"{twice} tools have a second bridge, which serves the same path. It is asked only when the first refuses the "
        "connection (`BRIDGE_UNREACHABLE`: nothing was sent), never after `BRIDGE_TIMEOUT`; `served_by` in the answer "
        "names it. History is also asked of the second bridge when the first is not linked, since nothing was asked of "
        "the phone then. Names are looked up by the Go bridge, so without it a number or a JID must be given.\n\n"
        f"| tool | category | answered by | request | effect |\n|---|---|---|---|---|\n{rows}"
    )


def _request(tool: Tool) -> str:
    if tool.route.backend is Backend.HYBRID:
        return "composed"
    request = f"`{tool.route.method} {tool.route.path}`"
    return f"{request}, with look-ups around it" if tool.name in COMPOSITIONS else request


def draw_errors() -> str:
    """docs/ERROR_HANDLING.md: every code with its meaning and cure."""
    users = {code: [tool.name for tool in CATALOGUE.values() if code in tool.errors] for code in Code}
    parts = [
        DRAWN,
        "# Errors\n\nA tool that fails answers with `isError` and one text block of JSON:\n\n"
        '```json\n{"success": false, "error_code": "CHAT_NOT_FOUND", "message": "what went wrong", '
        '"details": {}, "resolution": "what to do next"}\n```\n\n'
        "An empty list is not an error.\n",
    ]
    for code, entry in REGISTRY.items():
        parts.append(f"\n## {code}\n\n{entry.meaning}\n\n**What to do**: {entry.cure}\n\nHTTP status {entry.status}.")
        parts.append(f" Known from {_names(users[code])}.\n" if users[code] else "\n")
    return "".join(parts)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"[{name}](../API_REFERENCE.md#{name})" for name in names)


def draw_snapshot(tool: Tool) -> str:
    """What clients see of a tool, so that a change of the interface shows in review."""
    seen = {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": lean_schema(tool.arguments),
        "outputSchema": lean_schema(tool.result, mode="output"),
        "annotations": hints(tool).model_dump(mode="json", by_alias=True, exclude_none=True),
    }
    return json.dumps(seen, indent=2, ensure_ascii=False) + "\n"


def _dict(value: JsonValue) -> Schema:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
