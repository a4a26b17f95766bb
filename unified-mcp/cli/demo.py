"""`whatsapp-mcp demo`: the whole system on an emulated WhatsApp, driven by a real MCP client. No phone is needed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from cli.build import BuildError, build_all
from cli.emulated import World
from cli.entry import entry
from cli.stage import Stage, StageError, open_stage, until
from cli.transcript import Transcript
from settings import HOUSE
from tools.results import (
    BackendStatus,
    ChatList,
    CommunityGroups,
    CommunityReport,
    HistoryProgress,
    MergeReport,
    Message,
    MessageList,
    Result,
    SentMessage,
)

A = TypeVar("A", bound=Result)
WORLD = ("--scenario", str(HOUSE / "tests" / "emulator" / "scenarios" / "demo.json"))
COMMUNITY = "Riverside Neighbours"
WORDS = "lantern festival"
FRIEND = "Bob Carver"
LINE = 56


class SceneError(Exception):
    """A scene did not go as it must."""


@dataclass
class Demo:
    """The scenes, one after the other, on one stage with one client."""

    stage: Stage
    client: Client
    transcript: Transcript

    async def ask(self, question: str | None, name: str, answer: type[A], **arguments: str | int | bool) -> A:
        """Call a tool as a client does, and print question, call and time."""
        if question is not None:
            self.transcript.ask(question)
        started = time.monotonic()
        result = await self.client.call_tool(name, arguments)
        seconds = time.monotonic() - started
        said = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        self.transcript.call(f"{name}({said})", seconds)
        text = next((block.text for block in result.content if isinstance(block, TextContent)), "")
        if result.is_error:
            raise SceneError(f"{name} answered: {text}")
        return answer.model_validate(result.structured_content)

    async def status(self) -> None:
        """Both bridges are there."""
        status = await self.ask("Is my WhatsApp connected?", "backend_status", BackendStatus)
        self.transcript.lines(
            [
                status.summary,
                *(f"{report.backend}: {report.state} as {report.jid}" for report in (status.go, status.baileys)),
            ]
        )
        _holds(status.go.state == status.baileys.state == "connected", "both bridges are connected")

    async def history(self) -> None:
        """What the phone pushed after linking is collected and merged."""
        job = await self.ask("Collect what my phone has.", "retrieve_full_history", HistoryProgress, timeout=60)
        self.transcript.lines([f"{job.state}: {job.messages} messages in the Baileys bridge"])
        _holds(job.state == "completed", "the pushed history is complete")
        merged = await self.ask(None, "sync_history_to_database", MergeReport)
        self.transcript.lines([f"{merged.read} rows read, {merged.inserted} new, {merged.duplicates} known already"])
        _holds(merged.status != "running", "the merge came to its end")

    async def chats(self) -> None:
        """The newest conversations."""
        chats = await self.ask("What is new?", "list_chats", ChatList, limit=6)
        width = max((len(chat.name) for chat in chats.chats), default=0)
        for chat in chats.chats:
            last = (
                f"{chat.last_message.sender_name}: {chat.last_message.text or chat.last_message.kind}"
                if (chat.last_message)
                else ""
            )
            unread = f"({chat.unread_count})" if chat.unread_count else ""
            self.transcript.lines([f"{chat.name.ljust(width)} {unread:>5}  {_short(last)}"])
        _holds(len(chats.chats) > 0, "there are chats")

    async def search(self, question: str) -> int:
        """A search; tells how many hits the first page has."""
        found = await self.ask(question, "query_synced_messages", MessageList, content=WORDS, limit=200)
        self.transcript.lines([f"{len(found.messages)} messages, the newest and the oldest of them:"])
        _holds(len(found.messages) > 0, f"{WORDS!r} is found")
        self.transcript.lines(_quote(hit) for hit in (found.messages[0], found.messages[-1]))
        return len(found.messages)

    async def community(self, world: World) -> None:
        """History for a community, the merge and the marks, by the flagship."""
        jid = world.community(COMMUNITY).jid
        groups = await self.ask(
            f"How far back do we have {COMMUNITY}?", "get_community_groups", CommunityGroups, community_jid=jid
        )
        self.transcript.lines(
            f"{group.name}: {group.messages} messages, {group.unread_count} unread"
            + ("" if group.joined else ", not joined")
            for group in groups.groups
        )
        report = await self.ask(
            f"Fetch all of {COMMUNITY}'s history and mark it read.",
            "mark_community_as_read_with_history",
            CommunityReport,
            community_jid=COMMUNITY,
        )
        self.transcript.lines(
            f"{step.name:<7}{step.outcome:<8}{step.seconds:>6.2f} s  {step.note}" for step in report.steps
        )
        width = max(len(group.name) for group in report.groups)
        self.transcript.lines(
            f"{group.name.ljust(width)} {group.messages_before:>4} -> {group.messages_now:>4} messages, "
            f"{group.marked_read:>2} marked read, {group.status.replace('_', ' ')}"
            for group in report.groups
        )
        _holds(report.status == "completed", f"the flagship completes (it says {report.status})")
        phone = await self.stage.emulated.phone()
        read = [group.name for group in report.groups if (marks := phone.chats.get(group.jid)) and marks.read]
        self.transcript.act(f"On Alex's phone {len(read)} groups have lost their badge.")
        _holds(len(read) > 0, "the phone shows the groups read")

    async def talk(self) -> None:
        """A message out and a message in."""
        text = "Are we still on for the lanterns tonight?"
        friend = FRIEND.split(maxsplit=1)[0]
        sent = await self.ask(
            f"Ask {friend} whether we are still on.", "send_message", SentMessage, recipient=FRIEND, message=text
        )
        started = time.monotonic()
        await until(
            lambda: self.stage.emulated.received(FRIEND),
            lambda heard: any(event.kind == "message" and event.text == text for event in heard.events),
        )
        self.transcript.act(f"{friend}'s phone decrypts it: “{text}”", time.monotonic() - started)
        reply = "Of course! I bring the matches 🏮"
        said = await self.stage.emulated.say(FRIEND, reply)
        self.transcript.act(f"{friend} answers from their own phone.")
        self.transcript.ask(f"What does {friend} say?")
        started = time.monotonic()
        await until(lambda: self._newest(sent.chat_jid), lambda message: message is not None and message.id == said.id)
        listed = await self.ask(
            None, "list_messages", MessageList, chat_jid=sent.chat_jid, limit=2, include_context=False
        )
        self.transcript.lines(_quote(message) for message in listed.messages)

    async def _newest(self, chat_jid: str) -> Message | None:
        result = await self.client.call_tool("list_messages", {"chat_jid": chat_jid, "limit": 1})
        listed = MessageList.model_validate(result.structured_content)
        return listed.messages[0] if listed.messages else None

    async def play(self) -> None:
        """All scenes."""
        world = await self.stage.emulated.world()
        await self.status()
        await self.history()
        await self.chats()
        before = await self.search(f"Who wrote about the {WORDS}?")
        await self.community(world)
        after = await self.search(f"And now, who wrote about the {WORDS}?")
        _holds(after > before, "the fetched history is found by the same search")
        await self.talk()


def _first(error: BaseException) -> BaseException:
    """The cause inside the groups that task groups wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _holds(fact: bool, what: str) -> None:
    if not fact:
        raise SceneError(f"this did not hold: {what}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def _quote(message: Message) -> str:
    when = message.timestamp[:16].replace("T", " ")
    return f"{when}  {message.chat_name} · {message.sender_name}: “{_short(message.text or message.kind)}”"


@asynccontextmanager
async def connect(stage: Stage) -> AsyncIterator[Client]:
    """A client on the very command of the Claude Desktop entry."""
    here = entry(stage.environment)
    server = StdioServerParameters(
        command=here.command, args=list(here.arguments), env={**_environment(), **here.environment}
    )
    async with Client(server, mode="legacy") as client:
        yield client


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}


async def show(folder: Path, *, keep: bool) -> None:
    """Set the stage, play, and with `keep` leave everything up until Ctrl-C."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):  # Windows knows no such signal
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    transcript = Transcript()
    transcript.heading(
        "WhatsApp MCP on an emulated WhatsApp",
        "Real whatsmeow, real Baileys, a real MCP client; no phone, no account, nothing leaves this machine.",
    )
    build_all(transcript.act)
    started = time.monotonic()
    async with open_stage(folder, WORLD) as stage:
        transcript.act("The emulator and both bridges are up.", time.monotonic() - started)
        started = time.monotonic()
        await stage.link()
        transcript.act("Alex's phone has scanned both QR codes.", time.monotonic() - started)
        started = time.monotonic()
        async with connect(stage) as client:
            tools = await client.list_tools()
            transcript.act(f"An MCP client has listed {len(tools.tools)} tools.", time.monotonic() - started)
            await Demo(stage, client, transcript).play()
        transcript.end("Everything worked.")
        if keep:
            await _stay(stage, transcript)


async def _stay(stage: Stage, transcript: Transcript) -> None:
    # Before it is said: who reads it may press at once.
    ended = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the loop itself
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
    transcript.plain(
        "\nThe system stays up. Attach Claude Desktop (claude_desktop_config.json) or Cursor (~/.cursor/mcp.json) with:"
        f"\n\n{entry(stage.environment).text()}\n\nLet a contact speak:\n\n"
        f"  curl -s http://{stage.emulator.listen}/admin/say -H 'Content-Type: application/json' "
        f'-d \'{{"from": "{FRIEND}", "text": "Hello!"}}\'\n\nCtrl-C ends it.'
    )
    await ended.wait()


def run(arguments: Sequence[str]) -> int:
    """Play the demo; 1 when a step fails, and it says which."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the system up and print entries that attach to it")
    parser.add_argument(
        "--folder", type=Path, help="keep databases and logs in this folder (default: a scratch folder)"
    )
    options = parser.parse_args(arguments)
    try:
        if options.folder is not None:
            asyncio.run(show(options.folder.resolve(), keep=options.keep))
        else:
            with tempfile.TemporaryDirectory(prefix="whatsapp-mcp-demo-", ignore_cleanup_errors=True) as folder:
                asyncio.run(show(Path(folder), keep=options.keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except (BuildError, SceneError, StageError, ExceptionGroup) as error:
        cause = _first(error)
        if not isinstance(cause, BuildError | SceneError | StageError):
            raise
        sys.stderr.write(f"\nwhatsapp-mcp demo: {cause}\n")
        return 1
    return 0
