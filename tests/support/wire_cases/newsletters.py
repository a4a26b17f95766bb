"""The shelf newsletters."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import NOW, Case, go

LINK = "https://whatsapp.com/channel/0029VaRiverGazette0001"

NEWSLETTER: dict[str, JsonValue] = {
    "jid": "120363070000000401@newsletter",
    "name": "River Gazette",
    "invite_link": LINK,
    "subscribers": 1204,
    "verified": True,
    "created_at": NOW,
    "followed": True,
    "owned": False,
}

REACTED: dict[str, JsonValue] = {
    "status": "sent",
    "newsletter_jid": "120363070000000401@newsletter",
    "message_id": "3EB0A1",
    "server_id": 101,
    "emoji": "👍",
}

INFO = "/api/newsletters"
FOLLOW = "/api/newsletters/follow"
UNFOLLOW = "/api/newsletters/unfollow"
REACTIONS = "/api/newsletters/reactions"

CASES: dict[str, Case] = {
    "subscribe_to_newsletter": Case(
        "subscribe_to_newsletter",
        {"jid": LINK},
        (go("POST", FOLLOW, FOLLOW, NEWSLETTER, body={"newsletter": LINK}),),
    ),
    "unsubscribe_from_newsletter": Case(
        "unsubscribe_from_newsletter",
        {"jid": "River Gazette"},
        (go("POST", UNFOLLOW, UNFOLLOW, {**NEWSLETTER, "followed": False}, body={"newsletter": "River Gazette"}),),
    ),
    "create_newsletter": Case(
        "create_newsletter",
        {"name": "Mill News"},
        (go("POST", INFO, INFO, NEWSLETTER, body={"name": "Mill News", "description": ""}),),
    ),
    "get_newsletter_info": Case(
        "get_newsletter_info", {"jid": LINK}, (go("GET", INFO, INFO, NEWSLETTER, query={"newsletter": LINK}),)
    ),
    "react_to_newsletter_post": Case(
        "react_to_newsletter_post",
        {"jid": LINK, "message_id": "101", "emoji": "👍"},
        (go("POST", REACTIONS, REACTIONS, REACTED, body={"newsletter": LINK, "message_id": "101", "emoji": "👍"}),),
    ),
}
