"""History jobs, and the merge that follows them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.results.base import BridgeState, Either, JobState, Record, Result


class HistoryJob(Either):
    """A request for history that lives in the bridge, whatever becomes of the caller."""

    job: str
    kind: Literal["account", "chat"]
    chat_jid: str | None = None
    state: JobState
    progress: int | None = Field(None, description="Percent, where it is known.")
    messages: int = Field(description="Messages that have arrived for it.")
    requests: int | None = None
    oldest_at: str | None = None
    exhausted: bool
    error_code: str | None = None
    error: str | None = None
    started_at: str | None = None
    updated_at: str


class HistoryProgress(HistoryJob):
    """A history job with what to do next."""

    note: str | None = None


class ChatHistory(Either):
    """How far back a chat's history reaches in the bridge that fetches it."""

    chat_jid: str
    job: HistoryJob | None = None
    messages: int
    oldest_at: str | None = None
    newest_at: str | None = None
    exhausted: bool


class HistoryGap(Record):
    """A time of which messages are or may be missing: behind `after`, before `before`; either may be open."""

    after: str | None = None
    before: str | None = None
    reason: Literal["fetch_stopped", "not_merged", "not_held", "not_linked"] = Field(
        description="A job ended early; fetched and not merged yet; fetched once and not there; this device was not "
        "linked, so that only what the phone pushed later is there."
    )
    mend: str | None = Field(None, description="The tool that may bring them, where one can.")


class HeldHistory(Record):
    """What messages.db holds of a chat."""

    messages: int
    oldest_at: str | None = None
    newest_at: str | None = None


class HistoryReach(ChatHistory):
    """How far back a chat's history reaches: in the bridge that fetched it, and in messages.db."""

    held: HeldHistory | None = Field(None, description="Of messages.db; absent where the Go bridge is away.")
    can_ask_more: bool = Field(description="fetch_history can ask the phone for older messages.")
    gaps: list[HistoryGap]


class HistoryStatus(Either):
    """A bridge's history: the initial push, jobs and rows that wait."""

    state: BridgeState
    initial: HistoryJob
    rows: int
    last_seq: int
    origin: str
    jobs: list[HistoryJob]
    temp_db_bytes: int


class MergeReport(Result):
    """What a merge of baileys_temp.db into messages.db did."""

    status: Literal["completed", "running", "nothing_new"]
    read: int = Field(description="Message rows read from baileys_temp.db.")
    inserted: int
    filled: int
    duplicates: int
    conflicts: int
    refused: int
    chats_touched: int
    batches: int
    watermark: int
    seconds: float
    rows_per_second: int
    note: str | None = None


class TempCleared(Result):
    """What was removed from baileys_temp.db."""

    messages_removed: int
    reactions_removed: int
    messages_kept: int = Field(description="Not merged into messages.db yet.")
    reactions_kept: int
    jobs_cancelled: int
    note: str | None = None


class SyncCheckpoint(Record):
    """How far back one chat's history reaches in messages.db."""

    chat_jid: str
    chat_name: str
    messages: int = Field(description="Messages held.")
    oldest_at: str | None = None
    newest_at: str | None = None
    fetched_to: str | None = Field(None, description="How far back history was fetched.")
    state: str = Field(description="Of the last job; pushing or pushed where none was; else not_fetched.")
    exhausted: bool = Field(description="The phone has nothing older.")
    can_ask_more: bool = Field(description="fetch_history can ask the phone for older messages.")
    gaps: list[HistoryGap]
    error: str | None = None
    updated_at: str | None = None


class SyncCheckpoints(Result):
    """A page of the chats that hold messages or whose history was asked for."""

    checkpoints: list[SyncCheckpoint]
    total: int
    next_cursor: str | None = None
