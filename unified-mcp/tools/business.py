"""Businesses on WhatsApp: their profiles and catalogs."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, Effect, tool
from tools.results import BusinessProfile, Catalog, ProductDetails
from tools.vocabulary import BusinessJid, Cursor, Limit, ProductId

ERRORS = (
    Code.NOT_BUSINESS_ACCOUNT,
    Code.AMBIGUOUS_RECIPIENT,
    Code.BRIDGE_UNREACHABLE,
    Code.NOT_PAIRED,
    Code.BAILEYS_NOT_CONNECTED,
)


@tool(
    BAILEYS.get("/api/business/{contact_jid}/profile"),
    also=GO,
    effect=Effect.READS,
    title="A business's profile",
    errors=ERRORS,
)
async def get_business_profile(jid: BusinessJid) -> BusinessProfile:
    """Show what a business says of itself: description, website, address, email, hours.

    Without the Baileys bridge the Go bridge answers, without description and websites.
    """
    ...


@tool(
    BAILEYS.get("/api/business/{contact_jid}/catalog"),
    effect=Effect.READS,
    title="A business's catalog",
    errors=(Code.NO_CATALOG_FOUND, *ERRORS),
)
async def get_business_catalog(jid: BusinessJid, limit: Limit = 20, cursor: Cursor | None = None) -> Catalog:
    """List the products of a business with price, availability, links and images.

    Needs the Baileys bridge. For one product whose id is known use get_product_details.
    """
    ...


@tool(
    BAILEYS.get("/api/business/{contact_jid}/catalog/{product_id}"),
    effect=Effect.READS,
    title="One product of a catalog",
    errors=(Code.PRODUCT_NOT_FOUND, Code.NO_CATALOG_FOUND, *ERRORS),
)
async def get_product_details(jid: BusinessJid, product_id: ProductId) -> ProductDetails:
    """Show one product of a business's catalog by its id.

    The catalog is read until it shows up, 1,000 products at most. Needs the Baileys bridge.
    """
    ...
