"""What the phone gives: a whole history through the real Baileys to messages.db; the flagship on a big community."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from mcp import Client
from mcp_types import TextContent

from backends.baileys import BaileysBridge
from backends.go import GoBridge
from cli.demo import connect
from cli.stage import Program, Stage, link, open_stage
from communities import Communities
from figures import Figure, Part
from system import System, merge, peak_memory
from tools.results import CommunityReport, HistoryStatus

Say = Callable[[str], None]

CHATS = 500
MESSAGES_PER_SECOND, MEMORY_MIB, LOOK_SECONDS = 10_000, 400, 0.1
GROUPS, UNREAD, FLAGSHIP_SECONDS = 50, 400, 60
STALLED_SECONDS = 180
MIB = 1024 * 1024


async def history_part(folder: Path, count: int, seed: int, say: Say) -> Part:
    """From the QR code to the last row in messages.db: the push, taken by the Baileys bridge, and its merge."""
    world = ("--chats", str(CHATS), "--messages", str(count), "--seed", str(seed))
    say(f"a phone with {count:,} messages")
    async with open_stage(folder, world) as stage:
        async with watched(stage.baileys) as memory, BaileysBridge(stage.settings) as baileys:
            # What the phone pushes to the Go bridge would be stored twice over, and is not what is asked here.
            await stage.emulated.push(kind="push_name", on_link=True)
            async with GoBridge(stage.settings) as go:
                await link(go, stage.emulated)
            await stage.emulated.push(on_link=True)
            say("the Baileys bridge is linked, the phone pushes")
            started = time.monotonic()
            await link(baileys, stage.emulated)
            await arrived(baileys, count)
            pushed = time.monotonic() - started
            say(f"all there after {pushed:.1f} s; the merge")
            temp = stage.folder / "baileys" / "baileys_temp.db"
            merged = await merge(System(stage.folder, stage.whatsapp), temp)
            whole = time.monotonic() - started
        if merged.report.inserted != count:
            raise RuntimeError(f"{merged.report.inserted} of {count} messages are in messages.db")
        return Part(
            "A history from the phone to messages.db, through the real Baileys",
            [
                Figure(
                    "messages a second, from the QR code to the last row",
                    count / whole,
                    "",
                    MESSAGES_PER_SECOND,
                    at_least=True,
                    more=f"{count:,} messages in {whole:.1f} s",
                ),
                Figure("the push into baileys_temp.db", count / pushed, "", more=f"messages a second, {pushed:.1f} s"),
                Figure(
                    "its merge into messages.db",
                    merged.report.rows_per_second,
                    "",
                    more=f"rows a second, {merged.seconds:.1f} s with the start of its process",
                ),
                Figure("memory of the Baileys bridge", max(memory) / MIB, "MiB", MEMORY_MIB),
                Figure("memory of the Go bridge", merged.bridge_memory / MIB, "MiB"),
            ],
        )


async def arrived(baileys: BaileysBridge, count: int) -> None:
    """Wait until the bridge holds so many messages; nothing new for a while is an error."""
    seen, changed = 0, time.monotonic()
    while (status := await baileys.history()).initial.messages < count:
        if status.initial.messages != seen:
            seen, changed = status.initial.messages, time.monotonic()
        elif time.monotonic() - changed > STALLED_SECONDS:
            raise RuntimeError(f"{seen} of {count} messages have come: {_state(status)}")
        await asyncio.sleep(LOOK_SECONDS)


def _state(status: HistoryStatus) -> str:
    return f"{status.initial.state}, {status.initial.error}"


@asynccontextmanager
async def watched(program: Program) -> AsyncIterator[list[int]]:
    """The most memory that a program has held, looked at again and again."""
    seen = [0]

    async def look() -> None:
        while True:
            seen[0] = max(seen[0], peak_memory(program.pid))
            await asyncio.sleep(LOOK_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()


async def flagship_part(folder: Path, say: Say) -> Part:
    """The flagship until it says completed, step by step."""
    towns = Communities(communities=1, groups=GROUPS, messages=UNREAD * 6 // 5, pushed=20, unread=UNREAD)
    say(f"a community of {GROUPS} groups with {GROUPS * UNREAD:,} unread messages")
    async with open_stage(folder, towns.write(folder.with_suffix(".json"))) as stage:
        await stage.link()
        roof = (await stage.emulated.world()).community(towns.name(0)).jid
        async with connect(stage) as client:
            say("the flagship")
            started = time.monotonic()
            reports = [await ask(client, roof)]
            while reports[-1].status == "running":
                reports.append(await ask(client, roof))
            seconds = time.monotonic() - started
        await checked(stage, reports)
    steps: dict[str, float] = {}
    for step in (step for report in reports for step in report.steps):
        steps[step.name] = steps.get(step.name, 0) + step.seconds
    fetched = sum(report.messages_fetched for report in reports)
    marked = sum(report.messages_marked for report in reports)
    told = f"{len(reports)} calls, {fetched:,} messages fetched, {marked:,} marked read"
    return Part(
        f"The flagship on a community of {GROUPS} groups and {GROUPS * UNREAD:,} unread messages",
        [
            Figure("until it says completed", seconds, "s", FLAGSHIP_SECONDS, more=told),
            *(Figure(f"step: {name}", spent, "s") for name, spent in steps.items()),
        ],
    )


async def ask(client: Client, roof: str) -> CommunityReport:
    """Call the flagship as a client does."""
    result = await client.call_tool("mark_community_as_read_with_history", {"community_jid": roof, "sync_timeout": 300})
    text = next((block.text for block in result.content if isinstance(block, TextContent)), "")
    if result.is_error:
        raise RuntimeError(f"the flagship answered {text}")
    return CommunityReport.model_validate_json(text)


async def checked(stage: Stage, reports: list[CommunityReport]) -> None:
    """A figure of something that was not done is none."""
    last = reports[-1]
    marked = sum(report.messages_marked for report in reports)
    marks = (await stage.emulated.phone()).chats
    unread = [row.name for row in last.groups if not (row.jid in marks and marks[row.jid].read)]
    if last.status != "completed" or marked != GROUPS * UNREAD or unread:
        raise RuntimeError(f"{last.status}, {marked} marked, unread on the phone: {unread}; {last.steps}")
