"""The shelf status."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import HISTORY, NOW, Case, baileys, go

# A bridge that heard something long ago is quiet; one that hears something in a hundred years never is.
AHEAD = "2126-11-23T01:40:00Z"
STATUS: dict[str, JsonValue] = {
    "bridge": "whatsapp-bridge",
    "version": "0.1.0",
    "state": "connected",
    "since": NOW,
    "logged_in": True,
    "jid": "15550199@s.whatsapp.net",
    "last_event_at": AHEAD,
    "queue_depth": 0,
    "messages": 3,
    "chats": 1,
    "sqlite_version": "3.54.1",
    "emulated": True,
}
JOBS: dict[str, JsonValue] = {"queued": 0, "running": 1, "paused": 2, "failed": 0}
CASES: dict[str, Case] = {
    "backend_status": Case(
        "backend_status",
        {},
        (
            go("GET", "/api/status", "/api/status", STATUS),
            baileys(
                "GET",
                "/api/status",
                "/api/status",
                {**STATUS, "bridge": "baileys-bridge", "emulated": False, "jobs": JOBS},
            ),
        ),
        {
            "summary": "Both bridges are connected: everything works.",
            "go": {
                "backend": "go",
                "url": "http://127.0.0.1:18080",
                "state": "connected",
                "logged_in": True,
                "health": "fine",
                "since": NOW,
                "jid": "15550199@s.whatsapp.net",
                "last_event_at": AHEAD,
                "last_event_age_s": 0,
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
                "health": "fine",
                "since": NOW,
                "jid": "15550199@s.whatsapp.net",
                "last_event_at": AHEAD,
                "last_event_age_s": 0,
                "messages": 3,
                "chats": 1,
                "queue_depth": 0,
                "jobs": JOBS,
            },
        },
    ),
    "get_baileys_sync_status": Case(
        "get_baileys_sync_status", {}, (baileys("GET", "/api/history/status", "/api/history/status", HISTORY),)
    ),
}
