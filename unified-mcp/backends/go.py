"""The Go bridge, which owns messages.db, as the orchestrator's own work uses it."""

from __future__ import annotations

from backends.bridge import ANSWER_SECONDS
from backends.history import HistoryBridge
from backends.operations import (
    ANCHOR,
    BATCH,
    CHECKPOINT,
    INTEGRITY,
    RESOLVE,
    WATERMARK,
    Address,
    Anchor,
    Batch,
    BatchReport,
    ChatQuestion,
    Integrity,
    IntegrityQuestion,
    Watermark,
    WatermarkQuestion,
)
from settings import Settings
from tools import chats, communities
from tools.declaration import Backend
from tools.results import Chat, CommunityGroups, CommunityRead, OneChat, SyncCheckpoint

CHAT = chats.get_chat.answering(OneChat)
GROUPS = communities.get_community_groups.answering(CommunityGroups)
READ = communities.mark_community_as_read.answering(CommunityRead)
COMMUNITY_SECONDS = 120.0
"""Marking a community sends receipts for each of its groups."""


class GoBridge(HistoryBridge):
    """Typed requests to the Go bridge."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Backend.GO, settings)

    async def resolve(self, text: str) -> Address:
        """Who is meant by a number, a JID or a name."""
        return await self.request(RESOLVE, ChatQuestion(chat_jid=text))

    async def chat(self, text: str) -> Chat:
        """A conversation that messages.db knows. Raises `CHAT_NOT_FOUND` for any other."""
        arguments = {"chat_jid": text, "include_last_message": False}
        return (await self.request(CHAT, CHAT.arguments.model_validate(arguments))).chat

    async def anchor(self, chat_jid: str) -> Anchor:
        """Where the chat's history begins in messages.db. Raises `CHAT_NOT_FOUND` for an unknown chat."""
        return await self.request(ANCHOR, ChatQuestion(chat_jid=chat_jid))

    async def checkpoint(self, chat_jid: str) -> SyncCheckpoint:
        """How far back the chat's history reaches in messages.db. Raises `CHAT_NOT_FOUND` for an unknown chat."""
        return await self.request(CHECKPOINT, ChatQuestion(chat_jid=chat_jid))

    async def watermark(self, source: str) -> Watermark:
        """The last `seq` that messages.db took from a source of batches."""
        return await self.request(WATERMARK, WatermarkQuestion(source=source))

    async def take(self, batch: Batch) -> BatchReport:
        """Hand rows over. A batch that was taken before changes nothing, so it may be sent again."""
        return await self.request(BATCH, batch)

    async def integrity(self, seconds: int) -> Integrity:
        """Look at every page of messages.db, for so long at most."""
        return await self.request(INTEGRITY, IntegrityQuestion(seconds=seconds), seconds=seconds + ANSWER_SECONDS)

    async def community_groups(self, community_jid: str, page: int) -> CommunityGroups:
        """One page of 200 groups of a community."""
        arguments = {"community_jid": community_jid, "limit": 200, "page": page}
        return await self.request(GROUPS, GROUPS.arguments.model_validate(arguments))

    async def mark_community_read(self, community_jid: str) -> CommunityRead:
        """Mark every joined group read."""
        arguments = READ.arguments.model_validate({"community_jid": community_jid})
        return await self.request(READ, arguments, seconds=COMMUNITY_SECONDS)
