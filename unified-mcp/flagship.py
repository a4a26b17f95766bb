"""mark_community_as_read_with_history: the six steps look, fetch, wait, merge, mark and report, in one call.

Each step is idempotent, so that a second call goes on where the first was cut: jobs live in a bridge and are joined,
the merge has its watermark, a read group stays read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from errors import Code, WhatsAppError
from group_course import GroupCourse
from historian import Historian
from house import POLL_SECONDS, House
from tools.results import (
    ChatHistory,
    CommunityGroup,
    CommunityName,
    CommunityReport,
    MergeReport,
    Step,
)

MESSAGES_PER_GROUP = 1000
"""What is asked for each group; fetch_history goes further back."""
AT_ONCE = 4
"""Groups that are asked about side by side."""
OUTAGES = {
    Code.BRIDGE_UNREACHABLE,
    Code.BRIDGE_UNTRUSTED,
    Code.BRIDGE_TIMEOUT,
    Code.ACCESS_DENIED,
    Code.BAILEYS_NOT_CONNECTED,
    Code.NOT_PAIRED,
    Code.PASSKEY_REQUIRED,
    Code.CLIENT_OUTDATED,
    Code.AUTH_EXPIRED,
    Code.SESSION_REPLACED,
    Code.TEMPORARILY_BANNED,
}
"""What every other group would meet as well, so that they are not even asked about."""

STORED = "the Go bridge has put what it fetched into messages.db itself"

StepName = Literal["look", "fetch", "wait", "merge", "mark", "report"]
Outcome = Literal["done", "partly", "skipped", "running", "failed"]


@dataclass
class _Journey:
    """One run of the flagship."""

    house: House
    community_jid: str
    ends: float
    community: CommunityName = field(init=False)
    groups: list[GroupCourse] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    merged: MergeReport | None = None
    outage: WhatsAppError | None = None
    """Why no bridge can be asked for history any more."""
    unmarked: str | None = None
    """Why groups without a row of their own are not marked."""

    @contextmanager
    def step(self, name: StepName) -> Iterator[list[tuple[Outcome, str]]]:
        """Time a step; the body puts its outcome and note into the list."""
        said: list[tuple[Outcome, str]] = []
        started = time.monotonic()
        yield said
        outcome, note = said[-1]
        self.steps.append(Step(name=name, outcome=outcome, seconds=round(time.monotonic() - started, 3), note=note))

    async def _groups(self, community_jid: str) -> tuple[CommunityName, dict[str, CommunityGroup]]:
        """The community with all its groups; one that moves between pages while they are read counts once."""
        found: dict[str, CommunityGroup] = {}
        page = 0
        while True:
            answer = await self.house.go.community_groups(community_jid, page)
            known = len(found)
            found.update((group.jid, group) for group in answer.groups if group.jid not in found)
            page += 1
            if len(found) in (known, answer.total):
                return answer.community, found

    async def look(self) -> None:
        with self.step("look") as said:
            self.community, found = await self._groups(self.community_jid)
            self.groups = [GroupCourse(group) for group in found.values()]
            await _side_by_side(self._anchor, [group for group in self.groups if group.group.joined])
            said.append(("done", f"{len(self.groups)} groups, {len(self._lacking())} of them may lack history"))

    async def _anchor(self, group: GroupCourse) -> None:
        try:
            group.anchor = await self.house.go.anchor(group.group.jid)
        except WhatsAppError as error:
            if error.code in OUTAGES:
                raise
            if error.code is not Code.CHAT_NOT_FOUND:
                group.trouble = error.message

    def _lacking(self) -> list[GroupCourse]:
        return [g for g in self.groups if g.group.joined and not (g.anchor and g.anchor.exhausted)]

    async def fetch(self) -> None:
        with self.step("fetch") as said:
            lacking = self._lacking()
            if not lacking:
                said.append(("skipped", "no group lacks history"))
                return
            await self.house.report(10, 100, f"asking the phone for the history of {len(lacking)} groups")
            await _side_by_side(self._ask, lacking)
            asked = sum(group.asked for group in lacking)
            silent = sum(group.silent for group in lacking)
            refused = sum(group.trouble is not None and not group.asked for group in lacking)
            note = f"{asked} groups asked for, {len(lacking) - asked - silent - refused} fetched before"
            if by_go := sum(group.asked and group.by_go for group in lacking):
                note += f", {by_go} through the Go bridge"
            if silent:
                note += f", {silent} without a message to ask from"
            if not refused:
                said.append(("done", note))
                return
            why = f"{self.outage.message} {self.outage.resolution}" if self.outage else _first_trouble(lacking)
            said.append(("partly" if asked else "failed", f"{note}, {refused} not asked for: {why}"))

    async def _ask(self, group: GroupCourse) -> None:
        if self.outage is None:
            try:
                await self._start(group)
                return
            except WhatsAppError as error:
                if error.code is Code.NO_CHECKPOINT:
                    group.silent = True
                    return
                self._give_up(group, error)
        else:
            group.trouble = self.outage.message

    def _give_up(self, group: GroupCourse, error: WhatsAppError) -> None:
        group.trouble = error.message
        if error.code in OUTAGES:
            self.outage = self.outage or error

    async def _start(self, group: GroupCourse) -> None:
        """Start or join the group's job, unless the phone gave what is asked for before."""
        historian = Historian(self.house)
        try:
            group.history = await historian.chat(group.jid)
        except WhatsAppError as error:
            if error.code is not Code.NO_CHECKPOINT:
                raise
        known = group.history
        job = known.job if known else None
        if known and (known.exhausted or (job and job.state == "completed" and job.messages >= MESSAGES_PER_GROUP)):
            return
        started = await historian.start(group.jid, group.anchor, MESSAGES_PER_GROUP, resume=True)
        group.asked = True
        group.earlier = job.messages if job and job.job == started.job else 0
        group.history = ChatHistory(
            chat_jid=group.jid,
            job=started,
            messages=known.messages if known else 0,
            exhausted=started.exhausted,
            served_by=started.served_by,
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
            stopped = sum(group.trouble is not None for group in waiting)
            arrived = sum(group.fetched for group in waiting)
            if running:
                said.append(("running", f"{arrived} messages so far, {running} groups still on their way"))
            elif stopped:
                why = _first_trouble(waiting)
                said.append(("partly", f"{arrived} messages; {stopped} groups stopped early: {why}"))
            else:
                said.append(("done", f"{arrived} messages from {len(waiting)} groups"))

    async def _follow(self, group: GroupCourse) -> None:
        if self.outage is None and group.history is not None:
            try:
                group.history = await Historian(self.house).follow(group.history)
                return
            except WhatsAppError as error:
                self._give_up(group, error)
        group.lost = True
        group.trouble = group.trouble or (self.outage.message if self.outage else None)

    def _note_rested(self, waiting: list[GroupCourse]) -> None:
        for group in waiting:
            job = group.history.job if group.history else None
            if job and job.state in ("paused", "failed", "cancelled"):
                group.trouble = job.error or f"the history job is {job.state}"

    async def merge(self) -> None:
        with self.step("merge") as said:
            if not self.house.merger.has_source and not any(group.asked and not group.by_go for group in self.groups):
                fetched = any(group.asked for group in self.groups)
                said.append(("skipped", STORED if fetched else "there is no fetched history"))
                return

            async def report(_: float, __: float | None, sentence: str) -> None:
                await self.house.report(65, 100, f"merging: {sentence}")

            await report(0, None, "looking what is new")
            try:
                # The budget may be spent on waiting; a merge that is due still gets a moment.
                seconds = max(1.0, self.ends - time.monotonic())
                merged = await self.house.merger.merge(seconds=seconds, report=report)
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
                answer = await self.house.go.mark_community_read(self.community.jid)
            except WhatsAppError as error:
                self.unmarked = error.message
                said.append(("failed", f"{error.message} {error.resolution}"))
                return
            self.unmarked = "the Go bridge says nothing of this group"
            rows = {row.jid: row for row in answer.groups}
            for group in self.groups:
                group.read = rows.get(group.group.jid)
            joined = [group.read for group in self.groups if group.group.joined]
            failed = sum(read is None or read.status == "failed" for read in joined)
            note = f"{sum(read.messages_marked for read in joined if read)} messages marked read"
            said.append(("partly" if failed else "done", note + (f", {failed} groups failed" if failed else "")))

    def unfinished(self) -> bool:
        """Whether history is still on its way, so that marking now would mark too little."""
        return any(group.working for group in self.groups) or bool(self.merged and self.merged.status == "running")

    async def report(self) -> CommunityReport:
        with self.step("report") as said:
            now: dict[str, CommunityGroup] = {}
            try:
                _, now = await self._groups(self.community.jid)
                held = sum(group.messages for group in now.values())
                said.append(("done", f"{held} messages held in {len(now)} groups"))
            except WhatsAppError as error:
                said.append(("failed", error.message))
        troubled = any(step.outcome in ("failed", "partly") for step in self.steps)
        running = self.unfinished()
        merged = self.merged is not None and self.merged.status != "running"
        return CommunityReport(
            status="running" if running else "partial" if troubled else "completed",
            community=self.community,
            steps=self.steps,
            groups=[
                group.outcome(now.get(group.group.jid, group.group), unmarked=self.unmarked, merged=merged)
                for group in self.groups
            ],
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


_Work = Callable[[GroupCourse], Awaitable[None]]


async def _side_by_side(work: _Work, groups: list[GroupCourse]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(group: GroupCourse) -> None:
        async with gate:
            await work(group)

    results = await asyncio.gather(*(one(group) for group in groups), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _first_trouble(groups: list[GroupCourse]) -> str:
    return next(group.trouble for group in groups if group.trouble)
