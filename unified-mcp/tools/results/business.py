"""Businesses: what they say of themselves, and what they sell."""

from __future__ import annotations

from pydantic import Field

from tools.results.base import Either, Record, Result, Words


class OpeningHours(Record):
    """One day of the week: `mode` is specific_hours, open_24h or appointment_only."""

    day: str
    mode: str
    opens: str | None = None
    closes: str | None = None


class BusinessProfile(Either):
    """A business account's profile."""

    jid: str
    name: str | None = None
    description: Words | None = None
    websites: list[str] | None = None
    email: str | None = None
    address: Words | None = None
    categories: list[str] | None = None
    timezone: str | None = None
    hours: list[OpeningHours] | None = None


class Product(Record):
    """A product of a catalog."""

    id: str
    name: str
    description: Words | None = None
    price: str | None = Field(None, description="A decimal, in units of the currency.")
    currency: str | None = None
    availability: str | None = None
    url: str | None = None
    image_urls: list[str] | None = None
    retailer_id: str | None = None


class Catalog(Result):
    """A page of a catalog."""

    business_jid: str
    products: list[Product]
    next_cursor: str | None = None


class ProductDetails(Result):
    """One product."""

    business_jid: str
    product: Product
