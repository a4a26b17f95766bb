"""SIGKILL at random moments of a full history with the flagship running: the next call completes, and nothing is lost,
doubled, marked read that is not, or told twice.

A few moments in every run; `make soak` sets KILLS=50. Each is in a community of its own, whose history nobody has.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from backends.baileys import BaileysBridge
from caller import Caller
from cli.demo import connect
from cli.emulated import Emulated, World
from cli.entry import entry
from cli.stage import Stage, open_stage, until
from communities import BYSTANDER, Communities
from restart import restart
from server import build_server
from tools.results import BackendStatus, ChatList, CommunityReport

KILLS = int(os.environ.get("KILLS", "5"))
VICTIMS = ("go", "baileys", "server", "connection", "marking")
MESSAGES, UNREAD = 150, 20
LATEST_SECONDS = 1.5
SEED = 20261126

pytestmark = pytest.mark.timeout(120 + 30 * KILLS)

Told = Counter[tuple[str, str]]
"""How many read receipts there were for each message, by chat and id."""


async def test_the_flagship_completes_after_a_kill_at_any_moment_and_tells_nothing_twice(
    built: None, tmp_path: Path
) -> None:
    towns = Communities(communities=KILLS, groups=3, messages=MESSAGES, pushed=10, unread=UNREAD)
    draw = random.Random(SEED)
    victims = [*VICTIMS, *draw.choices(VICTIMS, k=max(0, KILLS - len(VICTIMS)))][:KILLS]
    draw.shuffle(victims)
    async with open_stage(tmp_path, towns.write(tmp_path / "towns.json")) as stage:
        await stage.link()
        world = await stage.emulated.world()
        for number, victim in enumerate(victims):
            roof = world.community(towns.name(number)).jid
            await kill_one(stage, victim, roof, draw)
            async with Client(build_server(stage.settings), mode="legacy") as client:
                await completes(Caller(client), stage.emulated, world, roof)
            await told_once(stage.emulated, world, roof, all_told=victim == "server")
        async with Client(build_server(stage.settings), mode="legacy") as client:
            await left_alone(Caller(client), stage.emulated, world)


async def test_two_clients_at_once_both_complete_and_one_that_leaves_in_mid_call_loses_nothing(
    built: None, tmp_path: Path
) -> None:
    towns = Communities(communities=2, groups=3, messages=MESSAGES, pushed=10, unread=UNREAD)
    async with open_stage(tmp_path, towns.write(tmp_path / "towns.json")) as stage:
        await stage.link()
        world = await stage.emulated.world()
        together, left = (world.community(towns.name(number)).jid for number in range(2))
        async with connect(stage) as one, connect(stage) as other:
            await asyncio.gather(
                *(completes(Caller(client), stage.emulated, world, together) for client in (one, other))
            )
        await told_once(stage.emulated, world, together, all_told=True)
        async with connect(stage) as client:
            calling = asyncio.create_task(
                client.call_tool("mark_community_as_read_with_history", {"community_jid": left, "sync_timeout": 60})
            )
            async with BaileysBridge(stage.settings) as baileys:
                await until(
                    baileys.history, lambda seen: any(job.state in ("queued", "running") for job in seen.jobs), 15
                )
            calling.cancel()
        async with connect(stage) as client:
            await completes(Caller(client), stage.emulated, world, left)
        await told_once(stage.emulated, world, left, all_told=True)


async def kill_one(stage: Stage, victim: str, roof: str, draw: random.Random) -> None:
    """Let a client call the flagship, kill at a random moment, and start again what was killed.

    `marking` is the Go bridge as soon as the first receipt is seen, when others are on their way.
    """
    async with killable_client(stage) as (client, pid):
        calling = asyncio.create_task(
            client.call_tool("mark_community_as_read_with_history", {"community_jid": roof, "sync_timeout": 60})
        )
        if victim == "marking":
            told = await read_receipts(stage.emulated)
            await until(lambda: read_receipts(stage.emulated), lambda seen: seen != told or calling.done(), 30)
        else:
            await asyncio.sleep(draw.uniform(0, LATEST_SECONDS))
        match victim:
            case "go" | "marking":
                await stage.whatsapp.kill()
                await restart(stage.whatsapp)
            case "baileys":
                await stage.baileys.kill()
                await restart(stage.baileys)
            case "connection":
                await stage.emulated.fault("drop", ms=draw.randrange(1, 1500))
            case _:
                os.kill(pid, signal.SIGKILL)
                calling.cancel()
        await asyncio.wait({calling})


@asynccontextmanager
async def killable_client(stage: Stage) -> AsyncIterator[tuple[Client, int]]:
    """A client on the command of the Claude Desktop entry, with the server's process id."""
    here = entry(stage.environment)
    note = stage.folder / "server.pid"
    server = StdioServerParameters(
        command="/bin/sh",
        args=["-c", 'echo $$ >"$0"; exec "$@"', str(note), here.command, *here.arguments],
        env={**os.environ, **here.environment},
    )
    async with Client(server, mode="legacy") as client:
        yield client, int(note.read_text(encoding="ascii"))


async def completes(caller: Caller, emulated: Emulated, world: World, roof: str) -> None:
    """The next call brings the community to its end, and messages.db and the phone agree with its report."""
    await until(
        lambda: caller.ask(BackendStatus, "backend_status"),
        lambda seen: seen.go.state == seen.baileys.state == "connected",
    )
    report = await caller.ask(
        CommunityReport, "mark_community_as_read_with_history", community_jid=roof, sync_timeout=60
    )
    assert report.status == "completed", report
    for row in report.groups:
        assert row.status in ("read", "already_read"), row
        assert row.history == "complete", row
        truth = [message.id for message in await emulated.truth(row.jid)]
        assert sorted(await caller.every_id(row.jid)) == sorted(truth), row
    # The phone hears of a change of app state by a notification, a moment after the call was answered.
    await until(
        emulated.phone,
        lambda phone: all(row.jid in phone.chats and phone.chats[row.jid].read for row in report.groups),
        15,
    )
    assert {row.jid for row in report.groups} == {room.jid for room in world.groups if room.community_jid == roof}


async def read_receipts(emulated: Emulated) -> Told:
    """What all contacts together saw read."""
    told: Told = Counter()
    for event in (await emulated.received("")).events:
        if event.kind == "receipt" and event.receipt_type == "read":
            told.update((event.chat or "", each) for each in event.ids or [event.id or ""])
    return told


async def told_once(emulated: Emulated, world: World, roof: str, *, all_told: bool) -> None:
    """Of the community's unread messages each sender heard once.

    Or never, where the receipt's own way was cut, or where the fetching bridge died: the call then marks what is held.
    """
    due: set[tuple[str, str]] = set()
    for room in world.groups:
        if room.community_jid == roof:
            others = [message for message in await emulated.truth(room.jid) if not message.from_me]
            due |= {(room.jid, message.id) for message in others[:UNREAD]}

    async def of_this_community() -> Told:
        told = await read_receipts(emulated)
        rooms = {room.jid for room in world.groups if room.community_jid == roof}
        return Counter({key: count for key, count in told.items() if key[0] in rooms})

    told = await (until(of_this_community, lambda seen: set(seen) == due, 15) if all_told else of_this_community())
    assert set(told) <= due
    assert max(told.values(), default=0) <= 1, {key: count for key, count in told.items() if count > 1}


async def left_alone(caller: Caller, emulated: Emulated, world: World) -> None:
    """A group that is in no community is as unread as it was."""
    room = world.group(BYSTANDER)
    marks = (await emulated.phone()).chats.get(room.jid)
    assert marks is None or not marks.read
    (chat,) = (await caller.ask(ChatList, "list_chats", query=BYSTANDER)).chats
    assert chat.unread_count == UNREAD
    assert not [key for key in await read_receipts(emulated) if key[0] == room.jid]
