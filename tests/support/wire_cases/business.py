"""The shelf business."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, ENCODED, Case, baileys, go

PRODUCT: dict[str, JsonValue] = {"id": "7304561290000001", "name": "Rye bread", "price": "4.20", "currency": "EUR"}
PROFILE: dict[str, JsonValue] = {"jid": CHAT, "name": "Mill Bakery", "websites": ["https://bakery.example"]}
BUSINESS = "/api/business/{contact_jid}"
CATALOG = f"{BUSINESS}/catalog"
RESOLVED: dict[str, JsonValue] = {"jid": CHAT, "name": "Mill Bakery", "known": True}

CASES: dict[str, Case] = {
    "get_business_profile": Case(
        "get_business_profile",
        {"jid": CHAT},
        (baileys("GET", f"{BUSINESS}/profile", f"/api/business/{ENCODED}/profile", PROFILE),),
    ),
    "get_business_catalog": Case(
        "get_business_catalog",
        {"jid": CHAT, "limit": 5, "cursor": "eyJ0IjoxfQ"},
        (
            baileys(
                "GET",
                CATALOG,
                f"/api/business/{ENCODED}/catalog",
                {"business_jid": CHAT, "products": [PRODUCT], "next_cursor": "eyJ0IjoxfQ"},
                query={"limit": "5", "cursor": "eyJ0IjoxfQ"},
            ),
        ),
    ),
    "get_business_catalog by name": Case(
        "get_business_catalog",
        {"jid": "Mill Bakery"},
        (
            go("GET", "/api/resolve/{chat_jid}", "/api/resolve/Mill%20Bakery", RESOLVED),
            baileys(
                "GET",
                CATALOG,
                f"/api/business/{ENCODED}/catalog",
                {"business_jid": CHAT, "products": []},
                query={"limit": "20"},
            ),
        ),
        {"business_jid": CHAT, "products": []},
    ),
    "get_product_details": Case(
        "get_product_details",
        {"jid": CHAT, "product_id": "7304561290000001"},
        (
            baileys(
                "GET",
                f"{CATALOG}/{{product_id}}",
                f"/api/business/{ENCODED}/catalog/7304561290000001",
                {"business_jid": CHAT, "product": PRODUCT},
            ),
        ),
    ),
}
