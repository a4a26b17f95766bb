"""Saying something to somebody."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, Effect, tool
from tools.results import DownloadedMedia, SentMessage
from tools.vocabulary import (
    AudioPath,
    Caption,
    ChatJid,
    ChatOfMessage,
    Emoji,
    FileKind,
    Latitude,
    Longitude,
    MediaPath,
    Mentions,
    Message,
    MessageId,
    MessageText,
    NewText,
    PlaceAddress,
    PlaceName,
    QuotedMessageId,
    Recipient,
    StickerPath,
    ToChatJid,
    VCard,
)

SEND_ERRORS = (
    Code.CONFIRMATION_REQUIRED,
    Code.RECIPIENT_NOT_ALLOWED,
    Code.RATE_LIMIT,
    Code.TEXT_TOO_LONG,
    Code.AMBIGUOUS_RECIPIENT,
    Code.RECIPIENT_UNREACHABLE,
    Code.INVALID_JID,
    Code.INVALID_PHONE_FORMAT,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
    Code.BRIDGE_TIMEOUT,
)
FILE_ERRORS = (
    *SEND_ERRORS,
    Code.FILE_NOT_FOUND,
    Code.FILE_NOT_ALLOWED,
    Code.FILE_TOO_LARGE,
    Code.INVALID_MEDIA_TYPE,
)
CHANGE_ERRORS = (
    Code.CONFIRMATION_REQUIRED,
    Code.RECIPIENT_NOT_ALLOWED,
    Code.MESSAGE_NOT_FOUND,
    Code.AMBIGUOUS_MESSAGE,
    Code.INVALID_ARGUMENT,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
    Code.BRIDGE_TIMEOUT,
)
DOWNLOAD_ERRORS = (
    Code.MESSAGE_NOT_FOUND,
    Code.AMBIGUOUS_MESSAGE,
    Code.NO_MEDIA_CONTENT,
    Code.MEDIA_EXPIRED,
    Code.FILE_TOO_LARGE,
    Code.NOT_PAIRED,
    Code.WHATSAPP_NOT_CONNECTED,
)


@tool(
    GO.post("/api/messages/text"),
    also=BAILEYS,
    effect=Effect.SENDS,
    title="Send a text message",
    errors=SEND_ERRORS,
)
async def send_message(recipient: Recipient, message: Message) -> SentMessage:
    """Send a text to a person or a group.

    The older name of send_text_message_v2, which can also answer a message.
    """
    ...


@tool(GO.post("/api/messages/media"), effect=Effect.SENDS, title="Send a file", errors=FILE_ERRORS)
async def send_file(recipient: Recipient, media_path: MediaPath, caption: Caption | None = None) -> SentMessage:
    """Send a file as what its content is: picture, video, audio or else document.

    To choose how it is shown use send_media_message_v2; for a voice note send_voice_note_v2.
    """
    ...


@tool(
    GO.post("/api/messages/voice"),
    effect=Effect.SENDS,
    title="Send audio as a voice note",
    errors=(*FILE_ERRORS, Code.FFMPEG_MISSING),
)
async def send_audio_message(recipient: Recipient, media_path: MediaPath) -> SentMessage:
    """Send an audio file as a voice note.

    The older name of send_voice_note_v2.
    """
    ...


@tool(
    GO.post("/api/messages/{message_id}/download"),
    effect=Effect.CHANGES,
    title="Download media of a chat",
    errors=(*DOWNLOAD_ERRORS, Code.CHAT_NOT_FOUND),
)
async def download_media(message_id: MessageId, chat_jid: ChatJid) -> DownloadedMedia:
    """Download the file of a message of this chat and give its path.

    The older name of download_media_v2, which finds the chat by itself.
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
    mentions: Mentions | None = None,
) -> SentMessage:
    """Send a text to a chat, as an answer to one of its messages if wanted.

    A name that fits several chats sends nothing and lists them.
    """
    ...


@tool(GO.post("/api/messages/media"), effect=Effect.SENDS, title="Send media", errors=FILE_ERRORS)
async def send_media_message_v2(
    chat_jid: ChatJid, media_path: MediaPath, media_type: FileKind, caption: Caption | None = None
) -> SentMessage:
    """Send a file as the chosen kind of media, with a caption if wanted.

    Limits: image and audio 16 MB, video 64 MB, document 2000 MB. A file that is not of the kind is refused.
    """
    ...


@tool(
    GO.post("/api/messages/voice"),
    effect=Effect.SENDS,
    title="Send a voice note",
    errors=(*FILE_ERRORS, Code.FFMPEG_MISSING),
)
async def send_voice_note_v2(chat_jid: ChatJid, audio_path: AudioPath) -> SentMessage:
    """Send any audio file as a voice note, with its length and waveform.

    It is made Opus by ffmpeg; an .ogg that is Opus already needs none.
    """
    ...


@tool(GO.post("/api/messages/sticker"), effect=Effect.SENDS, title="Send a sticker", errors=FILE_ERRORS)
async def send_sticker_v2(chat_jid: ChatJid, sticker_path: StickerPath) -> SentMessage:
    """Send a WebP file of 512 x 512 pixels as a sticker, still or moving.

    Nothing is converted; other pictures go with send_media_message_v2.
    """
    ...


@tool(
    GO.post("/api/messages/contact"),
    effect=Effect.SENDS,
    title="Send a contact",
    errors=(*SEND_ERRORS, Code.INVALID_ARGUMENT),
)
async def send_contact_v2(chat_jid: ChatJid, vcard: VCard) -> SentMessage:
    """Send one contact or several, given as vCard text."""
    ...


@tool(
    GO.post("/api/messages/location"),
    effect=Effect.SENDS,
    title="Send a location",
    errors=(*SEND_ERRORS, Code.INVALID_COORDINATES),
)
async def send_location_v2(
    chat_jid: ChatJid,
    latitude: Latitude,
    longitude: Longitude,
    name: PlaceName | None = None,
    address: PlaceAddress | None = None,
) -> SentMessage:
    """Send a place on the map by its coordinates in degrees."""
    ...


@tool(
    GO.post("/api/messages/{message_id}/download"),
    effect=Effect.CHANGES,
    title="Download media",
    errors=DOWNLOAD_ERRORS,
)
async def download_media_v2(message_id: MessageId, chat_jid: ChatJid | None = None) -> DownloadedMedia:
    """Download the picture, recording or document of a message and give its path.

    The second time it answers from the file. What has expired, the phone is asked to upload again.
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
    errors=(*CHANGE_ERRORS, Code.AMBIGUOUS_RECIPIENT, Code.RECIPIENT_UNREACHABLE, Code.RATE_LIMIT),
)
async def forward_message_v2(
    message_id: MessageId, to_chat_jid: ToChatJid, from_chat_jid: ChatOfMessage | None = None
) -> SentMessage:
    """Forward a stored message of any kind to another chat, marked as forwarded.

    Not what was deleted or may be seen once. The answer names the copy.
    """
    ...
