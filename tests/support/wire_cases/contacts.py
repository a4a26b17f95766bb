"""The shelf contacts."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, ENCODED, MESSAGE, NOW, ROOM, Case, go

PERSON: dict[str, JsonValue] = {"jid": CHAT, "lid": "250000000000100@lid", "phone": "+15550100", "name": "Ann"}

FOUND: dict[str, JsonValue] = {
    "contacts": [{**PERSON, "push_name": "Annie ☂", "business_name": "Umbrellas & Co", "blocked": True}],
    "total": 2,
    "next_cursor": "eyJsIjoiY29udGFjdHMifQ",
}

DETAILS: dict[str, JsonValue] = {
    **PERSON,
    "full_name": "Ann Lake",
    "first_name": "Ann",
    "push_name": "Annie ☂",
    "blocked": False,
    "about": "On the water",
    "on_whatsapp": True,
    "business": False,
    "picture_id": "1760000000",
    "shared_groups": 2,
    "last_message": MESSAGE,
}

CASES: dict[str, Case] = {
    "search_contacts": Case(
        "search_contacts",
        {"query": "Ann & Co"},
        (go("GET", "/api/contacts", "/api/contacts", FOUND, query={"query": "Ann & Co"}),),
    ),
    "search_contacts_v2": Case(
        "search_contacts_v2",
        {"query": "ann", "limit": 500, "cursor": "eyJsIjoiY29udGFjdHMifQ"},
        (
            go(
                "GET",
                "/api/contacts",
                "/api/contacts",
                {"contacts": [], "total": 0},
                query={"query": "ann", "limit": "200", "cursor": "eyJsIjoiY29udGFjdHMifQ"},
            ),
        ),
    ),
    "get_contact_details_v2": Case(
        "get_contact_details_v2",
        {"jid": CHAT},
        (go("GET", "/api/contacts/{contact_jid}", f"/api/contacts/{ENCODED}", DETAILS),),
    ),
    "get_contact_details_v2 from what is stored": Case(
        "get_contact_details_v2",
        {"jid": "Ann"},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}",
                "/api/contacts/Ann",
                {**PERSON, "blocked": True, "shared_groups": 0, "note": "WhatsApp could not be asked now."},
            ),
        ),
    ),
    "check_is_on_whatsapp": Case(
        "check_is_on_whatsapp",
        {"phone": "+1 (555) 0100"},
        (
            go(
                "GET",
                "/api/numbers/{phone}",
                "/api/numbers/%2B1%20%28555%29%200100",
                {**PERSON, "registered": True},
            ),
        ),
    ),
    "check_is_on_whatsapp of nobody": Case(
        "check_is_on_whatsapp",
        {"phone": "15550198"},
        (go("GET", "/api/numbers/{phone}", "/api/numbers/15550198", {"phone": "+15550198", "registered": False}),),
    ),
    "get_profile_picture_v2": Case(
        "get_profile_picture_v2",
        {"jid": CHAT},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/picture",
                f"/api/contacts/{ENCODED}/picture",
                {
                    "jid": CHAT,
                    "name": "Ann",
                    "url": "https://media.example/v/1?oh=2",
                    "id": "1760000000",
                    "type": "image",
                },
            ),
        ),
    ),
    "get_profile_picture_v2 of a group without one": Case(
        "get_profile_picture_v2",
        {"jid": ROOM},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/picture",
                "/api/contacts/120363990000000001%40g.us/picture",
                {"jid": ROOM, "name": "Lake"},
            ),
        ),
    ),
    "update_profile_picture_v2": Case(
        "update_profile_picture_v2",
        {"image_path": "/home/ann/Downloads/lantern.jpg"},
        (
            go(
                "POST",
                "/api/profile/picture",
                "/api/profile/picture",
                {"id": "1760000000", "width": 640, "height": 640},
                body={"path": "/home/ann/Downloads/lantern.jpg"},
            ),
        ),
    ),
    "get_contact_status_v2": Case(
        "get_contact_status_v2",
        {"jid": CHAT},
        (
            go(
                "GET",
                "/api/contacts/{contact_jid}/about",
                f"/api/contacts/{ENCODED}/about",
                {**PERSON, "about": "On the water", "set_at": NOW},
            ),
        ),
    ),
    "update_profile_status_v2": Case(
        "update_profile_status_v2",
        {"status_text": "In the garden 🌻"},
        (
            go(
                "POST",
                "/api/profile/about",
                "/api/profile/about",
                {"about": "In the garden 🌻"},
                body={"about": "In the garden 🌻"},
            ),
        ),
    ),
    "get_linked_devices_v2": Case(
        "get_linked_devices_v2",
        {},
        (
            go(
                "GET",
                "/api/devices",
                "/api/devices",
                {
                    "devices": [
                        {"id": 0, "jid": CHAT, "kind": "phone", "this_bridge": False},
                        {"id": 3, "jid": "15550100:3@s.whatsapp.net", "kind": "companion", "this_bridge": True},
                    ]
                },
            ),
        ),
    ),
}
