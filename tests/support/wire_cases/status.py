"""The shelf status."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import HISTORY, NOW, Case, baileys, go

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
CASES: dict[str, Case] = {
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
}
