"""The shelf history."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import ACCOUNT, ANCHOR, CHAT, ELSEWHERE, ENCODED, JOB, NOW, READ_ANCHOR, Case, baileys, go

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
}
