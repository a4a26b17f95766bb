"""Telling the others, and the own phone, that something was read."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import ChatRead
from tools.vocabulary import ChatJid


@tool(
    GO.post("/api/chats/{chat_jid}/read"),
    effect=Effect.CHANGES,
    title="Mark a chat read",
    errors=(Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT, Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED),
)
async def mark_chat_read_v2(chat_jid: ChatJid) -> ChatRead:
    """Mark every message of a chat read, on all devices, and tell the senders.

    The senders see blue ticks if read receipts are on. The phone's badge goes. Calling it again changes nothing.
    For a whole community use mark_community_as_read.
    """
    ...
