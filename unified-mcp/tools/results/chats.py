"""Conversations."""

from __future__ import annotations

from typing import Literal

from tools.results.base import ChatKind, Record, Result
from tools.results.messages import Message


class Chat(Record):
    """One conversation: a person, a group, a community, a newsletter."""

    jid: str
    lid: str | None = None
    phone: str | None = None
    name: str
    kind: ChatKind
    community_jid: str | None = None
    archived: bool | None = None
    pinned: bool | None = None
    muted_until: str | None = None
    unread_count: int
    last_message_at: str | None = None
    last_message: Message | None = None


class ChatList(Result):
    """A page of chats."""

    chats: list[Chat]
    total: int
    next_cursor: str | None = None


class OneChat(Result):
    """A conversation."""

    chat: Chat


class LastInteraction(Result):
    """The newest message with a person; missing when there is none."""

    contact_jid: str
    contact_name: str
    message: Message | None = None


class ChatRead(Result):
    """What marking a chat read did."""

    chat_jid: str
    name: str
    messages_marked: int
    receipts_sent: int
    app_state: Literal["marked", "unchanged"]
