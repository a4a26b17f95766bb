"""get_sync_status: how far back a chat's history reaches, of what both bridges know of it."""

from __future__ import annotations

from errors import AWAY, Code, WhatsAppError
from historian import Historian
from house import House
from routing import ADDRESS
from tools.results import ChatHistory, HeldHistory, HistoryGap, HistoryReach, SyncCheckpoint

STOPPED = ("paused", "failed", "cancelled")


async def get_sync_status(house: House, *, chat_jid: str) -> HistoryReach:
    """The chat's job, what waits to be merged, what messages.db holds, and what is missing between them.

    Raises `NO_CHECKPOINT` where neither bridge knows anything of the chat.
    """
    held = await _held(house, chat_jid)
    try:
        fetched = await Historian(house).chat(held.chat_jid if held else chat_jid)
    except WhatsAppError as error:
        if error.code is not Code.NO_CHECKPOINT or held is None or held.messages == 0:
            raise
        fetched = ChatHistory(chat_jid=held.chat_jid, messages=0, exhausted=held.exhausted)
    exhausted = fetched.exhausted or (held is not None and held.exhausted)
    known = fetched.messages > 0 if held is None else held.can_ask_more
    return HistoryReach(
        **{**fetched.model_dump(), "exhausted": exhausted},
        held=HeldHistory.model_validate(held.model_dump()) if held else None,
        can_ask_more=known and not exhausted,
        gaps=_gaps(fetched, held, exhausted=exhausted),
    )


async def _held(house: House, chat_jid: str) -> SyncCheckpoint | None:
    """What messages.db knows; None where it cannot be asked or knows nothing, which a name alone does not survive."""
    try:
        return await house.go.checkpoint(chat_jid)
    except WhatsAppError as error:
        if error.code in (*AWAY, Code.CHAT_NOT_FOUND) and ADDRESS.fullmatch(chat_jid):
            return None
        raise


def _gaps(fetched: ChatHistory, held: SyncCheckpoint | None, *, exhausted: bool) -> list[HistoryGap]:
    """The job is known better by its bridge than by what was merged of it, and so is what waits."""
    oldest = held.oldest_at if held else None
    unmerged = held is not None and fetched.oldest_at is not None and (oldest is None or fetched.oldest_at < oldest)
    replaced = {"fetch_stopped"} if fetched.job or exhausted else set[str]()
    if unmerged:
        replaced.add("not_held")
    gaps = [gap for gap in (held.gaps if held else []) if gap.reason not in replaced]
    if unmerged:
        gaps.append(
            HistoryGap(after=fetched.oldest_at, before=oldest, reason="not_merged", mend="sync_history_to_database")
        )
    if fetched.job is not None and fetched.job.state in STOPPED and not exhausted:
        ends = [at for at in (oldest, fetched.oldest_at, fetched.job.oldest_at) if at is not None]
        gaps.append(HistoryGap(before=min(ends, default=None), reason="fetch_stopped", mend="resume_sync"))
    return gaps
