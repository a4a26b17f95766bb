"""The shelf communities."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import ANCHOR, ELSEWHERE, ROOF, ROOF_ENCODED, ROOM, Case, go

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

FLAGSHIP_ROOM: dict[str, JsonValue] = {**ANCHOR, "chat_jid": ROOM, "exhausted": True}
CASES: dict[str, Case] = {
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
}
