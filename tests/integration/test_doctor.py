"""The doctor and the real Go bridge: who is stopped has its store looked at by its own program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.stage import Program
from doctor import findings
from settings import Settings


async def examined(settings: Settings) -> tuple[int, dict[str, Any]]:
    environment = {
        "WHATSAPP_MCP_GO_URL": settings.go_url,
        "WHATSAPP_MCP_MESSAGES_DB": str(settings.messages_db),
        "WHATSAPP_MCP_BAILEYS_DB": str(settings.baileys_db),
        "WHATSAPP_MCP_BAILEYS_URL": "http://127.0.0.1:9",
        "HOME": str(settings.messages_db.parent),
    }
    return await findings(environment)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


async def test_a_stopped_store_is_looked_at_left_as_it_is_and_damage_is_found(
    go_bridge: Program, unpaired_settings: Settings
) -> None:
    store = unpaired_settings.messages_db.parent
    code, found = await examined(unpaired_settings)
    assert code == 2
    assert found["whatsapp-bridge link"]["severity"] == "error"
    assert "not paired" in found["whatsapp-bridge link"]["message"]
    assert found["messages.db integrity"]["severity"] == "fine"
    await go_bridge.stop()
    before = content(store)
    code, found = await examined(unpaired_settings)
    assert code == 2
    assert "not running" in found["whatsapp-bridge"]["message"]
    assert found["messages.db integrity"]["severity"] == "fine", found
    assert content(store) == before
    database = unpaired_settings.messages_db
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2])
    _, found = await examined(unpaired_settings)
    assert found["messages.db integrity"]["severity"] == "error"
    assert "backup" in found["messages.db integrity"]["cure"]
    database.write_bytes(whole)


async def test_a_bridge_that_was_started_before_the_last_build_is_found(
    go_bridge: Program, unpaired_settings: Settings
) -> None:
    lock = unpaired_settings.messages_db.parent / "bridge.lock"
    holder = json.loads(lock.read_text(encoding="ascii"))
    lock.write_text(json.dumps({**holder, "started_at": "2020-01-01T00:00:00Z"}), encoding="ascii")
    _, found = await examined(unpaired_settings)
    assert found["whatsapp-bridge version"]["severity"] == "warning"
    assert str(holder["pid"]) in found["whatsapp-bridge version"]["message"]
