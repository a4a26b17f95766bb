"""An MCP client whose answers are typed and checked against the tool's own declaration."""

from __future__ import annotations

import json
import re
from typing import TypeVar, cast

import jsonschema
from mcp import Client
from mcp_types import CallToolResult, RequestParamsMeta, TextContent
from pydantic import JsonValue

from errors import Code
from server import IDEMPOTENCY_KEY
from tools.catalogue import CATALOGUE
from tools.results import MessageList, Result
from tools.schema import lean_schema

A = TypeVar("A", bound=Result)


class Caller:
    """Calls tools as a client does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, answer: type[A], name: str, /, **arguments: JsonValue) -> A:
        """Call a tool that must succeed."""
        return self.read(answer, name, await self.client.call_tool(name, arguments))

    def read(self, answer: type[A], name: str, result: CallToolResult) -> A:
        """The typed answer of a call that must have succeeded."""
        text = _text(result)
        assert not result.is_error, f"{name} answered {text}"
        structured = result.structured_content
        assert json.loads(unfenced(text)) == structured
        jsonschema.validate(structured, lean_schema(CATALOGUE[name].result, mode="output"))
        return answer.model_validate(structured)

    async def refused(self, name: str, /, **arguments: JsonValue) -> tuple[Code, dict[str, JsonValue]]:
        """Call a tool that must be refused; its code and the whole envelope."""
        result = await self.client.call_tool(name, arguments)
        assert result.is_error, f"{name} was not refused: {_text(result)}"
        assert result.structured_content is None
        envelope = json.loads(_text(result))
        assert envelope["success"] is False
        assert envelope["resolution"]
        return Code(envelope["error_code"]), envelope

    async def knows(self, message_id: str, chat: str | None = None) -> bool:
        """Whether messages.db holds the message."""
        where = {} if chat is None else {"chat_jid": chat}
        found = await self.client.call_tool(
            "get_message_context", {"message_id": message_id, "before": 0, "after": 0, **where}
        )
        return not found.is_error

    async def every_id(self, chat: str) -> list[str]:
        """The ids of all messages of a chat, newest first, page by page."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.ask(MessageList, "query_synced_messages", chat_jid=chat, limit=200, **cursor)
            found += [hit.id for hit in page.messages]
            if page.next_cursor is None:
                return found
            cursor = {"cursor": page.next_cursor}


def keyed(key: object) -> RequestParamsMeta:
    """A request's `_meta` with the client's own idempotency key."""
    return cast("RequestParamsMeta", {IDEMPOTENCY_KEY: key})


def unfenced(text: str) -> str:
    """An answer's text block without the marks around other people's words, and with those that were forged."""
    return re.sub("\u2039(?=/?[0-9a-f]{8}>)", "<", re.sub("</?[0-9a-f]{8}>", "", text))


def _text(result: CallToolResult) -> str:
    assert len(result.content) == 1
    block = result.content[0]
    assert isinstance(block, TextContent)
    return block.text
