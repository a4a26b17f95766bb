"""Questions to messages.db."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, Effect, tool
from tools.results import MessageContext, MessageList, MessageStatistics
from tools.vocabulary import (
    After,
    AfterTime,
    Before,
    BeforeTime,
    ChatJid,
    Content,
    ContextSize,
    Cursor,
    IncludeContext,
    IncludeMedia,
    Limit,
    MediaType,
    MessageId,
    MessageSort,
    Neighbours,
    Offset,
    Page,
    Query,
    Sender,
    SenderPhone,
)


@tool(
    GO.get("/api/messages"),
    effect=Effect.READS,
    title="List messages",
    errors=(Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT),
)
async def list_messages(
    after: After | None = None,
    before: Before | None = None,
    sender_phone_number: SenderPhone | None = None,
    chat_jid: ChatJid | None = None,
    query: Query | None = None,
    limit: Limit = 20,
    page: Page = 0,
    include_context: IncludeContext = True,
    context_before: Neighbours = 1,
    context_after: Neighbours = 1,
    cursor: Cursor | None = None,
) -> MessageList:
    """Read the newest messages of a chat, or of all, with the messages around each.

    All filters are optional and add up. To sort or to filter by media use query_synced_messages.
    """
    ...


@tool(
    GO.get("/api/messages/{message_id}/context"),
    effect=Effect.READS,
    title="Messages around one",
    errors=(Code.MESSAGE_NOT_FOUND, Code.AMBIGUOUS_MESSAGE),
)
async def get_message_context(
    message_id: MessageId,
    before: ContextSize = 5,
    after: ContextSize = 5,
    chat_jid: ChatJid | None = None,
) -> MessageContext:
    """Show what was said around a message, in its own chat.

    An id that stands in two chats is refused with both; chat_jid settles it.
    """
    ...


@tool(
    GO.get("/api/messages"),
    effect=Effect.READS,
    title="Search messages",
    errors=(Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT, Code.INVALID_ARGUMENT),
)
async def query_synced_messages(
    chat_jid: ChatJid | None = None,
    sender: Sender | None = None,
    content: Content | None = None,
    after_time: AfterTime | None = None,
    before_time: BeforeTime | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
    include_media: IncludeMedia = False,
    media_type: MediaType | None = None,
    cursor: Cursor | None = None,
    sort: MessageSort = "newest",
) -> MessageList:
    """Search all stored messages by words, chat, sender, time and media.

    Finds words whatever their case, accents and script. next_cursor leads on, at any depth equally fast.
    """
    ...


@tool(
    GO.get("/api/statistics"),
    effect=Effect.READS,
    title="Message statistics",
    errors=(Code.CHAT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT),
)
async def get_message_statistics(chat_jid: ChatJid | None = None) -> MessageStatistics:
    """Count what is stored: messages by kind, chat, hour and month, and the span of time that they cover.

    With chat_jid for that chat alone. Hours and months are those of the host's time zone.
    """
    ...
