"""The shelf history."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import (
    ACCOUNT,
    ANCHOR,
    CHAT,
    ELSEWHERE,
    ENCODED,
    HISTORY,
    JOB,
    NOW,
    READ_ANCHOR,
    Case,
    baileys,
    go,
)

BATCH_TAKEN: dict[str, JsonValue] = {
    "inserted": 1,
    "filled": 0,
    "duplicates": 0,
    "conflicts": 0,
    "refused": 0,
    "chats_touched": [CHAT],
    "watermark": 1,
}

CHAT_JOB = "/api/history/chats/{chat_jid}"

ANCHORED = {
    "anchor": ANCHOR["oldest"],
    "aliases": ANCHOR["aliases"],
}
CHECKPOINTS: dict[str, JsonValue] = {
    "checkpoints": [
        {
            "chat_jid": CHAT,
            "chat_name": "Ann",
            "messages": 3,
            "oldest_at": NOW,
            "newest_at": NOW,
            "state": "completed",
            "exhausted": True,
            "can_ask_more": False,
            "gaps": [],
            "updated_at": NOW,
        }
    ],
    "total": 1,
}

CHAT_CHECKPOINT = "/api/history/checkpoints/{chat_jid}"
LATER = "2026-12-24T00:00:00Z"
CHECKPOINT: dict[str, JsonValue] = {
    "chat_jid": CHAT,
    "chat_name": "Ann",
    "messages": 3,
    "oldest_at": LATER,
    "newest_at": LATER,
    "state": "not_fetched",
    "exhausted": False,
    "can_ask_more": True,
    "gaps": [],
}

CLEARED: dict[str, JsonValue] = {
    "messages_removed": 9,
    "reactions_removed": 1,
    "messages_kept": 0,
    "reactions_kept": 0,
    "jobs_cancelled": 0,
}

CHAT_HISTORY: dict[str, JsonValue] = {
    "chat_jid": CHAT,
    "job": JOB,
    "messages": 50,
    "oldest_at": NOW,
    "exhausted": False,
}

LOOK = baileys("GET", "/api/history/status", "/api/history/status", HISTORY)

MARK = go(
    "GET",
    "/api/history/watermarks/{source}",
    "/api/history/watermarks/baileys",
    {"source": "baileys", "seq": 7, "origin": "test-origin"},
)

CASES: dict[str, Case] = {
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
            go("GET", CHAT_CHECKPOINT, f"/api/history/checkpoints/{ENCODED}", CHECKPOINT),
            baileys("GET", CHAT_JOB, f"/api/history/chats/{ENCODED}", CHAT_HISTORY),
        ),
        {
            **CHAT_HISTORY,
            "held": {"messages": 3, "oldest_at": LATER, "newest_at": LATER},
            "can_ask_more": True,
            "gaps": [
                {"after": NOW, "before": LATER, "reason": "not_merged", "mend": "sync_history_to_database"},
            ],
        },
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
    "cancel_sync": Case(
        "cancel_sync",
        {"chat_jid": CHAT},
        (
            baileys(
                "POST",
                f"{CHAT_JOB}/cancel",
                f"/api/history/chats/{ENCODED}/cancel",
                {**JOB, "state": "cancelled"},
                body={},
            ),
            go(
                "POST",
                f"{CHAT_JOB}/cancel",
                f"/api/history/chats/{ENCODED}/cancel",
                {**JOB, "state": "cancelled"},
                body={},
            ),
        ),
    ),
    "resume_sync": Case(
        "resume_sync",
        {"chat_jid": CHAT, "max_messages": 200},
        (
            READ_ANCHOR,
            baileys("GET", CHAT_JOB, f"/api/history/chats/{ENCODED}", CHAT_HISTORY),
            baileys(
                "POST",
                CHAT_JOB,
                f"/api/history/chats/{ENCODED}",
                JOB,
                body={"max_messages": 200, "resume": True, **ANCHORED},
            ),
        ),
        {**JOB, "note": "It goes on by itself. Follow it with get_sync_status."},
    ),
    "get_sync_checkpoints": Case(
        "get_sync_checkpoints",
        {},
        (go("GET", "/api/history/checkpoints", "/api/history/checkpoints", CHECKPOINTS, query={"limit": "50"}),),
    ),
    "clear_temp_storage": Case(
        "clear_temp_storage",
        {},
        (
            LOOK,
            MARK,
            baileys(
                "POST",
                "/api/history/clear",
                "/api/history/clear",
                CLEARED,
                body={"origin": "test-origin", "merged_seq": 7},
            ),
        ),
        CLEARED,
    ),
    "clear_baileys_temp_data": Case(
        "clear_baileys_temp_data",
        {},
        (
            LOOK,
            MARK,
            baileys(
                "POST",
                "/api/history/wipe",
                "/api/history/wipe",
                CLEARED,
                body={"origin": "test-origin", "merged_seq": 7, "force": False},
            ),
        ),
        CLEARED,
    ),
}
