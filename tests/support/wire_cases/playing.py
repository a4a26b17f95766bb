"""Sets the fakes up for a case."""

from __future__ import annotations

from collections.abc import Mapping

from fake_bridge import FakeBridge
from settings import Settings
from temp_rows import TempRows, message
from wire_cases.shapes import CHAT, Case


def prepare(case: Case, bridges: Mapping[str, FakeBridge], settings: Settings) -> None:
    """What the bridges answer, and what lies in the temporary store."""
    for ask in case.asks:
        bridges[ask.bridge].on(ask.method, ask.template, ask.answer)
    if case.tool == "sync_history_to_database":
        TempRows(settings.baileys_db).add("messages", message(CHAT, 1, "from the phone"))
