"""The table of what goes over the wire: for each tool a call, the requests that it is, and the answer."""

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
STATUS: dict[str, JsonValue] = {
    "bridge": "whatsapp-bridge",
    "version": "0.1.0",
    "state": "connected",
    "since": NOW,
    "logged_in": True,
    "jid": "15550199@s.whatsapp.net",
    "queue_depth": 0,
    "messages": 3,
    "chats": 1,
    "sqlite_version": "3.54.1",
    "emulated": True,
}
MARKED: dict[str, JsonValue] = {
    "chat_jid": CHAT,
    "name": "Ann",
    "messages_marked": 2,
    "receipts_sent": 1,
    "app_state": "marked",
}
ROOF_NAME: dict[str, JsonValue] = {"jid": ROOF, "name": "Riverside"}
GROUPS: dict[str, JsonValue] = {
    "community": ROOF_NAME,
    "groups": [{"jid": ROOM, "name": "Room", "joined": True, "announcement": False, "unread_count": 2, "messages": 7}],
    "total": 1,
}
GROUPS_READ: dict[str, JsonValue] = {
    "community": ROOF_NAME,
    "groups": [{"jid": ROOM, "name": "Room", "status": "read", "messages_marked": 2, "receipts_sent": 1}],
    "messages_marked": 2,
}
BATCH_TAKEN: dict[str, JsonValue] = {
    "inserted": 1,
    "filled": 0,
    "duplicates": 0,
    "conflicts": 0,
    "refused": 0,
    "chats_touched": [CHAT],
    "watermark": 1,
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
CHAT_JOB = "/api/history/chats/{chat_jid}"
ANCHORED = {
    "anchor": ANCHOR["oldest"],
    "aliases": ANCHOR["aliases"],
}
LISTED: dict[str, JsonValue] = {"messages": [MESSAGE], "next_cursor": "eyJ0IjoxfQ"}
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
}
CONTEXT: dict[str, JsonValue] = {"message": MESSAGE, "before": [MESSAGE], "after": []}
FLAGSHIP_ROOM: dict[str, JsonValue] = {**ANCHOR, "chat_jid": ROOM, "exhausted": True}

CASES = {
    "backend_status": Case(
        "backend_status",
        {},
        (
            go("GET", "/api/status", "/api/status", STATUS),
            baileys("GET", "/api/status", "/api/status", {**STATUS, "bridge": "baileys-bridge", "emulated": False}),
        ),
        {
            "summary": "Both bridges are connected: everything works.",
            "go": {
                "backend": "go",
                "url": "http://127.0.0.1:18080",
                "state": "connected",
                "logged_in": True,
                "since": NOW,
                "jid": "15550199@s.whatsapp.net",
                "messages": 3,
                "chats": 1,
                "queue_depth": 0,
                "emulated": True,
            },
            "baileys": {
                "backend": "baileys",
                "url": "http://127.0.0.1:18081",
                "state": "connected",
                "logged_in": True,
                "since": NOW,
                "jid": "15550199@s.whatsapp.net",
                "messages": 3,
                "chats": 1,
                "queue_depth": 0,
            },
        },
    ),
    "get_baileys_sync_status": Case(
        "get_baileys_sync_status", {}, (baileys("GET", "/api/history/status", "/api/history/status", HISTORY),)
    ),
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
    "mark_chat_read_v2": Case(
        "mark_chat_read_v2",
        {"chat_jid": CHAT},
        (go("POST", "/api/chats/{chat_jid}/read", f"/api/chats/{ENCODED}/read", MARKED, body={}),),
    ),
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
    "get_message_statistics": Case(
        "get_message_statistics", {}, (go("GET", "/api/statistics", "/api/statistics", STATISTICS),)
    ),
    "get_message_statistics of a chat": Case(
        "get_message_statistics",
        {"chat_jid": "Ann & Co"},
        (go("GET", "/api/statistics", "/api/statistics", STATISTICS, query={"chat_jid": "Ann & Co"}),),
    ),
    "list_communities": Case(
        "list_communities",
        {"query": "River"},
        (
            go(
                "GET",
                "/api/communities",
                "/api/communities",
                {"communities": [{"jid": ROOF, "name": "Riverside", "groups": 1, "unread_count": 2}], "total": 1},
                query={"query": "River", "limit": "20", "page": "0"},
            ),
        ),
    ),
    "get_community_groups": Case(
        "get_community_groups",
        {"community_jid": ROOF},
        (
            go(
                "GET",
                "/api/communities/{community_jid}/groups",
                f"/api/communities/{ROOF_ENCODED}/groups",
                GROUPS,
                query={"limit": "100", "page": "0"},
            ),
        ),
    ),
    "mark_community_as_read": Case(
        "mark_community_as_read",
        {"community_jid": "Riverside & Friends"},
        (
            go(
                "POST",
                "/api/communities/{community_jid}/read",
                "/api/communities/Riverside%20%26%20Friends/read",
                GROUPS_READ,
                body={},
            ),
        ),
    ),
    "mark_community_as_read_with_history": Case(
        "mark_community_as_read_with_history",
        {"community_jid": ROOF},
        (
            go(
                "GET",
                "/api/communities/{community_jid}/groups",
                f"/api/communities/{ROOF_ENCODED}/groups",
                GROUPS,
                query={"limit": "200", "page": "0"},
            ),
            go(
                "GET",
                "/api/history/anchors/{chat_jid}",
                "/api/history/anchors/120363990000000001%40g.us",
                FLAGSHIP_ROOM,
            ),
            go(
                "POST",
                "/api/communities/{community_jid}/read",
                f"/api/communities/{ROOF_ENCODED}/read",
                GROUPS_READ,
                body={},
            ),
            go(
                "GET",
                "/api/communities/{community_jid}/groups",
                f"/api/communities/{ROOF_ENCODED}/groups",
                GROUPS,
                query={"limit": "200", "page": "0"},
            ),
        ),
        ELSEWHERE,
    ),
    "retrieve_full_history": Case(
        "retrieve_full_history",
        {"wait_for_completion": False},
        (baileys("POST", "/api/history", "/api/history", ACCOUNT, body={}),),
        {**ACCOUNT, "note": "Now call sync_history_to_database to merge it into messages.db."},
    ),
    "fetch_history": Case(
        "fetch_history",
        {"chat_jid": CHAT, "max_messages": 70_000, "resume": True},
        (
            READ_ANCHOR,
            baileys(
                "POST",
                CHAT_JOB,
                f"/api/history/chats/{ENCODED}",
                JOB,
                body={"max_messages": 10_000, "resume": True, **ANCHORED},
            ),
        ),
        {**JOB, "note": "It goes on by itself. Follow it with get_sync_status."},
    ),
    "get_sync_status": Case(
        "get_sync_status",
        {"chat_jid": CHAT},
        (
            baileys(
                "GET",
                CHAT_JOB,
                f"/api/history/chats/{ENCODED}",
                {"chat_jid": CHAT, "job": JOB, "messages": 50, "oldest_at": NOW, "exhausted": False},
            ),
        ),
    ),
    "sync_history_to_database": Case(
        "sync_history_to_database",
        {"chat_jid": CHAT},
        (
            READ_ANCHOR,
            go(
                "GET",
                "/api/history/watermarks/{source}",
                "/api/history/watermarks/baileys",
                {"source": "baileys", "seq": 0},
            ),
            go(
                "POST",
                "/api/history/batches",
                "/api/history/batches",
                BATCH_TAKEN,
                body={
                    "source": "baileys",
                    "origin": "test-origin",
                    "from_seq": 0,
                    "to_seq": 1,
                    "aliases": [],
                    "contacts": [],
                    "chats": [],
                    "messages": [
                        {
                            "chat_jid": CHAT,
                            "id": "3EB0000000000001",
                            "sender_jid": CHAT,
                            "from_me": False,
                            "timestamp": 1_760_000_001,
                            "kind": "text",
                            "text": "from the phone",
                        }
                    ],
                    "reactions": [],
                    "checkpoints": [],
                },
            ),
            READ_ANCHOR,
        ),
        ELSEWHERE,
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
