"""Cures of TROUBLESHOOTING.md that need no link: each is tried on a set-up that is broken as its symptom says."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
from mcp import Client, StdioServerParameters

from caller import Caller
from cli.stage import Program, StageError
from command import command
from errors import Code
from fake_listener import FakeListener, http
from server import build_server
from settings import HOUSE, Settings
from temp_rows import TempRows, message
from tools.catalogue import CATALOGUE
from tools.results import ChatList, MergeReport, MessageList

ANN = "15550120@s.whatsapp.net"
SERVER = str(HOUSE / "unified-mcp" / "main.py")


@asynccontextmanager
async def calling(settings: Settings) -> AsyncIterator[Caller]:
    async with Client(build_server(settings), mode="legacy") as client:
        yield Caller(client)


async def started_again(bridge: Program) -> Program:
    """The same bridge on the same port."""
    parts = [bridge.listen if part == "127.0.0.1:0" else part for part in bridge.command]
    program = Program(bridge.name, parts, bridge.folder)
    await program.start()
    return program


async def texts(caller: Caller) -> list[str | None]:
    return [hit.text for hit in (await caller.ask(MessageList, "list_messages", include_context=False)).messages]


@pytest.mark.symptom("Something else answers at the bridge's port")
async def test_a_squatter_hears_nothing_and_the_bridge_takes_its_port_back(
    go_bridge: Program, unpaired_settings: Settings
) -> None:
    await go_bridge.stop()
    squatter = FakeListener(lambda _: http({"hello": "world"}))
    async with calling(unpaired_settings) as caller:
        async with squatter.listening(int(go_bridge.listen.rpartition(":")[2])):
            assert "bridge" not in await health(unpaired_settings)
            assert (await caller.refused("list_chats"))[0] is Code.BRIDGE_UNTRUSTED
        again = await started_again(go_bridge)
        try:
            assert (await health(unpaired_settings))["bridge"] == "whatsapp-bridge"
            await caller.ask(ChatList, "list_chats")
        finally:
            await again.stop()
    token = unpaired_settings.read_token()
    assert token
    assert token.encode() not in squatter.bytes_heard


async def health(settings: Settings) -> dict[str, str]:
    """What `curl` shows of the port."""
    async with httpx.AsyncClient(trust_env=False) as client:
        told: dict[str, str] = (await client.get(f"{settings.go_url}/health")).json()
        return told


@pytest.mark.symptom("The token does not match")
async def test_the_file_of_another_token_is_named_and_the_right_one_opens(
    go_bridge: Program, unpaired_settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other.token"
    other.write_text("5e" * 32, encoding="ascii")
    async with calling(unpaired_settings.model_copy(update={"token_file": other})) as caller:
        code, envelope = await caller.refused("list_chats")
    assert code is Code.BRIDGE_UNTRUSTED
    assert str(other) in str(envelope["resolution"])
    async with calling(unpaired_settings) as caller:
        await caller.ask(ChatList, "list_chats")


@pytest.mark.symptom("The token does not match")
async def test_a_file_that_holds_no_token_is_named_and_deleted_it_is_made_anew(
    go_bridge: Program, unpaired_settings: Settings
) -> None:
    await go_bridge.stop()
    unpaired_settings.token_path.write_text("a shopping list", encoding="ascii")
    with pytest.raises(StageError, match=r"bridge\.token"):
        await started_again(go_bridge)
    unpaired_settings.token_path.unlink()
    again = await started_again(go_bridge)
    try:
        async with calling(unpaired_settings) as caller:
            await caller.ask(ChatList, "list_chats")
    finally:
        await again.stop()


async def stored(settings: Settings, rows: TempRows) -> None:
    """Store a message and bring it into the file."""
    rows.add("messages", message(ANN, 1, "kept"))
    async with calling(settings) as caller:
        assert (await caller.ask(MergeReport, "sync_history_to_database")).inserted == 1


def numbered(path: Path, version: int | None = None) -> int:
    """The number of a database's schema, set before where one is given."""
    with closing(sqlite3.connect(path)) as database:
        if version is not None:
            database.execute(f"PRAGMA user_version = {version}")
        return int(database.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.symptom("The database was made by a newer version")
async def test_a_newer_store_is_refused_with_both_numbers_and_opens_for_the_version_that_knows_it(
    go_bridge: Program, unpaired_settings: Settings, temp_rows: TempRows
) -> None:
    await stored(unpaired_settings, temp_rows)
    await go_bridge.stop()
    known = numbered(unpaired_settings.messages_db)
    numbered(unpaired_settings.messages_db, 99)
    with pytest.raises(StageError, match=rf"DATABASE_SCHEMA_MISMATCH.*99.*{known}|99.*{known}"):
        await started_again(go_bridge)
    assert numbered(unpaired_settings.messages_db) == 99
    # An update cannot be had here; what it does is to know the number.
    numbered(unpaired_settings.messages_db, known)
    again = await started_again(go_bridge)
    try:
        async with calling(unpaired_settings) as caller:
            assert await texts(caller) == ["kept"]
    finally:
        await again.stop()


@pytest.mark.symptom("The database is damaged")
async def test_a_damaged_store_that_is_moved_away_makes_room_for_the_history_anew(
    go_bridge: Program, unpaired_settings: Settings, temp_rows: TempRows
) -> None:
    await stored(unpaired_settings, temp_rows)
    await go_bridge.stop()
    store = unpaired_settings.messages_db
    store.write_bytes(b"\xa5" * 4096 + store.read_bytes()[4096:])
    with pytest.raises(StageError, match="damaged"):
        await started_again(go_bridge)
    for path in store.parent.glob("messages.db*"):
        path.rename(path.with_name(f"away-{path.name}"))
    again = await started_again(go_bridge)
    try:
        async with calling(unpaired_settings) as caller:
            assert await texts(caller) == []
            assert (await caller.ask(MergeReport, "sync_history_to_database")).inserted == 1
            assert await texts(caller) == ["kept"]
    finally:
        await again.stop()


@pytest.mark.symptom("The client says server disconnected")
async def test_a_server_that_ends_at_its_start_says_why_in_the_terminal_and_starts_once_that_is_mended() -> None:
    broken = await command(environment={"WHATSAPP_MCP_LOG_LEVEL": "LOUD"})
    assert broken.code != 0
    assert broken.out == ""
    assert "WHATSAPP_MCP_LOG_LEVEL" in broken.err
    assert len(await offered({"WHATSAPP_MCP_LOG_LEVEL": "WARNING"})) == len(CATALOGUE)


@pytest.mark.symptom("The client shows too few tools, or warns of too many")
async def test_the_tools_of_every_day_are_few_enough_for_every_client_and_all_are_back_without_the_setting() -> None:
    assert 10 < len(await offered({"WHATSAPP_MCP_TOOLSETS": "core"})) < 40
    assert await offered({}) == list(CATALOGUE)


async def offered(environment: dict[str, str]) -> list[str]:
    """The tools that a client is shown whose entry has these settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    entry = StdioServerParameters(command=sys.executable, args=[SERVER], env={**plain, **environment})
    async with Client(entry, mode="legacy") as client:
        return [tool.name for tool in (await client.list_tools()).tools]


@pytest.mark.symptom("Paths on Windows")
async def test_a_path_with_single_backslashes_is_found_and_read_once_they_are_doubled(tmp_path: Path) -> None:
    file = tmp_path / ".cursor" / "mcp.json"
    file.parent.mkdir()
    path = r"C:\Users\ann\whatsapp-mcp\unified-mcp"
    entry = '{"mcpServers": {"whatsapp": {"command": "uv", "args": ["--directory", "%s", "run", "main.py"]}}}'

    async def found() -> str:
        done = await command("doctor", "--json", environment={"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)})
        return " ".join(row["message"] for row in json.loads(done.out)["findings"] if row["check"] == "cursor")

    file.write_text(entry % path, encoding="utf-8")
    assert "JSON" in await found()
    for mended in (path.replace("\\", "\\\\"), path.replace("\\", "/")):
        file.write_text(entry % mended, encoding="utf-8")
        # It is read now; this machine has no such folder, which is the next thing to be said.
        assert "JSON" not in (said := await found())
        assert "'whatsapp'" in said
