"""The shelf messaging."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, SENT, TEXT, Ask, Case, go


def on(act: str, body: JsonValue) -> Ask:
    """A request about the message 3EB0A1."""
    return go("POST", f"/api/messages/{{message_id}}/{act}", f"/api/messages/3EB0A1/{act}", SENT, body=body)


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
    "react_to_message_v2": Case(
        "react_to_message_v2",
        {"chat_jid": CHAT, "message_id": "3EB0A1", "emoji": "❤️"},
        (on("reaction", {"chat_jid": CHAT, "emoji": "❤️"}),),
    ),
    "react_to_message_v2 taken back": Case(
        "react_to_message_v2",
        {"chat_jid": CHAT, "message_id": "3EB0A1", "emoji": ""},
        (on("reaction", {"chat_jid": CHAT, "emoji": ""}),),
    ),
    "edit_message_v2": Case(
        "edit_message_v2",
        {"message_id": "3EB0A1", "new_text": "better"},
        (on("edit", {"new_text": "better"}),),
    ),
    "edit_message_v2 in a chat": Case(
        "edit_message_v2",
        {"message_id": "3EB0A1", "new_text": "better", "chat_jid": CHAT},
        (on("edit", {"new_text": "better", "chat_jid": CHAT}),),
    ),
    "delete_message_v2": Case("delete_message_v2", {"message_id": "3EB0A1"}, (on("revoke", {}),)),
    "delete_message_v2 in a chat": Case(
        "delete_message_v2", {"message_id": "3EB0A1", "chat_jid": CHAT}, (on("revoke", {"chat_jid": CHAT}),)
    ),
    "forward_message_v2": Case(
        "forward_message_v2",
        {"message_id": "3EB0A1", "to_chat_jid": "Ann"},
        (on("forward", {"to_chat_jid": "Ann"}),),
    ),
    "forward_message_v2 from a chat": Case(
        "forward_message_v2",
        {"message_id": "3EB0A1", "to_chat_jid": "Ann", "from_chat_jid": CHAT},
        (on("forward", {"to_chat_jid": "Ann", "from_chat_jid": CHAT}),),
    ),
}
