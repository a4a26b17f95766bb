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
READ = "/api/messages/read"

READ_ONE: dict[str, JsonValue] = {"chat_jid": CHAT, "name": "Ann", "messages_marked": 1, "receipts_sent": 1}
CASES: dict[str, Case] = {
    "mark_as_read": Case(
        "mark_as_read",
        {"chat_jid": CHAT, "message_ids": ["3EB0A1", "3EB0A2"]},
        (
            go(
                "POST",
                READ,
                READ,
                {**READ_ONE, "unknown_ids": ["3EB0A2"]},
                body={"chat_jid": CHAT, "message_ids": ["3EB0A1", "3EB0A2"]},
            ),
        ),
    ),
    "mark_as_read with the sender": Case(
        "mark_as_read",
        {"chat_jid": CHAT, "message_ids": ["3EB0A1"], "sender": "+1 555 0101"},
        (
            go(
                "POST",
                READ,
                READ,
                READ_ONE,
                body={"chat_jid": CHAT, "message_ids": ["3EB0A1"], "sender": "+1 555 0101"},
            ),
        ),
    ),
    "mark_message_read_v2": Case(
        "mark_message_read_v2",
        {"chat_jid": CHAT, "message_id": "3EB0A1"},
        (go("POST", READ, READ, READ_ONE, body={"chat_jid": CHAT, "message_ids": ["3EB0A1"]}),),
    ),
    "mark_chat_read_v2": Case(
        "mark_chat_read_v2",
        {"chat_jid": CHAT},
        (go("POST", "/api/chats/{chat_jid}/read", f"/api/chats/{ENCODED}/read", MARKED, body={}),),
    ),
}
