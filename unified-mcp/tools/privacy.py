"""Whom the account blocks, and who may see what of it."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, Effect, tool
from tools.results import BlockedContacts, Blocking, PrivacyChange, PrivacySettings
from tools.vocabulary import Audience, OnlineAudience, PersonJid, Phone

CONNECTION = (Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED)
BLOCKING = (
    Code.MISSING_IDENTIFIER,
    Code.INVALID_ARGUMENT,
    Code.INVALID_PHONE_FORMAT,
    Code.AMBIGUOUS_RECIPIENT,
    Code.RECIPIENT_UNREACHABLE,
    *CONNECTION,
)


@tool(GO.post("/api/blocklist/block"), also=BAILEYS, effect=Effect.CHANGES, title="Block a contact", errors=BLOCKING)
async def block_contact(jid: PersonJid | None = None, phone: Phone | None = None) -> Blocking:
    """Block a person: they can no longer write to or call the account, nor see when it is online.

    Give exactly one of jid and phone. They are not told. Groups cannot be blocked.
    """
    ...


@tool(
    GO.post("/api/blocklist/unblock"), also=BAILEYS, effect=Effect.CHANGES, title="Unblock a contact", errors=BLOCKING
)
async def unblock_contact(jid: PersonJid | None = None, phone: Phone | None = None) -> Blocking:
    """Let a blocked person reach the account again.

    Give exactly one of jid and phone. What they wrote meanwhile does not come.
    """
    ...


@tool(GO.get("/api/blocklist"), also=BAILEYS, effect=Effect.READS, title="Blocked contacts", errors=CONNECTION)
async def get_blocked_contacts() -> BlockedContacts:
    """List everybody whom the account blocks, by name, number and LID."""
    ...


@tool(GO.get("/api/privacy"), also=BAILEYS, effect=Effect.READS, title="Privacy settings", errors=CONNECTION)
async def get_privacy_settings() -> PrivacySettings:
    """Show who may see the account's last seen, picture and about, add it to groups, and call it.

    As WhatsApp has it now; a setting that it does not name is missing.
    """
    ...


@tool(
    GO.post("/api/privacy/last-seen"), also=BAILEYS, effect=Effect.CHANGES, title="Last seen privacy", errors=CONNECTION
)
async def update_last_seen_privacy(value: Audience) -> PrivacyChange:
    """Choose who may see when the account was last online.

    Whoever may not see it hides theirs from the account too.
    """
    ...


@tool(
    GO.post("/api/privacy/profile-picture"),
    also=BAILEYS,
    effect=Effect.CHANGES,
    title="Picture privacy",
    errors=CONNECTION,
)
async def update_profile_picture_privacy(value: Audience) -> PrivacyChange:
    """Choose who may see the account's profile picture."""
    ...


@tool(GO.post("/api/privacy/about"), also=BAILEYS, effect=Effect.CHANGES, title="About privacy", errors=CONNECTION)
async def update_status_privacy(value: Audience) -> PrivacyChange:
    """Choose who may see the account's about text. Status updates, the 24-hour kind, are not meant."""
    ...


@tool(GO.post("/api/privacy/online"), also=BAILEYS, effect=Effect.CHANGES, title="Online privacy", errors=CONNECTION)
async def update_online_privacy(value: OnlineAudience) -> PrivacyChange:
    """Choose who may see that the account is online now."""
    ...
