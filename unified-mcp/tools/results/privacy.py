"""The blocklist and the privacy settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.results.base import Either, Person, Record


class Blocking(Either):
    """A person after being blocked or unblocked."""

    status: Literal["changed", "unchanged"]
    blocked: bool
    jid: str
    lid: str | None = None
    phone: str | None = None
    name: str


class BlockedContacts(Either):
    """Everybody whom the account blocks."""

    contacts: list[Person]
    total: int


class Privacy(Record):
    """Who may see or do what: all, contacts, contact_blacklist, none, or a word of the setting's own."""

    last_seen: str | None = None
    online: str | None = None
    profile_picture: str | None = None
    about: str | None = None
    read_receipts: str | None = None
    groups: str | None = Field(None, description="Who may add the account to groups.")
    calls: str | None = None
    messages: str | None = None
    stickers: str | None = None
    defense: str | None = Field(None, description="Strict account settings: on_standard or off.")


class PrivacySettings(Privacy, Either):
    """All settings as WhatsApp has them."""


class PrivacyChange(Either):
    """What setting one did, with all settings read back from WhatsApp."""

    status: Literal["changed", "unchanged"]
    settings: Privacy
