"""Other servers' messages.db taken over by the real Go bridge: found, one person one chat, nothing lost or doubled."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from pydantic import JsonValue

from backends.go import GoBridge
from caller import Caller
from cli.stage import Program, until
from holding import held
from imports import PeerStore
from peer_rows import SESSION, VERYGOODPLUGINS, PeerRows, peer_message
from restart import restart
from server import build_server
from settings import HOUSE, Settings
from temp_rows import TempRows, message
from tools.results import ChatList, MergeReport, MessageList

ANN, ANN_LID, ANN_LID_USER = "15550120@s.whatsapp.net", "250000000000120@lid", "250000000000120"
BOB, OWN = "15550121@s.whatsapp.net", "15550100@s.whatsapp.net"
ROOM = "120363990000000001@g.us"
MANY = 20_000


@pytest_asyncio.fixture
async def caller(unpaired_settings: Settings) -> AsyncIterator[Caller]:
    async with held(Client(build_server(unpaired_settings), mode="legacy")) as client:
        yield Caller(client)


@pytest.fixture
def peer(tmp_path: Path) -> PeerRows:
    return PeerRows(tmp_path / "other" / "messages.db", VERYGOODPLUGINS)


@pytest.fixture
def session(peer: PeerRows) -> PeerRows:
    session = PeerRows(peer.path.with_name("whatsapp.db"), SESSION)
    session.add("whatsmeow_lid_map", {"lid": ANN_LID_USER, "pn": "15550120"})
    session.add("whatsmeow_contacts", {"our_jid": OWN, "their_jid": ANN, "full_name": "Ann Example"})
    return session


class Shell:
    """The command as it is typed."""

    def __init__(self, settings: Settings, path: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
        self._environment = {
            **kept,
            "WHATSAPP_MCP_GO_URL": settings.go_url,
            "WHATSAPP_MCP_MESSAGES_DB": str(settings.messages_db),
        }
        self._path = path

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(HOUSE / "unified-mcp" / "main.py"),
            "import",
            "lharries",
            str(self._path),
            "--json",
            *words,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def take(self, *words: str) -> dict[str, JsonValue]:
        """Import; what the report says."""
        process = await self.start(*words)
        out, error = await process.communicate()
        assert process.returncode == 0, error.decode()
        report: dict[str, JsonValue] = json.loads(out)
        return report


@pytest.fixture
def shell(unpaired_settings: Settings, peer: PeerRows) -> Shell:
    return Shell(unpaired_settings, peer.path)


async def test_what_was_imported_is_found_and_one_person_is_one_chat(
    caller: Caller, shell: Shell, peer: PeerRows, session: PeerRows
) -> None:
    target = "3EB0000000000001"
    peer.add(
        "chats", {"jid": ANN_LID, "name": ANN_LID_USER}, {"jid": ANN, "name": "ann"}, {"jid": ROOM, "name": "Room"}
    )
    peer.add(
        "messages",
        peer_message(ANN_LID, 1, "the lantern by lid"),
        peer_message(ANN, 2, "the lantern by number"),
        peer_message(ANN, 3, "mine", is_from_me=1, sender="250000000000100"),
        peer_message(ROOM, 4, "in the room", sender=ANN_LID_USER),
        peer_message(ROOM, 5, "unsaid", sender="15550121", deleted_at="2025-10-09 12:00:00+02:00"),
        peer_message(ANN, 6, "👍", is_from_me=1, media_type="reaction", filename=target),
        peer_message(ROOM, 7, "by nobody", sender="nobody"),
    )
    peer.add("calls", {"call_id": "1", "chat_jid": ANN})
    report = await shell.take("--own", "+15550100")
    assert (report["read"], report["inserted"], report["refused"], report["calls_left_out"]) == (7, 6, 1, 1)

    chats = {chat.jid: chat for chat in (await caller.ask(ChatList, "list_chats")).chats}
    assert {jid: (chat.name, chat.unread_count) for jid, chat in chats.items()} == {
        ANN: ("Ann Example", 0),
        ROOM: ("Room", 0),
    }
    assert chats[ANN].lid == ANN_LID
    found = await caller.ask(MessageList, "query_synced_messages", content="lantern", sort="oldest")
    assert [(hit.text, hit.chat_jid, hit.sender_name) for hit in found.messages] == [
        ("the lantern by lid", ANN, "Ann Example"),
        ("the lantern by number", ANN, "Ann Example"),
    ]
    assert [(given.emoji, given.sender_jid) for given in found.messages[0].reactions or []] == [("👍", OWN)]
    room = await caller.ask(MessageList, "query_synced_messages", chat_jid=ROOM, sort="oldest")
    assert [(hit.kind, hit.text, hit.sender_jid) for hit in room.messages] == [
        ("text", "in the room", ANN),
        ("revoked", None, BOB),
    ]


async def test_a_second_import_reads_nothing_and_the_file_stays_as_it_was(
    shell: Shell, peer: PeerRows, session: PeerRows
) -> None:
    peer.add("messages", *(peer_message(ANN, n, f"note {n}") for n in range(1200)))
    before = peer.beside()
    first = await shell.take()
    assert (first["status"], first["read"], first["inserted"]) == ("completed", 1200, 1200)
    again = await shell.take()
    assert (again["status"], again["read"], again["batches"]) == ("nothing_new", 0, 0)
    assert peer.beside() == before


async def test_an_import_and_a_merge_share_what_both_know(
    caller: Caller, shell: Shell, peer: PeerRows, session: PeerRows, temp_rows: TempRows
) -> None:
    sent = 1_759_996_800
    temp_rows.add("messages", message(ANN, 1, None, timestamp=sent + 1), message(ANN, 2, "two", timestamp=sent + 2))
    await caller.ask(MergeReport, "sync_history_to_database")
    peer.add(
        "messages", peer_message(ANN_LID, 1, "one"), peer_message(ANN, 2, "not two"), peer_message(ANN, 3, "three")
    )
    report = await shell.take()
    assert (report["inserted"], report["filled"], report["duplicates"], report["conflicts"]) == (1, 1, 1, 0)
    listed = await caller.ask(MessageList, "query_synced_messages", chat_jid=ANN, sort="oldest")
    assert [hit.text for hit in listed.messages] == ["one", "two", "three"]
    assert (await caller.ask(MergeReport, "sync_history_to_database")).status == "nothing_new"


async def test_an_import_that_was_killed_is_completed_by_the_next(
    caller: Caller, shell: Shell, peer: PeerRows, session: PeerRows, unpaired_settings: Settings
) -> None:
    peer.add("messages", *(peer_message((ANN, ANN_LID)[n % 2], n, f"note {n}") for n in range(MANY)))
    source = PeerStore(peer.path, None).source
    process = await shell.start()
    async with GoBridge(unpaired_settings) as go:
        await until(lambda: go.watermark(source), lambda mark: mark.seq > 0)
        process.kill()
        await process.communicate()
        taken = (await go.watermark(source)).seq
    assert 0 < taken < MANY
    report = await shell.take()
    # The bridge still commits the batches that had reached it whole when their sender died.
    assert report["watermark"] == MANY
    assert isinstance(report["read"], int)
    assert 0 < report["read"] <= MANY - taken
    ids = await caller.every_id(ANN)
    assert len(ids) == len(set(ids)) == MANY


async def test_a_bridge_that_was_killed_goes_on_with_what_it_has(
    shell: Shell, peer: PeerRows, session: PeerRows, unpaired_settings: Settings, go_bridge: Program
) -> None:
    peer.add("messages", *(peer_message(ANN, n, f"note {n}") for n in range(MANY)))
    source = PeerStore(peer.path, None).source
    process = await shell.start()
    async with GoBridge(unpaired_settings) as go:
        await until(lambda: go.watermark(source), lambda mark: mark.seq > 0)
        await go_bridge.kill()
    _, error = await process.communicate()
    assert process.returncode == 1
    assert b"Traceback" not in error
    await restart(go_bridge)
    report = await shell.take()
    assert report["watermark"] == MANY
    # What was committed is never read again; a batch whose answer was lost is known.
    assert report["read"] == report["inserted"]
    async with GoBridge(unpaired_settings) as go:
        assert (await go.status()).messages == MANY


async def test_own_messages_wait_for_a_link_or_a_number(shell: Shell, peer: PeerRows) -> None:
    peer.add("messages", peer_message(ANN, 1, "mine", is_from_me=1))
    process = await shell.start()
    _, error = await process.communicate()
    assert process.returncode == 1
    assert b"--own" in error
    assert (await shell.take("--own", "15550100"))["inserted"] == 1
