"""mark_community_as_read_with_history: the six steps look, fetch, wait, merge, mark and report, in one call.

Each step is idempotent, so that a second call goes on where the first was cut: jobs live in the Baileys bridge and are
joined, the merge has its watermark, a read group stays read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from backends.operations import Anchor
from errors import Code, WhatsAppError
from house import POLL_SECONDS, WORKING, House, history_request
from tools.results import (
    ChatHistory,
    CommunityGroup,
    CommunityName,
    CommunityReport,
    GroupOutcome,
    GroupRead,
    MergeReport,
    Step,
)

MESSAGES_PER_GROUP = 1000
"""What is asked for each group; fetch_history goes further back."""
AT_ONCE = 4
"""Groups that are asked about side by side."""

StepName = Literal["look", "fetch", "wait", "merge", "mark", "report"]
Outcome = Literal["done", "partly", "skipped", "running", "failed"]


@dataclass
class _Group:
    """A group on its way through the steps."""

    group: CommunityGroup
    anchor: Anchor | None = None
    history: ChatHistory | None = None
    before: int = 0
    asked: bool = False
    trouble: str | None = None
    read: GroupRead | None = None

    @property
    def jid(self) -> str:
        return self.anchor.chat_jid if self.anchor else self.group.jid

    @property
    def working(self) -> bool:
        job = self.history.job if self.history else None
        return self.asked and job is not None and job.state in WORKING

    @property
    def fetched(self) -> int:
        job = self.history.job if self.history else None
        return job.messages if self.asked and job else 0


@dataclass
class _Journey:
    """One run of the flagship."""

    house: House
    community_jid: str
    ends: float
    community: CommunityName = field(init=False)
    groups: list[_Group] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    merged: MergeReport | None = None

    @contextmanager
    def step(self, name: StepName) -> Iterator[list[tuple[Outcome, str]]]:
        """Time a step; the body puts its outcome and note into the list."""
        said: list[tuple[Outcome, str]] = []
        started = time.monotonic()
        yield said
        outcome, note = said[-1]
        self.steps.append(Step(name=name, outcome=outcome, seconds=round(time.monotonic() - started, 3), note=note))

    async def look(self) -> None:
        with self.step("look") as said:
            page = 0
            while True:
                answer = await self.house.go.community_groups(self.community_jid, page)
                self.community = answer.community
                self.groups += [_Group(group, before=group.messages) for group in answer.groups]
                page += 1
                if not answer.groups or len(self.groups) >= answer.total:
                    break
            await _side_by_side(self._anchor, [g for g in self.groups if g.group.joined])
            lacking = len(self._lacking())
            said.append(("done", f"{len(self.groups)} groups, {lacking} of them may lack history"))

    async def _anchor(self, group: _Group) -> None:
        try:
            group.anchor = await self.house.go.anchor(group.group.jid)
        except WhatsAppError as error:
            if error.code is not Code.CHAT_NOT_FOUND:
                raise

    def _lacking(self) -> list[_Group]:
        return [g for g in self.groups if g.group.joined and not (g.anchor and g.anchor.exhausted)]

    async def fetch(self) -> None:
        with self.step("fetch") as said:
            lacking = self._lacking()
            if not lacking:
                said.append(("skipped", "no group lacks history"))
                return
            await self.house.report(10, 100, f"asking the phone for the history of {len(lacking)} groups")
            try:
                await _side_by_side(self._ask, lacking)
            except WhatsAppError as error:
                for group in lacking:
                    group.trouble = group.trouble or error.message
                said.append(("failed", f"{error.message} {error.resolution}"))
                return
            asked = sum(group.asked for group in lacking)
            refused = sum(group.trouble is not None for group in lacking)
            known = len(lacking) - asked - refused
            note = f"{asked} groups asked for, {known} fetched before"
            said.append(("partly" if refused else "done", note + (f", {refused} refused" if refused else "")))

    async def _ask(self, group: _Group) -> None:
        baileys = self.house.baileys
        try:
            group.history = await baileys.chat_history(group.jid)
        except WhatsAppError as error:
            if error.code is not Code.NO_CHECKPOINT:
                raise
        job = group.history.job if group.history else None
        if group.history and (group.history.exhausted or (job and job.state == "completed")):
            return
        request = history_request(group.jid, group.anchor, MESSAGES_PER_GROUP, resume=True)
        try:
            started = await baileys.fetch(request)
        except WhatsAppError as error:
            if error.code is not Code.NO_CHECKPOINT:
                raise
            group.trouble = "no message is known to ask backwards from"
            return
        group.asked = True
        known = group.history
        group.history = ChatHistory(
            chat_jid=group.jid,
            job=started,
            messages=known.messages if known else 0,
            exhausted=started.exhausted,
        )

    async def wait(self) -> None:
        with self.step("wait") as said:
            waiting = [group for group in self.groups if group.asked]
            if not waiting:
                said.append(("skipped", "nothing was asked for"))
                return
            while any(group.working for group in waiting) and time.monotonic() < self.ends:
                arrived = sum(group.fetched for group in waiting)
                rested = sum(not group.working for group in waiting)
                await self.house.report(
                    10 + 50 * rested / len(waiting), 100, f"{arrived} messages from {len(waiting)} groups so far"
                )
                await asyncio.sleep(POLL_SECONDS)
                await _side_by_side(self._follow, [group for group in waiting if group.working])
            self._note_rested(waiting)
            running = sum(group.working for group in waiting)
            failed = sum(group.trouble is not None for group in waiting)
            arrived = sum(group.fetched for group in waiting)
            if running:
                said.append(("running", f"{arrived} messages so far, {running} groups still on their way"))
            elif failed:
                said.append(("partly", f"{arrived} messages; {failed} groups stopped early"))
            else:
                said.append(("done", f"{arrived} messages from {len(waiting)} groups"))

    async def _follow(self, group: _Group) -> None:
        group.history = await self.house.baileys.chat_history(group.jid)

    def _note_rested(self, waiting: list[_Group]) -> None:
        for group in waiting:
            job = group.history.job if group.history else None
            if job and job.state in ("paused", "failed", "cancelled"):
                group.trouble = job.error or f"the history job is {job.state}"

    async def merge(self) -> None:
        with self.step("merge") as said:
            await self.house.report(65, 100, "merging into messages.db")
            try:
                # The budget may be spent on waiting; a merge that is due still gets a moment.
                seconds = max(1.0, self.ends - time.monotonic())
                merged = await self.house.merger.merge(seconds=seconds, report=self.house.report)
            except WhatsAppError as error:
                said.append(("failed", f"{error.message} {error.resolution}"))
                return
            self.merged = merged
            note = f"{merged.inserted} new, {merged.duplicates} known already, {merged.conflicts} conflicts"
            said.append(("running" if merged.status == "running" else "done", note))

    async def mark(self) -> None:
        with self.step("mark") as said:
            if self.unfinished():
                said.append(("skipped", "waits until the history is merged; call again"))
                return
            await self.house.report(80, 100, "marking the groups read")
            try:
                answer = await self.house.go.mark_community_read(self.community_jid)
            except WhatsAppError as error:
                said.append(("failed", f"{error.message} {error.resolution}"))
                return
            rows = {row.jid: row for row in answer.groups}
            for group in self.groups:
                group.read = rows.get(group.group.jid)
            failed = sum(row.status == "failed" for row in answer.groups)
            note = f"{answer.messages_marked} messages marked read"
            said.append(("partly" if failed else "done", note + (f", {failed} groups failed" if failed else "")))

    def unfinished(self) -> bool:
        """Whether history is still on its way, so that marking now would mark too little."""
        return any(group.working for group in self.groups) or bool(self.merged and self.merged.status == "running")

    async def report(self) -> CommunityReport:
        with self.step("report") as said:
            now: dict[str, int] = {}
            try:
                page = 0
                while len(now) < len(self.groups):
                    answer = await self.house.go.community_groups(self.community_jid, page)
                    if not answer.groups:
                        break
                    now.update((group.jid, group.messages) for group in answer.groups)
                    page += 1
                said.append(("done", f"{sum(now.values())} messages held in {len(now)} groups"))
            except WhatsAppError as error:
                said.append(("failed", error.message))
        troubled = any(step.outcome in ("failed", "partly") for step in self.steps)
        running = self.unfinished()
        return CommunityReport(
            status="running" if running else "partial" if troubled else "completed",
            community=self.community,
            steps=self.steps,
            groups=[_outcome(group, now.get(group.group.jid, group.before), running=running) for group in self.groups],
            messages_fetched=sum(group.fetched for group in self.groups),
            messages_merged=self.merged.inserted if self.merged else 0,
            messages_marked=sum(group.read.messages_marked for group in self.groups if group.read),
            next_call=f"mark_community_as_read_with_history(community_jid={self.community.jid!r})"
            if running or troubled
            else None,
        )


async def mark_community_as_read_with_history(
    house: House, *, community_jid: str, sync_timeout: int
) -> CommunityReport:
    """Fetch what is missing, merge it, mark the groups read; see the tool's description."""
    budget = min(float(sync_timeout), house.settings.wait_budget)
    journey = _Journey(house, community_jid, time.monotonic() + budget)
    await journey.look()
    await journey.fetch()
    await journey.wait()
    await journey.merge()
    await journey.mark()
    return await journey.report()


_Work = Callable[[_Group], Awaitable[None]]


async def _side_by_side(work: _Work, groups: list[_Group]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(group: _Group) -> None:
        async with gate:
            await work(group)

    results = await asyncio.gather(*(one(group) for group in groups), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _outcome(group: _Group, messages_now: int, *, running: bool) -> GroupOutcome:
    read = group.read
    if not group.group.joined:
        status: Literal["read", "already_read", "not_joined", "failed", "pending"] = "not_joined"
    elif read is not None:
        status = read.status
    else:
        status = "pending" if running else "failed"
    return GroupOutcome(
        jid=group.group.jid,
        name=group.group.name,
        messages_before=group.before,
        fetched=group.fetched,
        messages_now=messages_now,
        marked_read=read.messages_marked if read else 0,
        status=status,
        history=_history(group),
        note=group.trouble or (read.message if read else None),
    )


def _history(group: _Group) -> Literal["complete", "partial", "not_asked", "running", "failed"]:
    job = group.history.job if group.history else None
    if (group.anchor and group.anchor.exhausted) or (group.history and group.history.exhausted):
        return "complete"
    if group.working:
        return "running"
    if group.trouble is not None:
        return "failed"
    return "partial" if job is not None else "not_asked"
