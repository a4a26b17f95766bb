"""The shelf privacy."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, Case, go

PERSON: dict[str, JsonValue] = {"jid": CHAT, "lid": "250000000000100@lid", "phone": "+15550100", "name": "Ann"}

BLOCKED: dict[str, JsonValue] = {"status": "changed", "blocked": True, **PERSON}

SETTINGS: dict[str, JsonValue] = {
    "last_seen": "contacts",
    "online": "match_last_seen",
    "profile_picture": "all",
    "about": "none",
    "read_receipts": "all",
    "groups": "contact_blacklist",
    "calls": "known",
}


def blocking(tool: str, verb: str, arguments: dict[str, JsonValue], body: dict[str, JsonValue]) -> Case:
    path = f"/api/blocklist/{verb}"
    return Case(tool, arguments, (go("POST", path, path, BLOCKED, body=body),))


def setting(tool: str, name: str, value: str) -> Case:
    path = f"/api/privacy/{name}"
    answer: dict[str, JsonValue] = {"status": "changed", "settings": SETTINGS}
    return Case(tool, {"value": value}, (go("POST", path, path, answer, body={"value": value}),))


CASES: dict[str, Case] = {
    "block_contact": blocking("block_contact", "block", {"jid": CHAT}, {"contact_jid": CHAT}),
    "block_contact by number": blocking("block_contact", "block", {"phone": "+1 555 0100"}, {"phone": "+1 555 0100"}),
    "unblock_contact": blocking("unblock_contact", "unblock", {"phone": "+1 555 0100"}, {"phone": "+1 555 0100"}),
    "unblock_contact by name": blocking("unblock_contact", "unblock", {"jid": "Ann"}, {"contact_jid": "Ann"}),
    "get_blocked_contacts": Case(
        "get_blocked_contacts",
        {},
        (
            go(
                "GET",
                "/api/blocklist",
                "/api/blocklist",
                {"contacts": [PERSON, {"jid": "990000000000101@lid", "name": "990000000000101@lid"}], "total": 2},
            ),
        ),
    ),
    "get_privacy_settings": Case("get_privacy_settings", {}, (go("GET", "/api/privacy", "/api/privacy", SETTINGS),)),
    "update_last_seen_privacy": setting("update_last_seen_privacy", "last-seen", "contacts"),
    "update_profile_picture_privacy": setting("update_profile_picture_privacy", "profile-picture", "contact_blacklist"),
    "update_status_privacy": setting("update_status_privacy", "about", "none"),
    "update_online_privacy": setting("update_online_privacy", "online", "match_last_seen"),
}
