"""The state of both bridges."""

from __future__ import annotations

from typing import Literal

from tools.results.base import BridgeState, Record, Result


class BridgeReport(Record):
    """One bridge as backend_status sees it. `state` is `unreachable` when nothing answers."""

    backend: Literal["go", "baileys"]
    url: str
    state: BridgeState | Literal["unreachable", "untrusted", "failed"]
    logged_in: bool
    since: str | None = None
    jid: str | None = None
    push_name: str | None = None
    last_event_at: str | None = None
    last_stored_at: str | None = None
    messages: int | None = None
    chats: int | None = None
    queue_depth: int | None = None
    emulated: bool | None = None
    reason: str | None = None
    resolution: str | None = None


class BackendStatus(Result):
    """Both bridges, and in one sentence what works now."""

    summary: str
    go: BridgeReport
    baileys: BridgeReport
