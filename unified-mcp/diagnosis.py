"""Whether a bridge that says that it is connected really receives, and what mends it where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backends.operations import BridgeStatus
from tools.results import Health

ALIKE_SECONDS = 10
"""Both bridges get the same message within this time."""
STUCK_SECONDS = 60
"""What waits is stored within this time."""
QUIET_SECONDS = 12 * 3600
"""Few accounts hear nothing at all for this long."""

RESTART = "Restart this bridge: at its next login WhatsApp sends what it has missed."


@dataclass(frozen=True)
class Finding:
    """What a bridge's status means; reason and resolution only where something may be wrong."""

    health: Health
    reason: str | None = None
    resolution: str | None = None


def seconds(at: str) -> int:
    """RFC 3339 as seconds since 1970."""
    return int(datetime.fromisoformat(at).timestamp())


def diagnose(status: BridgeStatus, other: BridgeStatus | None, now: float) -> Finding:
    """What the status of a bridge means beside that of the other. `now` is seconds since 1970.

    Both bridges are companions of one account and get every message. A line that answers pings and brings nothing
    cannot be told from a quiet account by one bridge alone, but by what the other one got.
    """
    if status.state != "connected":
        return Finding("down", status.reason, status.resolution)
    if status.not_stored is not None:
        reason = f"What comes cannot be stored: {status.not_stored}"
        return Finding(
            "stuck", reason, "Mend that (free disk space, a writable folder). Nothing was acknowledged. " + RESTART
        )
    since = seconds(status.since)
    heard = max([since, *(seconds(at) for at in (status.last_event_at, status.last_message_at) if at)])
    stored = seconds(status.last_stored_at) if status.last_stored_at else since
    if status.queue_depth > 0 and now - max(heard, stored) > STUCK_SECONDS:
        return Finding("stuck", f"{status.queue_depth} events wait and none is stored.", RESTART)
    newest = seconds(other.last_message_at) if other and other.last_message_at else 0
    if newest > heard + ALIKE_SECONDS:
        return Finding("silent", "It is connected, but has missed what the other bridge got.", RESTART)
    if now - heard > QUIET_SECONDS:
        reason = f"Nothing has come for {int(now - heard) // 3600} hours, which is well where nobody wrote."
        return Finding("quiet", reason, "To be sure, write to yourself on the phone and call again. " + RESTART)
    return Finding("fine")
