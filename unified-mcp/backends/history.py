"""The history jobs of a bridge: the same requests to both of them."""

from __future__ import annotations

from backends.bridge import Bridge
from backends.operations import (
    ACCOUNT_HISTORY,
    CANCEL_HISTORY,
    CHAT_HISTORY,
    CHAT_HISTORY_STATUS,
    HISTORY_STATUS,
    ChatQuestion,
    HistoryRequest,
    Nothing,
)
from tools.results import ChatHistory, HistoryJob, HistoryStatus


class HistoryBridge(Bridge):
    """A bridge that fetches history."""

    async def history(self) -> HistoryStatus:
        """All history jobs, and the rows that wait."""
        return await self.request(HISTORY_STATUS[self.backend], Nothing())

    async def account_history(self) -> HistoryJob:
        """Start or join the account's job."""
        return await self.request(ACCOUNT_HISTORY[self.backend], Nothing())

    async def fetch(self, request: HistoryRequest) -> HistoryJob:
        """Start or join a chat's job; it goes on in the bridge."""
        return await self.request(CHAT_HISTORY[self.backend], request)

    async def chat_history(self, chat_jid: str) -> ChatHistory:
        """How far a chat's history is. Raises `NO_CHECKPOINT` when nothing is known."""
        return await self.request(CHAT_HISTORY_STATUS[self.backend], ChatQuestion(chat_jid=chat_jid))

    async def cancel(self, chat_jid: str) -> HistoryJob:
        """End a chat's job. Raises `NO_ACTIVE_SYNC` when none is open."""
        return await self.request(CANCEL_HISTORY[self.backend], ChatQuestion(chat_jid=chat_jid))
