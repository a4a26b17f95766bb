"""Plays calls on a stage as a client does, and keeps what was asked and answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from mcp import Client
from mcp_types import TextContent
from pydantic import JsonValue

from answers.steady import Stable
from caller import Caller
from cli.answers import Example, Page, Step, ToolExample
from cli.emulated import Emulated, World
from cli.stage import Stage, until
from tools.results import ChatHistory, HistoryStatus, MessageList

Answer = dict[str, JsonValue]
STILL = 8
"""How many looks in a row must find nothing new."""


class Recorder:
    """One run: `tools` by name and `pages` as they are played."""

    def __init__(self, stage: Stage, client: Client, world: World) -> None:
        self.stage, self.client, self.world = stage, client, world
        self.caller = Caller(client)
        self.stable = Stable(stage)
        self.tools: dict[str, ToolExample] = {}
        self.pages: dict[str, Page] = {}

    @property
    def emulated(self) -> Emulated:
        """The people and the phone."""
        return self.stage.emulated

    def file(self, name: str, content: bytes) -> str:
        """The path of a file that may be sent; it is shown as one of the person's downloads."""
        path: Path = self.stage.folder / "whatsapp" / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.stable.show(str(path), f"/home/ann/Downloads/{name}")
        return str(path)

    async def tool(self, question: str, name: str, /, **arguments: JsonValue) -> Answer:
        """Play a tool's example, which must succeed."""
        if name in self.tools:
            raise ValueError(f"{name} has an example already")
        shown, answer = await self.step(name, arguments, name, refused=False)
        self.tools[name] = ToolExample(question=question, step=shown)
        return answer

    def page(self, name: str, title: str, opening: str) -> None:
        """Begin a page of examples."""
        self.pages[name] = Page(name=name, title=title, opening=opening, examples=[])

    def example(self, page: str, title: str, question: str, told: str) -> Asked:
        """Begin an example of a page."""
        begun = Example(title=title, question=question, steps=[], told=told)
        self.pages[page].examples.append(begun)
        return Asked(self, begun, f"{page} {len(self.pages[page].examples)}")

    async def hear(self, who: str, text: str, *, id_: str, chat: str | None = None) -> str:
        """Let somebody speak, wait until it is stored, and give its id."""
        said = await self.emulated.say(who, text, chat=chat, id_=id_)
        await self.stored(chat or who, said.id)
        return said.id

    async def stored(self, chat: str, id_: str) -> None:
        """Wait until a message that somebody sent is stored."""
        await until(
            lambda: self.caller.ask(MessageList, "list_messages", chat_jid=chat, limit=20, include_context=False),
            lambda listed: any(message.id == id_ for message in listed.messages),
        )

    @asynccontextmanager
    async def late_answer(self) -> AsyncIterator[None]:
        """The phone answers what it is asked for history only after the calls in between, which see the job running."""
        await self.emulated.fault("phone_offline")
        before = (await self._history()).rows
        yield
        await self.emulated.fault("phone_offline", on=False)
        await until(self._history, lambda seen: seen.rows > before)

    async def quiet(self) -> None:
        """Wait until the Baileys bridge has taken in what was read elsewhere, so that merges count the same rows."""
        seen: list[int] = []

        def still(status: HistoryStatus) -> bool:
            seen.append(status.last_seq)
            return len(seen) >= STILL and len(set(seen[-STILL:])) == 1

        await until(self._history, still)

    async def _history(self) -> HistoryStatus:
        return await self.caller.ask(HistoryStatus, "get_baileys_sync_status")

    async def fetched(self, chat: str) -> None:
        """Wait until a chat's history job has come to its end."""
        await until(
            lambda: self.caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
            lambda seen: seen.job is not None and seen.job.state == "completed",
        )

    async def step(
        self, name: str, arguments: Mapping[str, JsonValue], where: str, *, refused: bool
    ) -> tuple[Step, Answer]:
        """A call as it is recorded, and its answer as it was."""
        result = await self.client.call_tool(name, dict(arguments))
        text = next(block.text for block in result.content if isinstance(block, TextContent))
        assert bool(result.is_error) is refused, f"{name} answered {text}"
        answer: Answer = json.loads(text) if refused else cast("Answer", result.structured_content)
        shown = {key: self.stable.value(value, where) for key, value in arguments.items()}
        return Step(tool=name, arguments=shown, answer=self.stable.value(answer, where), refused=refused), answer


def first(answer: Answer, name: str) -> Answer:
    """The first row of a list in an answer."""
    rows = answer[name]
    assert isinstance(rows, list)
    row = rows[0]
    assert isinstance(row, dict)
    return row


class Asked:
    """An example while it is played."""

    def __init__(self, recorder: Recorder, example: Example, where: str) -> None:
        self._recorder, self._example, self._where = recorder, example, where
        self._before = ""

    def meanwhile(self, what: str) -> None:
        """Something that happens before the next call, in a sentence."""
        self._before = what

    async def call(self, name: str, /, **arguments: JsonValue) -> Answer:
        """A call that must succeed."""
        return await self._step(name, arguments, refused=False)

    async def refused(self, name: str, /, **arguments: JsonValue) -> Answer:
        """A call that must be refused."""
        return await self._step(name, arguments, refused=True)

    async def _step(self, name: str, arguments: Mapping[str, JsonValue], *, refused: bool) -> Answer:
        where = f"{self._where}.{len(self._example.steps) + 1}"
        shown, answer = await self._recorder.step(name, arguments, where, refused=refused)
        self._example.steps.append(shown.model_copy(update={"before": self._before}))
        self._before = ""
        return answer
