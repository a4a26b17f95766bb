"""The shelf queries."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, MESSAGE, NOW, Case, go

LISTED: dict[str, JsonValue] = {"messages": [MESSAGE], "next_cursor": "eyJ0IjoxfQ"}

STATISTICS: dict[str, JsonValue] = {
    "messages": 3,
    "from_me": 1,
    "chats": 1,
    "people": 2,
    "first_at": NOW,
    "last_at": NOW,
    "by_kind": [{"kind": "text", "messages": 2}, {"kind": "unsupported:futureProof", "messages": 1}],
    "busiest_chats": [{"chat_jid": CHAT, "chat_name": "Ann", "messages": 3}],
    "busiest_hours": [{"hour": 0, "messages": 3}],
    "by_month": [{"month": "2026-03", "messages": 3}],
}

CONTEXT: dict[str, JsonValue] = {"message": MESSAGE, "before": [MESSAGE], "after": []}
CASES: dict[str, Case] = {
    "get_message_statistics": Case(
        "get_message_statistics", {}, (go("GET", "/api/statistics", "/api/statistics", STATISTICS),)
    ),
    "get_message_statistics of a chat": Case(
        "get_message_statistics",
        {"chat_jid": "Ann & Co"},
        (go("GET", "/api/statistics", "/api/statistics", STATISTICS, query={"chat_jid": "Ann & Co"}),),
    ),
    "list_messages": Case(
        "list_messages",
        {"chat_jid": CHAT},
        (
            go(
                "GET",
                "/api/messages",
                "/api/messages",
                LISTED,
                query={
                    "chat_jid": CHAT,
                    "limit": "20",
                    "page": "0",
                    "include_context": "true",
                    "context_before": "1",
                    "context_after": "1",
                },
            ),
        ),
    ),
    "list_messages with everything": Case(
        "list_messages",
        {
            "after": "2026-03-01T18:30:00+01:00",
            "before": "2026-03-08T00:00:00Z",
            "sender_phone_number": "+1 555 0100",
            "chat_jid": CHAT,
            "query": "foo-bar c++ 100%",
            "limit": 5,
            "page": 3,
            "include_context": False,
            "context_before": 2,
            "context_after": 99,
        },
        (
            go(
                "GET",
                "/api/messages",
                "/api/messages",
                LISTED,
                query={
                    "after": "2026-03-01T17:30:00Z",
                    "before": "2026-03-08T00:00:00Z",
                    "sender": "+1 555 0100",
                    "chat_jid": CHAT,
                    "query": "foo-bar c++ 100%",
                    "limit": "5",
                    "page": "3",
                    "include_context": "false",
                    "context_before": "2",
                    "context_after": "20",
                },
            ),
        ),
    ),
    "get_message_context": Case(
        "get_message_context",
        {"message_id": "3EB0A1", "before": 60, "chat_jid": CHAT},
        (
            go(
                "GET",
                "/api/messages/{message_id}/context",
                "/api/messages/3EB0A1/context",
                CONTEXT,
                query={"before": "50", "after": "5", "chat_jid": CHAT},
            ),
        ),
    ),
    "query_synced_messages": Case(
        "query_synced_messages",
        {},
        (
            go(
                "GET",
                "/api/messages",
                "/api/messages",
                LISTED,
                query={"limit": "100", "offset": "0", "include_media": "false", "sort": "newest"},
            ),
        ),
    ),
    "query_synced_messages with everything": Case(
        "query_synced_messages",
        {
            "chat_jid": CHAT,
            "sender": "me",
            "content": '"a phrase" OR begin*',
            "after_time": "2026-03-01T00:00:00Z",
            "before_time": "2026-03-02T00:00:00Z",
            "limit": 7,
            "offset": 14,
            "include_media": True,
            "media_type": "image",
            "cursor": "eyJ0IjoxfQ",
            "sort": "relevance",
        },
        (
            go(
                "GET",
                "/api/messages",
                "/api/messages",
                LISTED,
                query={
                    "chat_jid": CHAT,
                    "sender": "me",
                    "query": '"a phrase" OR begin*',
                    "after": "2026-03-01T00:00:00Z",
                    "before": "2026-03-02T00:00:00Z",
                    "limit": "7",
                    "offset": "14",
                    "include_media": "true",
                    "media_type": "image",
                    "cursor": "eyJ0IjoxfQ",
                    "sort": "relevance",
                },
            ),
        ),
    ),
}
