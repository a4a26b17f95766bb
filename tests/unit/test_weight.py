"""What the list of tools costs every conversation before anything is asked."""

from __future__ import annotations

from mcp import Client

from weight import MOST_BYTES, MOST_TOKENS, weigh


async def test_the_list_of_tools_leaves_room_for_the_conversation(client: Client) -> None:
    weight = weigh((await client.list_tools()).tools)
    assert weight.bytes <= MOST_BYTES, weight
    assert weight.tokens <= MOST_TOKENS, weight
