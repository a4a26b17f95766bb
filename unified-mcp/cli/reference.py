"""Draws API_REFERENCE.md, docs/BACKEND_ROUTING.md and the schema snapshots."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from pydantic import JsonValue

from cli.answers import ToolExample, read_tool
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


WHOLE_ROWS, SHOWN_ROWS = 7, 3
"""A list of so many rows is shown whole; of a longer one the first are shown and the rest is counted."""


def draw_reference() -> str:
    """API_REFERENCE.md: every tool with what, when, parameters, result with an example, errors and related tools."""
    parts = [
        DRAWN,
        "# API reference\n\n",
        f"{len(CATALOGUE)} tools. Each example was answered by the demo's world (`make demo`), whose people are "
        "invented; `make test` asks again and holds the answer. Longer lists are cut. Shown is the structured content; "
        "in the text block, which is the same JSON for a model, other people's texts stand between `<number>` and "
        "`</number>`, with a number that is new in each answer, and invisible characters are escapes.\n",
    ]
    for category, tools in shelves():
        parts.append(f"\n- **{category.title()}**: " + ", ".join(f"[{t.name}](#{t.name})" for t in tools))
    parts.append(
        "\n- [Shapes](#shapes)\n\n"
        "Errors are one JSON text; [docs/ERROR_HANDLING.md](docs/ERROR_HANDLING.md) has every code.\n"
    )
    for category, tools in shelves():
        parts.append(f"\n## {category.title()}\n")
        parts += [_entry(tool) for tool in tools]
    parts.append("\n## Shapes\n\nWhat results are made of. A field that is not known is left out.\n")
    parts += [f"\n### {name} (shape)\n\n{_about(shape)}{_fields(shape)}" for name, shape in _shapes()]
    return "".join(parts)


def _shapes() -> Iterator[tuple[str, Schema]]:
    """The records inside results, by name."""
    found: dict[str, Schema] = {}
    for tool in CATALOGUE.values():
        for name, shape in _dict(lean_schema(tool.result, mode="output").get("$defs")).items():
            found[name] = _dict(shape)
    yield from sorted(found.items())


def _about(shape: Schema) -> str:
    return f"{shape['description']}\n\n" if "description" in shape else ""


def _fields(shape: Schema) -> str:
    rows = "".join(
        f"| `{name}` | {_type(_dict(field))} | {_cell(_dict(field))} |\n"
        for name, field in _dict(shape.get("properties")).items()
    )
    return f"| field | type | meaning |\n|---|---|---|\n{rows}"


def shelves() -> Iterator[tuple[str, list[Tool]]]:
    """The tools of each category, in the catalogue's order."""
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
    answer = _fields(lean_schema(tool.result, mode="output"))
    errors = ", ".join(f"[{code}](docs/ERROR_HANDLING.md#{code.lower()})" for code in tool.errors)
    links = ", ".join(f"[{name}](#{name})" for name in related(tool))
    example = read_tool(tool.name)
    return (
        f"\n### {tool.name}\n\n{tool.description}\n\n"
        + (f"**When** somebody says: “{example.question}”\n\n" if example else "")
        + f"Answered by {_who(tool)}; {LEAVES[tool.effect]}.\n\n"
        f"**Parameters**\n\n{table}\n**Result**\n\n{answer}"
        + (_example(example) if example else "")
        + (f"\n**Errors**: {errors}.\n" if errors else "")
        + f"\n**Related**: {links}.\n"
    )


def _example(example: ToolExample) -> str:
    call, answer = as_json(example.step.arguments), as_json(example.step.answer)
    return f"\n**Example**: called with\n\n```json\n{call}\n```\n\nit answers\n\n```json\n{answer}\n```\n"


def as_json(value: JsonValue) -> str:
    """An example's value, long lists cut."""
    return json.dumps(_cut(value), indent=2, ensure_ascii=False)


def _cut(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _cut(inner) for name, inner in value.items()}
    if isinstance(value, list):
        rows = [_cut(inner) for inner in value]
        rest = len(rows) - SHOWN_ROWS
        return rows if len(rows) <= WHOLE_ROWS else [*rows[:SHOWN_ROWS], f"... {rest} more"]
    return value


def related(tool: Tool) -> list[str]:
    """Tools that are named in this one's description, that name it, or that share its path; else its neighbours."""
    named = set(re.findall(r"\w+", tool.description))
    found = [
        other.name
        for other in CATALOGUE.values()
        if other is not tool
        and (
            other.name in named
            or tool.name in re.findall(r"\w+", other.description)
            or (other.route == tool.route and tool.route.path)
        )
    ]
    shelf = [other.name for other in CATALOGUE.values() if other.category == tool.category and other is not tool]
    return found or shelf[:4]


def _who(tool: Tool) -> str:
    return WHO[tool.route.backend] + (f", else the {WHO[tool.also]}" if tool.also else "")


def _type(field: Schema) -> str:
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()}-shape)"
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
