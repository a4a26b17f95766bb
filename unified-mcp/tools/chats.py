"""The conversations of the account."""

from __future__ import annotations

from tools.declaration import GO, Effect, tool
from tools.results import ChatList
from tools.vocabulary import ChatSort, Cursor, IncludeLastMessage, Limit, NameQuery, Page


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
