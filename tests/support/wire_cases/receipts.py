"""The shelf receipts."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, ENCODED, Case, go

MARKED: dict[str, JsonValue] = {
    "chat_jid": CHAT,
    "name": "Ann",
    "messages_marked": 2,
    "receipts_sent": 1,
    "app_state": "marked",
}
CASES: dict[str, Case] = {
    "mark_chat_read_v2": Case(
        "mark_chat_read_v2",
        {"chat_jid": CHAT},
        (go("POST", "/api/chats/{chat_jid}/read", f"/api/chats/{ENCODED}/read", MARKED, body={}),),
    ),
}
