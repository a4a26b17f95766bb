"""What the tables of all shelves are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

CHAT = "15550100@s.whatsapp.net"

ROOM = "120363990000000001@g.us"

ROOF = "120363980000000001@g.us"

NOW = "2026-11-23T01:40:00Z"

MESSAGE: dict[str, JsonValue] = {
    "id": "3EB0A1",
    "chat_jid": CHAT,
    "chat_name": "Ann",
    "sender_jid": CHAT,
    "sender_name": "Ann",
    "from_me": False,
    "timestamp": NOW,
    "kind": "text",
    "text": 'Grüße 🎉 "quoted"\n\u202e',
    "read": False,
}

SENT: dict[str, JsonValue] = {
    "status": "sent",
    "message_id": "3EB0A2",
    "chat_jid": CHAT,
    "chat_name": "Ann",
    "timestamp": NOW,
}

JOB: dict[str, JsonValue] = {
    "job": "job-1",
    "kind": "chat",
    "chat_jid": CHAT,
    "state": "running",
    "messages": 50,
    "requests": 1,
    "exhausted": False,
    "updated_at": NOW,
}

ACCOUNT: dict[str, JsonValue] = {
    "job": "account",
    "kind": "account",
    "state": "completed",
    "progress": 100,
    "messages": 9,
    "exhausted": True,
    "updated_at": NOW,
}

HISTORY: dict[str, JsonValue] = {
    "state": "connected",
    "initial": ACCOUNT,
    "rows": 9,
    "last_seq": 12,
    "origin": "test-origin",
    "jobs": [JOB],
    "temp_db_bytes": 4096,
}

ANCHOR: dict[str, JsonValue] = {
    "chat_jid": CHAT,
    "aliases": [CHAT, "250000000000100@lid"],
    "messages": 3,
    "oldest": {"id": "3EB0A0", "timestamp": 1_760_000_000, "from_me": True, "sender_jid": CHAT},
    "exhausted": False,
}

ELSEWHERE: dict[str, JsonValue] = {}
"""The answer has a clock or a count in it; a test of its own looks at it."""


@dataclass(frozen=True)
class Ask:
    """A request as it must go over the wire, and what the bridge answers."""

    bridge: Literal["go", "baileys"]
    method: Literal["GET", "POST"]
    template: str
    path: str
    answer: dict[str, JsonValue]
    query: dict[str, str] = field(default_factory=dict)
    body: JsonValue = None


@dataclass(frozen=True)
class Case:
    """A call and everything that it sends, in this order for each bridge."""

    tool: str
    arguments: dict[str, JsonValue]
    asks: tuple[Ask, ...]
    answer: dict[str, JsonValue] | None = None
    """The structured content; the bridge's own answer where it is None."""


def go(
    method: Literal["GET", "POST"], template: str, path: str, answer: dict[str, JsonValue], **more: JsonValue
) -> Ask:
    return Ask("go", method, template, path, answer, **more)  # type: ignore[arg-type]


def baileys(
    method: Literal["GET", "POST"], template: str, path: str, answer: dict[str, JsonValue], **more: JsonValue
) -> Ask:
    return Ask("baileys", method, template, path, answer, **more)  # type: ignore[arg-type]


ENCODED = "15550100%40s.whatsapp.net"

ROOF_ENCODED = "120363980000000001%40g.us"

TEXT = "/api/messages/text"

READ_ANCHOR = go("GET", "/api/history/anchors/{chat_jid}", f"/api/history/anchors/{ENCODED}", ANCHOR)
