"""Newsletters, which WhatsApp shows as channels."""

from __future__ import annotations

from typing import Literal

from tools.results.base import Result, Words


class Newsletter(Result):
    """A newsletter as its readers see it."""

    jid: str
    name: str
    description: Words | None = None
    invite_link: str | None = None
    subscribers: int
    verified: bool
    created_at: str | None = None
    followed: bool
    owned: bool


class NewsletterReaction(Result):
    """What became of a reaction."""

    status: Literal["sent", "unacknowledged"]
    newsletter_jid: str
    message_id: str
    server_id: int
    emoji: str
