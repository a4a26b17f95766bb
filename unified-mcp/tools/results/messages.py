"""Messages, what became of a send, and what messages.db holds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.results.base import Either, Record, Result, Words


class Media(Record):
    """The file of a message."""

    kind: str
    mime: str | None = None
    file_name: str | None = None
    size: int | None = Field(None, description="Bytes.")
    duration_s: int | None = None


class Reaction(Record):
    """One person's reaction."""

    sender_jid: str
    sender_name: str
    emoji: str


class Message(Record):
    """A message as it stands in messages.db. Times are RFC 3339 in UTC."""

    id: str
    chat_jid: str
    chat_name: str
    sender_jid: str
    sender_name: str
    from_me: bool
    timestamp: str
    kind: str
    text: Words | None = None
    quoted_id: str | None = None
    forwarded: bool | None = None
    edited_at: str | None = None
    revoked_at: str | None = None
    starred: bool | None = None
    read: bool
    media: Media | None = None
    reactions: list[Reaction] | None = None
    snippet: Words | None = None


class MessageHit(Message):
    """A message with its neighbours in the chat, oldest first."""

    context_before: list[Message] | None = None
    context_after: list[Message] | None = None


class SentMessage(Either):
    """What became of a send. `unacknowledged` is not an error: WhatsApp has not confirmed yet."""

    status: Literal["sent", "unacknowledged"]
    message_id: str
    chat_jid: str
    chat_name: str
    timestamp: str


class MessagesRead(Result):
    """What marking single messages read did."""

    chat_jid: str
    name: str
    messages_marked: int
    receipts_sent: int
    unknown_ids: list[str] | None = Field(None, description="Not stored.")


class DownloadedMedia(Result):
    """Where a message's file lies on the bridge's machine."""

    message_id: str
    chat_jid: str
    path: str
    kind: str
    mime: str | None = None
    file_name: str | None = Field(None, description="As its sender calls it.")
    size: int = Field(description="Bytes.")


class MessageList(Result):
    """A page of messages."""

    messages: list[MessageHit]
    next_cursor: str | None = None
    note: str | None = None


class MessageContext(Result):
    """A message between its neighbours, oldest first."""

    message: Message
    before: list[Message]
    after: list[Message]


class KindCount(Record):
    """Messages of one kind."""

    kind: str
    messages: int


class ChatCount(Record):
    """Messages of one chat."""

    chat_jid: str
    chat_name: str
    messages: int


class HourCount(Record):
    """Messages of one hour of the day, 0 to 23, in the host's time zone."""

    hour: int
    messages: int


class MonthCount(Record):
    """Messages of one month, such as 2025-06, in the host's time zone."""

    month: str
    messages: int


class MessageStatistics(Result):
    """What messages.db holds."""

    messages: int
    from_me: int
    chats: int
    people: int = Field(description="Different senders.")
    first_at: str | None = None
    last_at: str | None = None
    by_kind: list[KindCount] = Field(description="Most frequent first.")
    busiest_chats: list[ChatCount] = Field(description="The ten with the most messages.")
    busiest_hours: list[HourCount] = Field(description="Most messages first.")
    by_month: list[MonthCount] = Field(description="Oldest first; months without messages are left out.")
