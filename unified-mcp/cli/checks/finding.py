"""What a check finds, with its cure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Severity = Literal["fine", "note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("fine", "note", "warning", "error")
"""From nothing at all to what keeps the system from working. A note is worth knowing, and nothing is wrong."""


class Finding(BaseModel):
    """One row of the doctor's report. Messages carry no token, no message text and no whole number."""

    model_config = ConfigDict(frozen=True)

    check: str
    severity: Severity
    message: str
    cure: str | None = None


def fine(check: str, message: str) -> Finding:
    """It is as it should be."""
    return Finding(check=check, severity="fine", message=message)


def note(check: str, message: str, cure: str | None = None) -> Finding:
    """Nothing is wrong; somebody may want to know."""
    return Finding(check=check, severity="note", message=message, cure=cure)


def warning(check: str, message: str, cure: str) -> Finding:
    """It works now, or for the most part."""
    return Finding(check=check, severity="warning", message=message, cure=cure)


def error(check: str, message: str, cure: str) -> Finding:
    """Something does not work."""
    return Finding(check=check, severity="error", message=message, cure=cure)


def age(seconds: float) -> str:
    """A span of time in words."""
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{max(0, int(seconds))} s"


def moment(text: str | None) -> datetime | None:
    """A bridge's RFC 3339 time; None for none, and for what is no time."""
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
