"""The Baileys bridge, which fetches history, as the orchestrator's own work uses it."""

from __future__ import annotations

from backends.bridge import Bridge
from backends.operations import (
    ACCOUNT_HISTORY,
    CHAT_HISTORY,
    CHAT_HISTORY_STATUS,
    CLEAR_MERGED,
    HISTORY_STATUS,
    WIPE,
    ChatQuestion,
    HistoryRequest,
    Merged,
    Nothing,
    Wipe,
)
from settings import Settings
from tools.declaration import Backend
from tools.results import ChatHistory, HistoryJob, HistoryStatus, TempCleared


class BaileysBridge(Bridge):
    """Typed requests to the Baileys bridge."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Backend.BAILEYS, settings)

    async def history(self) -> HistoryStatus:
        """All history jobs, and the rows that wait."""
        return await self.request(HISTORY_STATUS, Nothing())

    async def account_history(self) -> HistoryJob:
        """Start or join the account's job."""
        return await self.request(ACCOUNT_HISTORY, Nothing())

    async def fetch(self, request: HistoryRequest) -> HistoryJob:
        """Start or join a chat's job; it goes on in the bridge."""
        return await self.request(CHAT_HISTORY, request)

    async def chat_history(self, chat_jid: str) -> ChatHistory:
        """How far a chat's history is. Raises `NO_CHECKPOINT` when nothing is known."""
        return await self.request(CHAT_HISTORY_STATUS, ChatQuestion(chat_jid=chat_jid))

    async def clear(self, merged: Merged) -> TempCleared:
        """Remove the rows that messages.db holds."""
        return await self.request(CLEAR_MERGED, merged)

    async def wipe(self, wipe: Wipe) -> TempCleared:
        """Remove every row. Raises `UNSYNCED_ROWS` while rows wait, unless forced."""
        return await self.request(WIPE, wipe)
