"""Telling the others, and the own phone, that something was read."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import ChatRead, MessagesRead
from tools.vocabulary import Author, ChatJid, MessageIds, ReadMessageId

READ_ERRORS = (
    Code.MESSAGE_NOT_FOUND,
    Code.CHAT_NOT_FOUND,
    Code.AMBIGUOUS_RECIPIENT,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
)


@tool(
    GO.post("/api/messages/read"),
    effect=Effect.CHANGES,
    title="Mark messages read",
    errors=READ_ERRORS,
)
async def mark_as_read(chat_jid: ChatJid, message_ids: MessageIds, sender: Author | None = None) -> MessagesRead:
    """Mark certain messages of a chat read, and tell their senders.

    Ids that are not stored are named, and marked only with sender. For a whole chat use mark_chat_read_v2.
    """
    ...


@tool(
    GO.post("/api/messages/read"),
    effect=Effect.CHANGES,
    title="Mark one message read",
    errors=READ_ERRORS,
)
async def mark_message_read_v2(chat_jid: ChatJid, message_id: ReadMessageId) -> MessagesRead:
    """Mark one message of a chat read, and tell its sender.

    mark_as_read takes several at once, mark_chat_read_v2 the whole chat.
    """
    ...


@tool(
    GO.post("/api/chats/{chat_jid}/read"),
    effect=Effect.CHANGES,
    title="Mark a chat read",
    errors=(Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT, Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED),
)
async def mark_chat_read_v2(chat_jid: ChatJid) -> ChatRead:
    """Mark every message of a chat read, on all devices, and tell the senders.

    The senders see blue ticks if read receipts are on. The phone's badge goes.
    For a whole community use mark_community_as_read.
    """
    ...
