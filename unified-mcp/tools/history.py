"""History: what was said before this device was linked."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, HYBRID, Effect, tool
from tools.results import HistoryJob, HistoryProgress, HistoryReach, MergeReport, SyncCheckpoints, TempCleared
from tools.vocabulary import ChatJid, Cursor, Force, Limit, MaxMessages, Resume, Timeout, WaitForCompletion

OFFLINE = (Code.BRIDGE_UNREACHABLE, Code.NOT_PAIRED, Code.BAILEYS_NOT_CONNECTED, Code.AUTH_EXPIRED)


@tool(
    BAILEYS.post("/api/history"),
    also=GO,
    effect=Effect.CHANGES,
    title="Retrieve the account's history",
    errors=OFFLINE,
)
async def retrieve_full_history(
    wait_for_completion: WaitForCompletion = True,
    timeout: Timeout = 300,
) -> HistoryProgress:
    """Collect the history that the phone pushes after linking, for all chats.

    Then call sync_history_to_database; what the Go bridge serves is merged already. For older messages of one chat use
    fetch_history.
    """
    ...


@tool(
    BAILEYS.post("/api/history/chats/{chat_jid}"),
    also=GO,
    effect=Effect.CHANGES,
    title="Fetch a chat's older messages",
    errors=(*OFFLINE, Code.NO_CHECKPOINT, Code.CHAT_NOT_FOUND),
)
async def fetch_history(
    chat_jid: ChatJid,
    resume: Resume = False,
    max_messages: MaxMessages = 1000,
) -> HistoryProgress:
    """Ask the phone for a chat's older messages, 50 at a time, going back from the oldest known.

    Starts a job or joins the one that runs; the phone must be online. Watch it with get_sync_status, then call
    sync_history_to_database. Without the Baileys bridge the Go bridge does it, and nothing needs merging.
    """
    ...


@tool(
    BAILEYS.get("/api/history/chats/{chat_jid}"),
    also=GO,
    effect=Effect.READS,
    title="How far a chat's history is",
    errors=(Code.BRIDGE_UNREACHABLE, Code.NO_CHECKPOINT),
)
async def get_sync_status(chat_jid: ChatJid) -> HistoryReach:
    """Tell how a chat's history job stands, from when to when messages are held, and which gaps are known.

    `exhausted` means that the phone has no older ones; `can_ask_more` that fetch_history can ask for them.
    """
    ...


@tool(
    BAILEYS.post("/api/history/chats/{chat_jid}/cancel"),
    also=GO,
    effect=Effect.CHANGES,
    idempotent=False,
    title="Stop fetching a chat's history",
    errors=(Code.BRIDGE_UNREACHABLE, Code.NO_ACTIVE_SYNC),
)
async def cancel_sync(chat_jid: ChatJid) -> HistoryJob:
    """End a chat's history job: nothing more is asked for, what has arrived stays.

    resume_sync goes on from there later.
    """
    ...


@tool(
    BAILEYS.post("/api/history/chats/{chat_jid}"),
    also=GO,
    effect=Effect.CHANGES,
    title="Go on fetching a chat's history",
    errors=(*OFFLINE, Code.NO_CHECKPOINT, Code.CHAT_NOT_FOUND),
)
async def resume_sync(chat_jid: ChatJid, max_messages: MaxMessages = 1000) -> HistoryProgress:
    """Go on where a chat's history job was paused, cancelled or ended.

    Joins the job if it runs. A chat that never had a job is NO_CHECKPOINT: begin with fetch_history.
    """
    ...


@tool(GO.get("/api/history/checkpoints"), effect=Effect.READS, title="How far back history reaches")
async def get_sync_checkpoints(limit: Limit = 50, cursor: Cursor | None = None) -> SyncCheckpoints:
    """Tell for each chat from when to when messages are held, known gaps, and if more can be fetched.

    Counts what messages.db holds: sync_history_to_database brings it up to date.
    """
    ...


@tool(
    BAILEYS.post("/api/history/clear"),
    effect=Effect.CHANGES,
    title="Remove merged rows",
    errors=(Code.BRIDGE_UNREACHABLE,),
)
async def clear_temp_storage() -> TempCleared:
    """Remove from baileys_temp.db the messages that messages.db holds already.

    Loses nothing: what is not merged yet stays, and so do the checkpoints.
    """
    ...


@tool(
    BAILEYS.post("/api/history/wipe"),
    effect=Effect.DESTROYS,
    idempotent=True,
    title="Empty the temporary store",
    errors=(Code.BRIDGE_UNREACHABLE, Code.UNSYNCED_ROWS, Code.SYNC_IN_PROGRESS),
)
async def clear_baileys_temp_data(force: Force = False) -> TempCleared:
    """Remove all rows and checkpoints from baileys_temp.db, and end its jobs.

    Refused while rows wait to be merged, unless forced: those are then lost here. messages.db and the link stay.
    """
    ...


@tool(
    HYBRID,
    effect=Effect.CHANGES,
    title="Merge fetched history",
    errors=(
        Code.BRIDGE_UNREACHABLE,
        Code.DATABASE_SCHEMA_MISMATCH,
        Code.DATABASE_CORRUPT,
        Code.DATABASE_SYNC_FAILED,
        Code.SYNC_IN_PROGRESS,
    ),
)
async def sync_history_to_database(chat_jid: ChatJid | None = None) -> MergeReport:
    """Merge fetched history into messages.db, where lists and searches look.

    Changes nothing that is known; safe to call again. chat_jid only adds how much is held of that chat.
    """
    ...
