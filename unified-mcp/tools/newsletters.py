"""Newsletters: what WhatsApp shows as channels."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import Newsletter, NewsletterReaction
from tools.vocabulary import Emoji, NewsletterAbout, NewsletterJid, NewsletterName, PostId

ERRORS = (Code.NEWSLETTER_NOT_FOUND, Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED)


@tool(
    GO.post("/api/newsletters/follow"),
    effect=Effect.CHANGES,
    idempotent=False,
    title="Follow a newsletter",
    errors=(*ERRORS, Code.ALREADY_SUBSCRIBED),
)
async def subscribe_to_newsletter(jid: NewsletterJid) -> Newsletter:
    """Follow a newsletter (a channel), so that what it posts from now on is stored."""
    ...


@tool(
    GO.post("/api/newsletters/unfollow"),
    effect=Effect.CHANGES,
    idempotent=False,
    title="Leave a newsletter",
    errors=(*ERRORS, Code.NOT_SUBSCRIBED),
)
async def unsubscribe_from_newsletter(jid: NewsletterJid) -> Newsletter:
    """Stop following a newsletter; its stored posts stay."""
    ...


@tool(
    GO.post("/api/newsletters"),
    effect=Effect.CHANGES,
    idempotent=False,
    title="Create a newsletter",
    errors=(Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED, Code.WHATSAPP_API_ERROR),
)
async def create_newsletter(name: NewsletterName, description: NewsletterAbout = "") -> Newsletter:
    """Create a public newsletter that belongs to the account, and give its invite link.

    Each call makes another one; it can only be deleted on the phone.
    """
    ...


@tool(GO.get("/api/newsletters"), effect=Effect.READS, title="About a newsletter", errors=ERRORS)
async def get_newsletter_info(jid: NewsletterJid) -> Newsletter:
    """Show a newsletter's name, description, subscribers, and whether the account follows it."""
    ...


@tool(
    GO.post("/api/newsletters/reactions"),
    effect=Effect.SENDS,
    idempotent=True,
    title="React to a newsletter's post",
    errors=(*ERRORS, Code.MESSAGE_NOT_FOUND, Code.RECIPIENT_NOT_ALLOWED, Code.CONFIRMATION_REQUIRED),
)
async def react_to_newsletter_post(jid: NewsletterJid, message_id: PostId, emoji: Emoji) -> NewsletterReaction:
    """React to a post of a newsletter with an emoji, or take the reaction back.

    Readers see how many chose an emoji, never who.
    """
    ...
