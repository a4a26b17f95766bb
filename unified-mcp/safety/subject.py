"""Whom an action is about."""

from __future__ import annotations

from tools.declaration import Arguments

CHATS = ("to_chat_jid", "chat_jid", "recipient", "community_jid", "jid", "phone")
"""The arguments that say so, the first that is given: what is written to stands before what is written about."""


def subject(arguments: Arguments) -> str | None:
    """The chat or person of a call, as the client named it."""
    given = (getattr(arguments, name, None) for name in CHATS)
    return next((str(value) for value in given if value is not None), None)
