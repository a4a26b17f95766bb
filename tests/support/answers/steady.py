"""What is steady in an answer: the machine's paths and the run's own ids and days are replaced, the rest is held."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from hashlib import sha256

from pydantic import JsonValue

from cli.answers import Step
from cli.stage import Stage

TODAY = date(2026, 3, 7)
"""The day that recordings play on."""
TIME = re.compile(r"\b(20\d\d-\d\d-\d\d)(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?")
MONTH = re.compile(r"^20\d\d-\d\d$")
KNOWN = re.compile(r"\d+(?= known already)")
"""Rows that changed in the Baileys bridge are read again by a merge, and that depends on what came between."""
SENT = re.compile(r"\b3EB0[0-9A-F]{12,}\b")
CHANNEL = re.compile(r"\b120363(?!0700000004)\d{12}@newsletter\b")
INVITE = re.compile(r"(?<=whatsapp.com/channel/)(?!0029Va(?:River|Mill))\w+")
LOOSE = {
    "busiest_hours",
    "by_month",
    "cursor",
    "job",
    "last_seq",
    "next_cursor",
    "origin",
    "picture_id",
    "queue_depth",
    "last_event_age_s",
    "last_stored_age_s",
    "rows_per_second",
    "seconds",
    "temp_db_bytes",
    "watermark",
}
"""What differs from run to run and is no time: only its type is held."""
OF_A_TOOL = {
    "backend_status": {"chats", "messages"},
    "get_profile_picture_v2": {"id", "url"},
    "sync_history_to_database": {"duplicates", "read"},
    "update_profile_picture_v2": {"id"},
}
"""The same, of single tools."""


class Stable:
    """Turns one run's answers into those of the recordings."""

    def __init__(self, stage: Stage) -> None:
        self._moved = TODAY - datetime.now(UTC).date()
        self._ids: dict[str, str] = {}
        self._drawn: list[str] = []
        self._words: dict[str, str] = {
            str(stage.folder / "whatsapp"): "/home/ann/whatsapp-mcp/whatsapp-bridge/store",
            f"http://{stage.whatsapp.listen}": "http://127.0.0.1:8080",
            f"http://{stage.baileys.listen}": "http://127.0.0.1:8081",
        }

    def show(self, seen: str, shown: str) -> None:
        """From now on show this in the place of that."""
        self._words[seen] = shown

    def value(self, value: JsonValue, where: str) -> JsonValue:
        """A value as it is recorded; `where` names the call, after which fresh ids are called."""
        if isinstance(value, dict):
            return {key: self.value(inner, where) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, where) for inner in value]
        return self._text(value, where) if isinstance(value, str) else value

    def _text(self, text: str, where: str) -> str:
        for seen in sorted(self._words, key=len, reverse=True):
            text = text.replace(seen, self._words[seen])
        text = SENT.sub(lambda found: self._id(found[0], where), text)
        text = INVITE.sub("0029VaRehearsals0000003", CHANNEL.sub("120363070000000403@newsletter", text))
        return MONTH.sub(self._month, TIME.sub(self._time, text))

    def _id(self, seen: str, where: str) -> str:
        if seen not in self._ids:
            nth = sum(known.startswith(f"{where}#") for known in self._drawn)
            self._drawn.append(f"{where}#{nth}")
            self._ids[seen] = "3EB0" + sha256(self._drawn[-1].encode()).hexdigest()[:18].upper()
        return self._ids[seen]

    def _time(self, found: re.Match[str]) -> str:
        day = date.fromisoformat(found[1]) + self._moved
        return f"{day.isoformat()}{found[0][10:]}"

    def _month(self, found: re.Match[str]) -> str:
        return (date.fromisoformat(f"{found[0]}-15") + self._moved).strftime("%Y-%m")


def held(step: Step) -> JsonValue:
    """What two runs must have in common: times by their shape, and what differs by its type."""
    loose = LOOSE | OF_A_TOOL.get(step.tool, set())
    whole: dict[str, JsonValue] = {"tool": step.tool, "arguments": dict(step.arguments), "answer": step.answer}
    return _held({**whole, "refused": step.refused, "before": step.before}, loose, "")


def _held(value: JsonValue, loose: Collection[str], key: str) -> JsonValue:
    if key in loose:
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        return {name: _held(inner, loose, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_held(inner, loose, "") for inner in value]
    return TIME.sub("<time>", KNOWN.sub("<n>", value)) if isinstance(value, str) else value
