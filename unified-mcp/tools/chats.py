"""The conversations of the account."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import ChatList, ChatMarks, ChatMetadata, LastInteraction, OneChat
from tools.vocabulary import (
    Archived,
    ChatJid,
    ChatSort,
    ContactJid,
    ContactPhone,
    Cursor,
    DurationSeconds,
    IncludeLastMessage,
    Limit,
    NameQuery,
    Page,
    UnreadOnly,
)

UNKNOWN = (Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT)
MARKING = (*UNKNOWN, Code.INVALID_ARGUMENT, Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED)


@tool(GO.get("/api/chats"), effect=Effect.READS, title="List chats")
async def list_chats(
    query: NameQuery | None = None,
    limit: Limit = 20,
    page: Page = 0,
    include_last_message: IncludeLastMessage = True,
    sort_by: ChatSort = "last_active",
    cursor: Cursor | None = None,
) -> ChatList:
    """List conversations, the most recently active first, or find one by name.

    Shows each chat's JID, name, unread count and last message. Use it to turn a name into a chat_jid.
    """
    ...


@tool(GO.get("/api/chats/{chat_jid}"), effect=Effect.READS, title="One chat", errors=UNKNOWN)
async def get_chat(chat_jid: ChatJid, include_last_message: IncludeLastMessage = True) -> OneChat:
    """Show one conversation: its name, kind, unread count, marks and last message.

    A name that fits several chats is refused with the candidates.
    """
    ...


@tool(GO.get("/api/contacts/{contact_jid}/chat"), effect=Effect.READS, title="A person's chat", errors=UNKNOWN)
async def get_direct_chat_by_contact(sender_phone_number: ContactPhone) -> OneChat:
    """Find the one-to-one conversation with a person, by number, JID or name.

    Groups are never the answer; get_contact_chats lists them too.
    """
    ...


@tool(GO.get("/api/contacts/{contact_jid}/chats"), effect=Effect.READS, title="All chats with a person", errors=UNKNOWN)
async def get_contact_chats(jid: ContactJid, limit: Limit = 20, page: Page = 0) -> ChatList:
    """List every conversation that a person takes part in, groups included.

    A group counts when the person is a member of it or has written in it. The most recently active come first.
    """
    ...


@tool(
    GO.get("/api/contacts/{contact_jid}/last-interaction"),
    effect=Effect.READS,
    title="Last message with a person",
    errors=UNKNOWN,
)
async def get_last_interaction(jid: ContactJid) -> LastInteraction:
    """Show the newest message from a person anywhere, or to them in the direct chat.

    Tells when you were last in touch. Without any message `message` is missing.
    """
    ...


@tool(GO.get("/api/chats"), effect=Effect.READS, title="List chats by state")
async def list_chats_v2(
    limit: Limit = 20,
    archived: Archived = False,
    unread_only: UnreadOnly = False,
    cursor: Cursor | None = None,
) -> ChatList:
    """List conversations outside or inside the archive, or only unread ones, newest activity first.

    Answers "what is unread?". To find a chat by name, use list_chats.
    """
    ...


@tool(
    GO.get("/api/chats/{chat_jid}/metadata"),
    effect=Effect.READS,
    title="About a chat",
    errors=(*UNKNOWN, Code.NOT_GROUP_MEMBER, Code.NEWSLETTER_NOT_FOUND, Code.RATE_LIMIT, Code.WHATSAPP_NOT_CONNECTED),
)
async def get_chat_metadata_v2(chat_jid: ChatJid) -> ChatMetadata:
    """Describe a person, group, community or newsletter: who is in it, who runs it, its settings.

    Groups and newsletters are asked of WhatsApp, groups at most once a minute. Unread counts and marks are in get_chat.
    """
    ...


@tool(GO.post("/api/chats/{chat_jid}/archive"), effect=Effect.CHANGES, title="Archive a chat", errors=MARKING)
async def archive_chat(chat_jid: ChatJid) -> ChatMarks:
    """Move a chat into the archive on all devices; a pin on it goes.

    Nothing is deleted; unarchive_chat brings it back. Done already it answers `unchanged`.
    """
    ...


@tool(GO.post("/api/chats/{chat_jid}/unarchive"), effect=Effect.CHANGES, title="Unarchive a chat", errors=MARKING)
async def unarchive_chat(chat_jid: ChatJid) -> ChatMarks:
    """Take a chat out of the archive on all devices. Done already it answers `unchanged`."""
    ...


@tool(
    GO.post("/api/chats/{chat_jid}/pin"),
    effect=Effect.CHANGES,
    title="Pin a chat",
    errors=(*MARKING, Code.MAX_PINS_REACHED),
)
async def pin_chat(chat_jid: ChatJid) -> ChatMarks:
    """Pin a chat to the top of the list on all devices.

    Three at most: a fourth is refused with those that are pinned. Archived chats cannot be pinned.
    """
    ...


@tool(GO.post("/api/chats/{chat_jid}/unpin"), effect=Effect.CHANGES, title="Unpin a chat", errors=MARKING)
async def unpin_chat(chat_jid: ChatJid) -> ChatMarks:
    """Take a chat's pin away on all devices. Not pinned it answers `unchanged`."""
    ...


@tool(GO.post("/api/chats/{chat_jid}/mute"), effect=Effect.CHANGES, title="Mute a chat", errors=MARKING)
async def mute_chat(chat_jid: ChatJid, duration_seconds: DurationSeconds = 0) -> ChatMarks:
    """Silence a chat's notifications on all devices, for a while or for ever.

    Messages still arrive. Muted already to that end, give or take a minute, it answers `unchanged`.
    """
    ...


@tool(GO.post("/api/chats/{chat_jid}/unmute"), effect=Effect.CHANGES, title="Unmute a chat", errors=MARKING)
async def unmute_chat(chat_jid: ChatJid) -> ChatMarks:
    """Let a chat's notifications sound again on all devices. Not muted it answers `unchanged`."""
    ...
