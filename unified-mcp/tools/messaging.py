"""Saying something to somebody."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import SentMessage
from tools.vocabulary import (
    ChatJid,
    ChatOfMessage,
    Emoji,
    Message,
    MessageId,
    MessageText,
    NewText,
    QuotedMessageId,
    Recipient,
    ToChatJid,
)

SEND_ERRORS = (
    Code.AMBIGUOUS_RECIPIENT,
    Code.RECIPIENT_UNREACHABLE,
    Code.TEXT_TOO_LONG,
    Code.INVALID_JID,
    Code.INVALID_PHONE_FORMAT,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
    Code.BRIDGE_TIMEOUT,
)

CHANGE_ERRORS = (
    Code.MESSAGE_NOT_FOUND,
    Code.AMBIGUOUS_MESSAGE,
    Code.INVALID_ARGUMENT,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
    Code.BRIDGE_TIMEOUT,
)


@tool(GO.post("/api/messages/text"), effect=Effect.SENDS, title="Send a text message", errors=SEND_ERRORS)
async def send_message(recipient: Recipient, message: Message) -> SentMessage:
    """Send a text to a person or a group, by number, JID or exact name.

    The older name of send_text_message_v2, which can also answer a message. A name that fits several chats sends
    nothing and lists them. `unacknowledged` means: sent, but not confirmed within 30 s; do not send it again.
    """
    ...


@tool(
    GO.post("/api/messages/text"),
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


@tool(
    GO.post("/api/messages/{message_id}/reaction"),
    effect=Effect.SENDS,
    idempotent=True,
    title="React to a message",
    errors=(*CHANGE_ERRORS, Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT),
)
async def react_to_message_v2(chat_jid: ChatJid, message_id: MessageId, emoji: Emoji) -> SentMessage:
    """React to a message with an emoji, or take the reaction back.

    A new reaction replaces the one before. For newsletters use react_to_newsletter_post.
    """
    ...


@tool(
    GO.post("/api/messages/{message_id}/edit"),
    effect=Effect.SENDS,
    idempotent=True,
    title="Edit an own message",
    errors=(*CHANGE_ERRORS, Code.NOT_OWN_MESSAGE, Code.EDIT_WINDOW_CLOSED, Code.TEXT_TOO_LONG),
)
async def edit_message_v2(
    message_id: MessageId, new_text: NewText, chat_jid: ChatOfMessage | None = None
) -> SentMessage:
    """Change the text or caption of an own message, within 15 minutes of sending it.

    Everybody sees it marked as edited. The message keeps its id.
    """
    ...


@tool(
    GO.post("/api/messages/{message_id}/revoke"),
    effect=Effect.DESTROYS,
    title="Delete a message for everyone",
    errors=(*CHANGE_ERRORS, Code.NOT_OWN_MESSAGE),
)
async def delete_message_v2(message_id: MessageId, chat_jid: ChatOfMessage | None = None) -> SentMessage:
    """Delete an own message for everyone, or as a group's admin anybody's. Cannot be undone.

    Phones follow it for about two days after the message was sent.
    """
    ...


@tool(
    GO.post("/api/messages/{message_id}/forward"),
    effect=Effect.SENDS,
    title="Forward a message",
    errors=(*CHANGE_ERRORS, Code.AMBIGUOUS_RECIPIENT, Code.RECIPIENT_UNREACHABLE),
)
async def forward_message_v2(
    message_id: MessageId, to_chat_jid: ToChatJid, from_chat_jid: ChatOfMessage | None = None
) -> SentMessage:
    """Forward a stored message of any kind to another chat, marked as forwarded.

    Not what was deleted or may be seen once. The answer names the copy.
    """
    ...
