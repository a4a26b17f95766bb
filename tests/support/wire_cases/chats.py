"""The shelf chats."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, ENCODED, MESSAGE, NOW, ROOM, Case, go

CHATS: dict[str, JsonValue] = {
    "chats": [{"jid": CHAT, "name": "Ann", "kind": "direct", "unread_count": 1, "last_message": MESSAGE}],
    "total": 1,
}

ONE_CHAT: dict[str, JsonValue] = {
    "chat": {
        "jid": CHAT,
        "lid": "250000000000100@lid",
        "phone": "+15550100",
        "name": "Ann",
        "kind": "direct",
        "unread_count": 1,
        "last_message_at": NOW,
        "last_message": MESSAGE,
    }
}
MARKS: dict[str, JsonValue] = {
    "status": "changed",
    "chat_jid": CHAT,
    "name": "Ann",
    "archived": False,
    "pinned": True,
    "muted_until": NOW,
}

GROUP: dict[str, JsonValue] = {
    "jid": ROOM,
    "name": "Lake 🏞",
    "kind": "group",
    "topic": "Who swims?",
    "created_at": NOW,
    "owner": {"jid": CHAT, "lid": "250000000000100@lid", "phone": "+15550100", "name": "Ann"},
    "own_role": "member",
    "announcement": True,
    "disappearing_s": 86_400,
    "community": {"jid": "120363980000000001@g.us", "name": "Shore"},
    "participants": [{"jid": CHAT, "name": "Ann", "role": "superadmin"}],
    "participants_total": 1024,
}


def marked(tool: str, verb: str, body: dict[str, JsonValue] | None = None) -> Case:
    path = f"/api/chats/{ENCODED}/{verb}"
    return Case(
        tool,
        {"chat_jid": CHAT, **(body or {})},
        (go("POST", f"/api/chats/{{chat_jid}}/{verb}", path, MARKS, body=body or {}),),
    )


CASES: dict[str, Case] = {
    "list_chats": Case(
        "list_chats",
        {},
        (
            go(
                "GET",
                "/api/chats",
                "/api/chats",
                CHATS,
                query={"limit": "20", "page": "0", "include_last_message": "true", "sort_by": "last_active"},
            ),
        ),
    ),
    "list_chats with everything": Case(
        "list_chats",
        {"query": "Ann & Co", "limit": 500, "page": 2, "include_last_message": False, "sort_by": "name"},
        (
            go(
                "GET",
                "/api/chats",
                "/api/chats",
                CHATS,
                query={
                    "query": "Ann & Co",
                    "limit": "200",
                    "page": "2",
                    "include_last_message": "false",
                    "sort_by": "name",
                },
            ),
        ),
    ),
    "get_chat": Case(
        "get_chat",
        {"chat_jid": CHAT},
        (
            go(
                "GET",
                "/api/chats/{chat_jid}",
                f"/api/chats/{ENCODED}",
                ONE_CHAT,
                query={"include_last_message": "true"},
            ),
        ),
    ),
    "get_chat by a name with signs": Case(
        "get_chat",
        {"chat_jid": "Grüße / 100% & co?", "include_last_message": False},
        (
            go(
                "GET",
                "/api/chats/{chat_jid}",
                "/api/chats/Gr%C3%BC%C3%9Fe%20%2F%20100%25%20%26%20co%3F",
                ONE_CHAT,
                query={"include_last_message": "false"},
            ),
        ),
    ),
    "get_direct_chat_by_contact": Case(
        "get_direct_chat_by_contact",
        {"sender_phone_number": "+1 555 0100"},
        (go("GET", "/api/contacts/{contact_jid}/chat", "/api/contacts/%2B1%20555%200100/chat", ONE_CHAT),),
    ),
    "get_contact_chats": Case(
        "get_contact_chats",
        {"jid": CHAT},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/chats",
                f"/api/contacts/{ENCODED}/chats",
                CHATS,
                query={"limit": "20", "page": "0"},
            ),
        ),
    ),
    "get_contact_chats with everything": Case(
        "get_contact_chats",
        {"jid": "Ann", "limit": 500, "page": 3},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/chats",
                "/api/contacts/Ann/chats",
                CHATS,
                query={"limit": "200", "page": "3"},
            ),
        ),
    ),
    "get_last_interaction": Case(
        "get_last_interaction",
        {"jid": CHAT},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/last-interaction",
                f"/api/contacts/{ENCODED}/last-interaction",
                {"contact_jid": CHAT, "contact_name": "Ann", "message": MESSAGE},
            ),
        ),
    ),
    "get_last_interaction with nobody's message": Case(
        "get_last_interaction",
        {"jid": CHAT},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/last-interaction",
                f"/api/contacts/{ENCODED}/last-interaction",
                {"contact_jid": CHAT, "contact_name": "Ann"},
            ),
        ),
    ),
    "list_chats_v2": Case(
        "list_chats_v2",
        {},
        (
            go(
                "GET",
                "/api/chats",
                "/api/chats",
                CHATS,
                query={"limit": "20", "archived": "false", "unread_only": "false"},
            ),
        ),
    ),
    "list_chats_v2 with everything": Case(
        "list_chats_v2",
        {"limit": 0, "archived": True, "unread_only": True, "cursor": "eyJ0IjoxfQ"},
        (
            go(
                "GET",
                "/api/chats",
                "/api/chats",
                CHATS,
                query={"limit": "1", "archived": "true", "unread_only": "true", "cursor": "eyJ0IjoxfQ"},
            ),
        ),
    ),
    "get_chat_metadata_v2": Case(
        "get_chat_metadata_v2",
        {"chat_jid": CHAT},
        (go("GET", "/api/chats/{chat_jid}/metadata", f"/api/chats/{ENCODED}/metadata", GROUP),),
    ),
    "archive_chat": marked("archive_chat", "archive"),
    "unarchive_chat": marked("unarchive_chat", "unarchive"),
    "pin_chat": marked("pin_chat", "pin"),
    "unpin_chat": marked("unpin_chat", "unpin"),
    "mute_chat": Case(
        "mute_chat",
        {"chat_jid": CHAT},
        (
            go(
                "POST",
                "/api/chats/{chat_jid}/mute",
                f"/api/chats/{ENCODED}/mute",
                MARKS,
                body={"duration_seconds": 0},
            ),
        ),
    ),
    "mute_chat for a while": marked("mute_chat", "mute", {"duration_seconds": 28_800}),
    "unmute_chat": marked("unmute_chat", "unmute"),
}
