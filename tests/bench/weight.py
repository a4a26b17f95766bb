"""The weight of tools/list: bytes on the wire, and about how many tokens a model reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from mcp_types import Tool

MOST_BYTES, MOST_TOKENS, OF_TOOLS = 60_000, 14_000, 75
BYTES_OF_A_TOKEN = 4.2
"""Of English with JSON around it, by the usual vocabularies; a model reads all but the result's schema."""


@dataclass(frozen=True)
class Weight:
    """Of a list of tools."""

    tools: int
    bytes: int
    tokens: int

    @property
    def most_bytes(self) -> float:
        """What so many may weigh of what the whole interface may."""
        return MOST_BYTES * self.tools / OF_TOOLS

    @property
    def most_tokens(self) -> float:
        """The same in tokens."""
        return MOST_TOKENS * self.tools / OF_TOOLS


def weigh(tools: Sequence[Tool]) -> Weight:
    """The list as it goes over the wire."""
    shown = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
    read = [{key: tool[key] for key in ("name", "description", "inputSchema")} for tool in shown]
    return Weight(len(shown), _bytes(shown), round(_bytes(read) / BYTES_OF_A_TOKEN))


def _bytes(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
