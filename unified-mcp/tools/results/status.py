"""The state of both bridges."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.results.base import BridgeState, Record, Result


class JobCounts(Record):
    """How many chats have a history job in a state."""

    queued: int
    running: int
    paused: int
    failed: int


Health = Literal["fine", "quiet", "silent", "stuck", "down"]


class BridgeReport(Record):
    """One bridge as backend_status sees it. `state` is `unreachable` when nothing answers."""

    backend: Literal["go", "baileys"]
    url: str
    state: BridgeState | Literal["unreachable", "untrusted", "failed"]
    logged_in: bool
    health: Health = Field(
        description="fine; quiet: connected, and nothing came for hours; silent: connected, but misses what the other "
        "bridge gets; stuck: what comes is not stored; down: not connected."
    )
    since: str | None = None
    jid: str | None = None
    push_name: str | None = None
    last_event_at: str | None = None
    last_event_age_s: int | None = None
    last_stored_at: str | None = None
    last_stored_age_s: int | None = None
    messages: int | None = None
    chats: int | None = None
    queue_depth: int | None = None
    jobs: JobCounts | None = None
    emulated: bool | None = None
    reason: str | None = None
    resolution: str | None = None


class BackendStatus(Result):
    """Both bridges, and in one sentence what works now."""

    summary: str
    go: BridgeReport
    baileys: BridgeReport
