"""A history that comes in disorder ends in messages.db as the emulator knows it, message for message.

3,000 messages in every run; `make soak` sets HISTORY=200000.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mcp import Client

from caller import Caller
from cli.emulated import Emulated, Truth
from cli.stage import Stage, open_stage, until
from server import build_server
from tools.results import MergeReport, MessageHit, MessageList

HISTORY = int(os.environ.get("HISTORY", "3000"))
CHATS = max(20, min(500, HISTORY // 400))
GO_SEED, BAILEYS_SEED = 11, 12

pytestmark = pytest.mark.timeout(120 + HISTORY // 200)

Line = tuple[str, str, str, bool, int, str, str]


async def test_history_in_disorder_is_stored_as_the_phone_has_it_message_for_message(
    built: None, tmp_path: Path
) -> None:
    world = ("--chats", str(CHATS), "--messages", str(HISTORY), "--seed", "7")
    async with open_stage(tmp_path, world) as stage:
        await stage.emulated.push(kind="push_name", on_link=True)
        await stage.link()
        await disordered_push(stage)
        async with Client(build_server(stage.settings), mode="legacy") as client:
            caller = Caller(client)
            merged = await merge(caller)
            assert merged.conflicts == 0
            assert merged.refused == 0
            await holds_the_truth(caller, stage.emulated)
            # The whole push once more, in another disorder, changes nothing.
            await disordered_push(stage, seed=BAILEYS_SEED + 1)
            assert (await merge(caller)).inserted == 0
            await holds_the_truth(caller, stage.emulated)


async def disordered_push(stage: Stage, seed: int = BAILEYS_SEED) -> None:
    """The recent months to the Go bridge, which is told no mapping, and everything to the Baileys bridge."""
    go, baileys = sorted(companion.device for companion in await stage.emulated.devices())
    chunks = max(5, HISTORY // 1000)
    assert await stage.emulated.push(device=go, kind="recent", disorder=GO_SEED, chunks=chunks) > 1
    assert await stage.emulated.push(device=baileys, disorder=seed, chunks=chunks) > chunks
    await until(
        stage.emulated.devices, lambda seen: not any(companion.queued for companion in seen), 60 + HISTORY / 1000
    )


async def merge(caller: Caller) -> MergeReport:
    """Merge to the end; the last call's report with what all calls together did."""
    inserted = conflicts = refused = 0
    while True:
        report = await caller.ask(MergeReport, "sync_history_to_database")
        inserted, conflicts, refused = (
            inserted + report.inserted,
            conflicts + report.conflicts,
            refused + report.refused,
        )
        if report.status != "running":
            return report.model_copy(update={"inserted": inserted, "conflicts": conflicts, "refused": refused})


async def holds_the_truth(caller: Caller, emulated: Emulated) -> None:
    """Every chat holds what the emulator says of it, in every field that both tell."""
    world = await emulated.world()
    numbers = {person.lid: person.pn for person in (world.account, *world.contacts)}
    compared = 0
    for talk in world.chats:
        chat = talk.pn or talk.jid
        truth = [true_line(chat, message, numbers) for message in await emulated.truth(talk.jid)]
        held = [stored_line(message) for message in await every_message(caller, chat)]
        assert sorted(held) == sorted(truth), chat
        compared += len(truth)
    assert compared == HISTORY


async def every_message(caller: Caller, chat: str) -> list[MessageHit]:
    """All messages of a chat, page by page."""
    found: list[MessageHit] = []
    cursor: dict[str, str] = {}
    while True:
        page = await caller.ask(MessageList, "query_synced_messages", chat_jid=chat, limit=200, **cursor)
        found += page.messages
        if page.next_cursor is None:
            return found
        cursor = {"cursor": page.next_cursor}


def true_line(chat: str, message: Truth, numbers: Mapping[str, str]) -> Line:
    """A message as the emulator tells it."""
    sender = numbers[message.sender]
    return chat, message.id, sender, message.from_me, message.timestamp, message.kind, message.text or ""


def stored_line(message: MessageHit) -> Line:
    """The same as messages.db tells it."""
    at = int(datetime.fromisoformat(message.timestamp).astimezone(UTC).timestamp())
    return (
        message.chat_jid,
        message.id,
        message.sender_jid,
        message.from_me,
        at,
        message.kind,
        message.text or "",
    )
