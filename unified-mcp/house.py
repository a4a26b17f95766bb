"""What composed operations work with, and the steps that they share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from backends.baileys import BaileysBridge
from backends.go import GoBridge
from backends.operations import Anchor, AnchorRow, HistoryRequest
from backends.temp_store import TempStore
from settings import Settings
from sync import Merger, Progress
from tools.results import HistoryJob

POLL_SECONDS = 0.25
"""How often a waiting tool looks at a job."""
WORKING = ("queued", "running")


@dataclass(frozen=True)
class House:
    """What a composed operation works with. `report` tells the caller how far it is."""

    go: GoBridge
    baileys: BaileysBridge
    merger: Merger
    settings: Settings
    report: Progress

    async def wait(self, timeout: float, job: HistoryJob, look: Callable[[], Awaitable[HistoryJob]]) -> HistoryJob:
        """Look at a job until it rests, the timeout or the wait budget ends."""
        ends = time.monotonic() + min(timeout, self.settings.wait_budget)
        while job.state in WORKING and time.monotonic() < ends:
            await self.report(job.progress or 0, 100, f"{job.messages} messages have arrived")
            await asyncio.sleep(POLL_SECONDS)
            job = await look()
        return job


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open one client per bridge. Nothing is contacted: a server starts with no bridge running."""
    go, baileys = GoBridge(settings), BaileysBridge(settings)
    async with go, baileys:
        merger = Merger(go, TempStore(settings.baileys_db))
        try:
            yield House(go, baileys, merger, settings, silent)
        finally:
            await merger.close()


async def silent(done: float, total: float | None, message: str) -> None:
    """Progress that nobody listens to."""


def history_request(chat_jid: str, anchor: Anchor | None, max_messages: int, *, resume: bool) -> HistoryRequest:
    """What to ask the Baileys bridge for: backwards from the oldest message that messages.db knows."""
    oldest = anchor.oldest if anchor else None
    return HistoryRequest(
        chat_jid=anchor.chat_jid if anchor else chat_jid,
        max_messages=max_messages,
        resume=resume,
        anchor=AnchorRow.model_validate(oldest.model_dump()) if oldest else None,
        aliases=anchor.aliases[:20] if anchor and anchor.aliases else None,
    )
