"""One test holds the whole catalogue."""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path

import pytest

from errors import REGISTRY, Code
from hybrid import COMPOSITIONS
from interface import NAMES
from server import hints
from settings import HOUSE
from tools.catalogue import CATALOGUE
from tools.declaration import Backend, Effect, Tool, wire_json, wire_name, wire_values
from tools.schema import lean_schema

TOOLS = pytest.mark.parametrize("tool", CATALOGUE.values(), ids=list(CATALOGUE))


def test_the_catalogue_names_exactly_the_75_tools_of_the_interface() -> None:
    assert {name: tool.category for name, tool in CATALOGUE.items()} == NAMES
    assert len(NAMES) == 75


def test_no_two_tools_have_the_same_description() -> None:
    descriptions = [tool.description for tool in CATALOGUE.values()]
    assert len(set(descriptions)) == len(descriptions)


@TOOLS
def test_a_tool_says_what_it_does_in_its_first_hundred_characters(tool: Tool) -> None:
    assert 20 <= len(tool.summary) <= 100
    assert tool.summary.endswith(".")
    assert re.fullmatch(r"[a-z0-9_]{1,40}", tool.name)
    assert tool.title


@TOOLS
def test_every_parameter_has_a_description_and_an_example(tool: Tool) -> None:
    for name, field in tool.arguments.model_fields.items():
        assert field.description, name
        assert field.examples, name


@TOOLS
def test_every_example_is_a_valid_argument(tool: Tool) -> None:
    examples = {name: field.examples[0] for name, field in tool.arguments.model_fields.items() if field.examples}
    tool.arguments.model_validate(examples)


@TOOLS
def test_every_hint_is_given(tool: Tool) -> None:
    given = hints(tool)
    assert given.read_only_hint is (tool.effect is Effect.READS)
    assert None not in (given.destructive_hint, given.idempotent_hint, given.open_world_hint)


@TOOLS
def test_what_reads_is_a_get_and_what_acts_is_a_post(tool: Tool) -> None:
    if tool.route.backend is not Backend.HYBRID:
        assert tool.route.method == ("GET" if tool.effect is Effect.READS else "POST")


@TOOLS
def test_a_hybrid_tool_is_composed_and_takes_what_it_declares(tool: Tool) -> None:
    if tool.route.backend is Backend.HYBRID:
        assert tool.name in COMPOSITIONS
    if tool.name in COMPOSITIONS:
        parameters = list(inspect.signature(COMPOSITIONS[tool.name]).parameters)
        assert parameters[1:] == list(tool.arguments.model_fields)


@TOOLS
def test_a_schema_has_no_titles_and_no_nulls(tool: Tool) -> None:
    for schema in (lean_schema(tool.arguments), lean_schema(tool.result, mode="output")):
        text = json.dumps(schema)
        assert '"null"' not in text
        assert '"title": "' not in text


def test_older_and_newer_names_of_one_action_share_one_path() -> None:
    older, newer = CATALOGUE["send_message"], CATALOGUE["send_text_message_v2"]
    assert older.route == newer.route
    old = older.arguments.model_validate({"recipient": "Mara", "message": "hello"})
    new = newer.arguments.model_validate({"chat_jid": "Mara", "text": "hello"})
    assert wire_values(old) == wire_values(new) == {"chat_jid": "Mara", "text": "hello"}


def test_one_message_is_marked_read_as_a_list_of_one() -> None:
    several, one = CATALOGUE["mark_as_read"], CATALOGUE["mark_message_read_v2"]
    assert several.route == one.route
    many = several.arguments.model_validate({"chat_jid": "Mara", "message_ids": '["3EB0A1"]'})
    alone = one.arguments.model_validate({"chat_jid": "Mara", "message_id": "3EB0A1"})
    bare = several.arguments.model_validate({"chat_jid": "Mara", "message_ids": "3EB0A1"})
    sent = {"chat_jid": "Mara", "message_ids": ["3EB0A1"]}
    assert wire_values(many) == wire_values(alone) == wire_values(bare) == sent
    assert json.loads(wire_json(alone)) == sent


def test_every_path_is_filled_from_the_parameters() -> None:
    for tool in CATALOGUE.values():
        sent = {wire_name(name, field) for name, field in tool.arguments.model_fields.items()}
        assert set(tool.route.placeholders) <= sent


def test_the_registry_has_every_code_once() -> None:
    assert list(REGISTRY) == list(Code)
    assert all(entry.meaning.endswith(".") and entry.cure.endswith(".") for entry in REGISTRY.values())


def test_no_top_level_name_hides_the_standard_library_or_a_dependency() -> None:
    ours = {path.stem for path in (HOUSE / "unified-mcp").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not ours & set(sys.stdlib_module_names)
    site = Path(pytest.__file__).parent.parent
    installed = {path.stem for path in site.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert not ours & installed
