"""What the list of tools costs every conversation before anything is asked."""

from __future__ import annotations

from mcp import Client

from tools.catalogue import CATALOGUE
from weight import weigh


async def test_the_list_of_tools_leaves_room_for_the_conversation(client: Client) -> None:
    weight = weigh((await client.list_tools()).tools)
    assert weight.bytes <= weight.most_bytes, weight
    assert weight.tokens <= weight.most_tokens, weight


async def test_every_parameter_still_shows_a_value_that_it_may_have(client: Client) -> None:
    for tool in (await client.list_tools()).tools:
        for name, field in tool.input_schema["properties"].items():
            example = CATALOGUE[tool.name].arguments.model_fields[name].examples
            assert example
            text = example[0][0] if isinstance(example[0], list) else str(example[0])
            shown = field.keys() & {"default", "enum", "examples"} or text in field["description"]
            assert shown or field["type"] == "boolean", f"{tool.name}: {name}"


async def test_a_description_is_one_line(client: Client) -> None:
    for tool in (await client.list_tools()).tools:
        assert tool.description == " ".join(CATALOGUE[tool.name].description.split())
