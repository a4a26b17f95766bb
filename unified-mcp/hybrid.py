"""The operations that need both bridges, or more than one request, composed of their parts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from backends.bridge import Bridge
from backends.operations import Anchor, BridgeStatus, ChatQuestion, Merged, Watermark, Wipe
from diagnosis import Finding, diagnose, seconds
from errors import AWAY, Code, WhatsAppError
from flagship import mark_community_as_read_with_history
from historian import Historian
from history_reach import get_sync_status
from house import House
from routing import addressed
from sync import Tally
from tools.results import (
    BackendStatus,
    BridgeReport,
    HistoryJob,
    HistoryProgress,
    HistoryStatus,
    MergeReport,
    Result,
    TempCleared,
)

AGAIN_SECONDS = 3
"""How long a message may be on its way to one bridge when the other has it."""


async def backend_status(house: House) -> BackendStatus:
    """Both bridges, asked at once; one that is missing is an answer, not an error."""
    told = await asyncio.gather(_status(house.go), _status(house.baileys))
    if "silent" in {finding.health for finding in _findings(*told)}:
        await asyncio.sleep(AGAIN_SECONDS)
        told = await asyncio.gather(_status(house.go), _status(house.baileys))
    findings = _findings(*told)
    go = _report(house.go, "go", told[0], findings[0])
    baileys = _report(house.baileys, "baileys", told[1], findings[1])
    return BackendStatus(summary=_summary(go, baileys), go=go, baileys=baileys)


Told = BridgeStatus | WhatsAppError
"""What became of asking a bridge how it is."""


async def _status(bridge: Bridge) -> Told:
    try:
        return await bridge.status()
    except WhatsAppError as error:
        return error


def _findings(go: Told, baileys: Told) -> tuple[Finding, Finding]:
    def find(one: Told, other: Told) -> Finding:
        if isinstance(one, WhatsAppError):
            return Finding("down", one.message, one.resolution)
        return diagnose(one, None if isinstance(other, WhatsAppError) else other, time.time())

    return find(go, baileys), find(baileys, go)


def _report(bridge: Bridge, backend: Literal["go", "baileys"], told: Told, finding: Finding) -> BridgeReport:
    if isinstance(told, WhatsAppError):
        states: Mapping[Code, Literal["unreachable", "untrusted"]] = {
            Code.BRIDGE_UNREACHABLE: "unreachable",
            Code.BRIDGE_UNTRUSTED: "untrusted",
        }
        return BridgeReport(
            backend=backend,
            url=bridge.url,
            state=states.get(told.code, "failed"),
            logged_in=False,
            health="down",
            reason=finding.reason,
            resolution=finding.resolution,
        )
    return BridgeReport(
        backend=backend,
        url=bridge.url,
        state=told.state,
        logged_in=told.logged_in,
        health=finding.health,
        since=told.since,
        jid=told.jid,
        push_name=told.push_name,
        last_event_at=told.last_event_at,
        last_event_age_s=_age(told.last_event_at),
        last_stored_at=told.last_stored_at,
        last_stored_age_s=_age(told.last_stored_at),
        messages=told.messages,
        chats=told.chats,
        queue_depth=told.queue_depth,
        jobs=told.jobs,
        emulated=told.emulated or None,
        reason=told.reason or finding.reason,
        resolution=told.resolution or finding.resolution,
    )


def _age(at: str | None) -> int | None:
    return None if at is None else max(0, int(time.time()) - seconds(at))


def _summary(go: BridgeReport, baileys: BridgeReport) -> str:
    doubts = [
        f"The {name} bridge is connected but {report.health}: {report.reason} {report.resolution}"
        for name, report in (("Go", go), ("Baileys", baileys))
        if report.health in ("silent", "stuck")
    ]
    if doubts:
        return " ".join(doubts)
    if go.state == "connected" and baileys.state == "connected":
        return "Both bridges are connected: everything works."
    if go.state == "connected":
        lost = "all but reading business catalogs works, and history comes through the Go bridge"
        return f"The Go bridge is connected; the Baileys bridge is {_words(baileys)}: {lost}."
    if go.state == "unreachable" and baileys.state == "connected":
        return (
            "The Go bridge is unreachable: nothing that is stored can be read. The Baileys bridge fetches history, "
            "reads business catalogs, and stands in for texts, look-ups, blocks and privacy, by number or JID."
        )
    if go.state in ("unreachable", "untrusted", "failed"):
        return f"The Go bridge is {_words(go)}: no question can be answered and nothing sent."
    return f"The Go bridge is {_words(go)}: stored messages can be read, nothing can be sent."


def _words(report: BridgeReport) -> str:
    return report.state.replace("_", " ")


async def retrieve_full_history(house: House, *, wait_for_completion: bool, timeout: int) -> HistoryProgress:
    """Start or join the account's history job and wait for it within the budget."""
    historian = Historian(house)
    started = await historian.account()
    job = started
    if wait_for_completion:
        job = await house.wait(timeout, started, lambda: historian.account_again(started))
    return _progress(job, "Call retrieve_full_history again to follow it.")


async def get_baileys_sync_status(house: House) -> HistoryStatus:
    """All history jobs: of the Baileys bridge while it runs."""
    return await Historian(house).overview()


async def fetch_history(house: House, *, chat_jid: str, resume: bool, max_messages: int) -> HistoryProgress:
    """Start a chat's job from the oldest message that either database knows."""
    anchor = await _anchor(house, chat_jid)
    job = await Historian(house).start(chat_jid, anchor, max_messages, resume=resume)
    return _progress(job, "Follow it with get_sync_status.")


async def resume_sync(house: House, *, chat_jid: str, max_messages: int) -> HistoryProgress:
    """Go on with a chat that has had a job; messages that merely came are none."""
    anchor = await _anchor(house, chat_jid)
    historian = Historian(house)
    told = await historian.chat(anchor.chat_jid if anchor else chat_jid)
    if told.job is None:
        raise WhatsAppError(
            Code.NO_CHECKPOINT,
            "No history job of this chat was ever begun.",
            resolution="Begin one with fetch_history.",
        )
    job = await historian.start(chat_jid, anchor, max_messages, resume=True)
    return _progress(job, "Follow it with get_sync_status.")


async def cancel_sync(house: House, *, chat_jid: str) -> HistoryJob:
    """End a chat's job, in whichever bridge it is."""
    chat = await addressed(house.go, ChatQuestion(chat_jid=chat_jid))
    return await Historian(house).cancel(chat.chat_jid)


async def clear_temp_storage(house: House) -> TempCleared:
    """Remove what messages.db holds; without the Go bridge nobody knows what that is, and nothing is removed."""
    await house.baileys.history()  # who is missing is named first
    mark = await house.go.watermark("baileys")
    cleared = await house.baileys.clear(Merged(origin=mark.origin or None, merged_seq=mark.seq))
    if cleared.messages_kept + cleared.reactions_kept == 0:
        return cleared
    note = "Some rows are not merged yet: call sync_history_to_database, then this again."
    return cleared.model_copy(update={"note": note})


async def clear_baileys_temp_data(house: House, *, force: bool) -> TempCleared:
    """Remove everything; forced, it needs no Go bridge."""
    await house.baileys.history()  # who is missing is named first
    try:
        mark = await house.go.watermark("baileys")
    except WhatsAppError as error:
        if not force or error.code not in AWAY:
            raise
        mark = Watermark(source="baileys", seq=0)
    return await house.baileys.wipe(Wipe(origin=mark.origin or None, merged_seq=mark.seq, force=force))


async def _anchor(house: House, chat_jid: str) -> Anchor | None:
    """Where messages.db begins; None when the Go bridge is away, since the temporary store has anchors of its own."""
    try:
        return await house.go.anchor(chat_jid)
    except WhatsAppError as error:
        if error.code in AWAY:
            return None
        raise


def _progress(job: HistoryJob, follow: str) -> HistoryProgress:
    notes = {
        "queued": f"It waits for its turn. {follow}",
        "running": f"It goes on by itself. {follow}",
        "paused": "It waits for the phone; bring it online. Calling again with resume goes on at once.",
        "completed": "Now call sync_history_to_database to merge it into messages.db."
        if job.served_by is None
        else "It is in messages.db already: the Go bridge puts what it fetches there itself.",
        "failed": "It failed; error says why.",
        "cancelled": "It was cancelled.",
    }
    return HistoryProgress(**job.model_dump(), note=notes[job.state])


async def sync_history_to_database(house: House, *, chat_jid: str | None) -> MergeReport:
    """Merge what waits; with a chat, say how much is held of it afterwards."""
    if chat_jid is not None:
        await _known(house, chat_jid)
    if not house.merger.has_source and await _goes_without_baileys(house):
        return Tally().report(running=False).model_copy(update={"note": WITHOUT_BAILEYS})
    merged = await house.merger.merge(seconds=house.settings.wait_budget, report=house.report)
    if chat_jid is None or merged.status == "running":
        return merged
    anchor = await _known(house, chat_jid)
    if anchor is None:
        note = f"messages.db knows no chat {chat_jid}: nothing of it has been fetched. list_chats shows what is known."
    else:
        note = f"messages.db holds {anchor.messages} messages of {anchor.chat_jid}."
    return merged.model_copy(update={"note": note})


WITHOUT_BAILEYS = (
    "There is no Baileys bridge and no baileys_temp.db: what the Go bridge fetches is in messages.db already."
)


async def _goes_without_baileys(house: House) -> bool:
    try:
        await house.baileys.status()
    except WhatsAppError as error:
        return error.code is Code.BRIDGE_UNREACHABLE
    return False


async def _known(house: House, chat_jid: str) -> Anchor | None:
    """The chat in messages.db; a wrong or ambiguous one is an error, a chat that the merge may bring is not."""
    try:
        return await house.go.anchor(chat_jid)
    except WhatsAppError as error:
        if error.code is Code.CHAT_NOT_FOUND:
            return None
        raise


Composition = Callable[..., Awaitable[Result]]

COMPOSITIONS: Mapping[str, Composition] = {
    "backend_status": backend_status,
    "get_baileys_sync_status": get_baileys_sync_status,
    "retrieve_full_history": retrieve_full_history,
    "fetch_history": fetch_history,
    "get_sync_status": get_sync_status,
    "resume_sync": resume_sync,
    "cancel_sync": cancel_sync,
    "clear_temp_storage": clear_temp_storage,
    "clear_baileys_temp_data": clear_baileys_temp_data,
    "sync_history_to_database": sync_history_to_database,
    "mark_community_as_read_with_history": mark_community_as_read_with_history,
}
"""What carries a composed tool out, by the tool's name; all others are one request each."""
