"""The shelf messaging."""

from __future__ import annotations

from wire_cases.shapes import CHAT, SENT, TEXT, Case, go

CASES: dict[str, Case] = {
    "send_message": Case(
        "send_message",
        {"recipient": "+1 555 0100", "message": 'a "b" \\ 🎉\n'},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": "+1 555 0100", "text": 'a "b" \\ 🎉\n'}),),
    ),
    "send_text_message_v2": Case(
        "send_text_message_v2",
        {"chat_jid": CHAT, "text": "hello"},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": CHAT, "text": "hello"}),),
    ),
    "send_text_message_v2 as an answer": Case(
        "send_text_message_v2",
        {"chat_jid": CHAT, "text": "yes", "quoted_message_id": "3EB0A1"},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": CHAT, "text": "yes", "quoted_message_id": "3EB0A1"}),),
    ),
}
