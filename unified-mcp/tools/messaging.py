"""Saying something to somebody."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, Effect, tool
from tools.results import SentMessage
from tools.vocabulary import ChatJid, Message, MessageText, QuotedMessageId, Recipient

SEND_ERRORS = (
    Code.AMBIGUOUS_RECIPIENT,
    Code.RECIPIENT_UNREACHABLE,
    Code.INVALID_JID,
    Code.INVALID_PHONE_FORMAT,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
    Code.BRIDGE_TIMEOUT,
)


@tool(
    GO.post("/api/messages/text"),
    also=BAILEYS,
    effect=Effect.SENDS,
    title="Send a text message",
    errors=SEND_ERRORS,
)
async def send_message(recipient: Recipient, message: Message) -> SentMessage:
    """Send a text to a person or a group, by number, JID or exact name.

    The older name of send_text_message_v2, which can also answer a message. A name that fits several chats sends
    nothing and lists them. `unacknowledged` means: sent, but not confirmed within 30 s; do not send it again.
    """
    ...


@tool(
    GO.post("/api/messages/text"),
    also=BAILEYS,
    effect=Effect.SENDS,
    title="Send or answer with text",
    errors=(*SEND_ERRORS, Code.MESSAGE_NOT_FOUND),
)
async def send_text_message_v2(
    chat_jid: ChatJid,
    text: MessageText,
    quoted_message_id: QuotedMessageId | None = None,
) -> SentMessage:
    """Send a text to a chat, as an answer to one of its messages if wanted.

    A name that fits several chats sends nothing and lists them. `unacknowledged` means: sent, but not confirmed
    within 30 s; do not send it again.
    """
    ...
