"""Is everything well? The state of both bridges."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, HYBRID, Effect, tool
from tools.results import BackendStatus, HistoryStatus


@tool(HYBRID, effect=Effect.READS, title="State of both bridges")
async def backend_status() -> BackendStatus:
    """Tell whether both bridges run, are linked and receive messages. Call it first when something fails.

    Says for each bridge its state, its health, how long ago its last event and stored row were, and what to do next.
    Works with no bridge running.
    """
    ...


@tool(
    BAILEYS.get("/api/history/status"),
    also=GO,
    effect=Effect.READS,
    title="State of the history bridge",
    errors=(Code.BRIDGE_UNREACHABLE,),
)
async def get_baileys_sync_status() -> HistoryStatus:
    """Tell how far the history push and all history jobs of the Baileys bridge are.

    Progress comes from what has arrived. For one chat use get_sync_status. Without it the Go bridge tells of its own.
    """
    ...
