"""Conversations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.results.base import ChatKind, Person, Record, Result, Words
from tools.results.communities import CommunityName
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


class ChatMarks(Result):
    """A chat's marks after a call; without `muted_until` it is not muted."""

    status: Literal["changed", "unchanged"]
    chat_jid: str
    name: str
    archived: bool
    pinned: bool
    muted_until: str | None = Field(None, description="9999-12-31 is for ever.")


class Participant(Record):
    """A member of a group."""

    jid: str
    name: str
    role: Literal["superadmin", "admin", "member"]


class ChatMetadata(Result):
    """What a chat is; the fields are those of its kind, and what is not known is missing."""

    jid: str
    lid: str | None = None
    phone: str | None = None
    name: str
    kind: ChatKind
    full_name: str | None = None
    push_name: str | None = Field(None, description="What the person calls themselves.")
    business_name: str | None = None
    about: Words | None = None
    blocked: bool | None = None
    topic: Words | None = None
    created_at: str | None = None
    owner: Person | None = None
    own_role: str | None = Field(None, description="The account's role in it.")
    announcement: bool | None = Field(None, description="Only admins write.")
    locked: bool | None = Field(None, description="Only admins change its settings.")
    disappearing_s: int | None = Field(None, description="Messages vanish after so many seconds.")
    community: CommunityName | None = None
    participants: list[Participant] | None = Field(None, description="Admins first, 100 at most.")
    participants_total: int | None = Field(None, description="All of them; a newsletter's subscribers.")
    invite_link: str | None = None
    verified: bool | None = None
