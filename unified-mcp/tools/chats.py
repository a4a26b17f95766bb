"""The conversations of the account."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import ChatList, LastInteraction, OneChat
from tools.vocabulary import (
    ChatJid,
    ChatSort,
    ContactJid,
    ContactPhone,
    Cursor,
    IncludeLastMessage,
    Limit,
    NameQuery,
    Page,
)

UNKNOWN = (Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT)


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
