"""The Baileys bridge, which fetches history, as the orchestrator's own work uses it."""

from __future__ import annotations

from backends.history import HistoryBridge
from backends.operations import CLEAR_MERGED, WIPE, Merged, Wipe
from settings import Settings
from tools.declaration import Backend
from tools.results import TempCleared


class BaileysBridge(HistoryBridge):
    """Typed requests to the Baileys bridge."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Backend.BAILEYS, settings)

    async def clear(self, merged: Merged) -> TempCleared:
        """Remove the rows that messages.db holds."""
        return await self.request(CLEAR_MERGED, merged)

    async def wipe(self, wipe: Wipe) -> TempCleared:
        """Remove every row. Raises `UNSYNCED_ROWS` while rows wait, unless forced."""
        return await self.request(WIPE, wipe)
