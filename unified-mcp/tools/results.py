"""What tools answer: the shapes that both bridges and the orchestrator speak. Absent values are left out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """A value inside an answer.

    Validators are built at first use: clients wait for the start, not for the first answer.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Result(Record):
    """The answer of a tool."""


BridgeState = Literal[
    "not_paired",
    "connecting",
    "connected",
    "logged_out",
    "replaced",
    "client_outdated",
    "temporarily_banned",
    "passkey_required",
]
JobState = Literal["queued", "running", "paused", "completed", "failed", "cancelled"]
ChatKind = Literal["direct", "group", "community", "newsletter", "broadcast", "status"]


class Media(Record):
    """The file of a message."""

    kind: str
    mime: str | None = None
    file_name: str | None = None
    size: int | None = Field(None, description="Bytes.")
    duration_s: int | None = None


class Reaction(Record):
    """One person's reaction."""

    sender_jid: str
    sender_name: str
    emoji: str


class Message(Record):
    """A message as it stands in messages.db. Times are RFC 3339 in UTC."""

    id: str
    chat_jid: str
    chat_name: str
    sender_jid: str
    sender_name: str
    from_me: bool
    timestamp: str
    kind: str
    text: str | None = None
    quoted_id: str | None = None
    forwarded: bool | None = None
    edited_at: str | None = None
    revoked_at: str | None = None
    starred: bool | None = None
    read: bool
    media: Media | None = None
    reactions: list[Reaction] | None = None
    snippet: str | None = None


class MessageHit(Message):
    """A message with its neighbours in the chat, oldest first."""

    context_before: list[Message] | None = None
    context_after: list[Message] | None = None


class Chat(Record):
    """One conversation: a person, a group, a community, a newsletter."""

    jid: str
    lid: str | None = None
    phone: str | None = None
    name: str
    kind: ChatKind
    community_jid: str | None = None
    archived: bool | None = None
    pinned: bool | None = None
    muted_until: str | None = None
    unread_count: int
    last_message_at: str | None = None
    last_message: Message | None = None


class SentMessage(Result):
    """What became of a send. `unacknowledged` is not an error: WhatsApp has not confirmed yet."""

    status: Literal["sent", "unacknowledged"]
    message_id: str
    chat_jid: str
    chat_name: str
    timestamp: str


class ChatList(Result):
    """A page of chats."""

    chats: list[Chat]
    total: int
    next_cursor: str | None = None


class OneChat(Result):
    """A conversation."""

    chat: Chat


class LastInteraction(Result):
    """The newest message with a person; missing when there is none."""

    contact_jid: str
    contact_name: str
    message: Message | None = None


class KindCount(Record):
    """Messages of one kind."""

    kind: str
    messages: int


class ChatCount(Record):
    """Messages of one chat."""

    chat_jid: str
    chat_name: str
    messages: int


class HourCount(Record):
    """Messages of one hour of the day, 0 to 23, in the host's time zone."""

    hour: int
    messages: int


class MessageStatistics(Result):
    """What messages.db holds."""

    messages: int
    from_me: int
    chats: int
    people: int = Field(description="Different senders.")
    first_at: str | None = None
    last_at: str | None = None
    by_kind: list[KindCount] = Field(description="Most frequent first.")
    busiest_chats: list[ChatCount] = Field(description="The ten with the most messages.")
    busiest_hours: list[HourCount] = Field(description="Most messages first.")


class MessageList(Result):
    """A page of messages."""

    messages: list[MessageHit]
    next_cursor: str | None = None
    note: str | None = None


class MessageContext(Result):
    """A message between its neighbours, oldest first."""

    message: Message
    before: list[Message]
    after: list[Message]


class ChatRead(Result):
    """What marking a chat read did."""

    chat_jid: str
    name: str
    messages_marked: int
    receipts_sent: int
    app_state: Literal["marked", "unchanged"]


class Community(Record):
    """A community: groups under one roof."""

    jid: str
    name: str
    groups: int = Field(description="Groups of it that the account has joined.")
    unread_count: int


class CommunityList(Result):
    """A page of communities."""

    communities: list[Community]
    total: int


class CommunityName(Record):
    """Which community."""

    jid: str
    name: str


class CommunityGroup(Record):
    """A group of a community, joined or not."""

    jid: str
    name: str
    joined: bool
    announcement: bool
    unread_count: int
    messages: int = Field(description="Messages held in messages.db.")
    oldest_message_at: str | None = None
    last_message_at: str | None = None


class CommunityGroups(Result):
    """A page of a community's groups."""

    community: CommunityName
    groups: list[CommunityGroup]
    total: int


class GroupRead(Record):
    """What became of one group when its community was marked read."""

    jid: str
    name: str
    status: Literal["read", "already_read", "not_joined", "failed"]
    messages_marked: int
    receipts_sent: int
    error_code: str | None = None
    message: str | None = None


class CommunityRead(Result):
    """A community marked read, group by group."""

    community: CommunityName
    groups: list[GroupRead]
    messages_marked: int


class HistoryJob(Result):
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


class ChatHistory(Result):
    """How far back a chat's history reaches in the Baileys bridge."""

    chat_jid: str
    job: HistoryJob | None = None
    messages: int
    oldest_at: str | None = None
    newest_at: str | None = None
    exhausted: bool


class HistoryStatus(Result):
    """The Baileys bridge's history: the initial push, jobs and rows that wait."""

    state: BridgeState
    initial: HistoryJob
    rows: int
    last_seq: int
    origin: str
    jobs: list[HistoryJob]
    temp_db_bytes: int


class BridgeReport(Record):
    """One bridge as backend_status sees it. `state` is `unreachable` when nothing answers."""

    backend: Literal["go", "baileys"]
    url: str
    state: BridgeState | Literal["unreachable", "untrusted", "failed"]
    logged_in: bool
    since: str | None = None
    jid: str | None = None
    push_name: str | None = None
    last_event_at: str | None = None
    last_stored_at: str | None = None
    messages: int | None = None
    chats: int | None = None
    queue_depth: int | None = None
    emulated: bool | None = None
    reason: str | None = None
    resolution: str | None = None


class BackendStatus(Result):
    """Both bridges, and in one sentence what works now."""

    summary: str
    go: BridgeReport
    baileys: BridgeReport


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


class Step(Record):
    """One step of a hybrid operation."""

    name: Literal["look", "fetch", "wait", "merge", "mark", "report"]
    outcome: Literal["done", "partly", "skipped", "running", "failed"]
    seconds: float
    note: str


class GroupOutcome(Record):
    """One group of the community, through all steps."""

    jid: str
    name: str
    messages_before: int = Field(description="Held in messages.db when the call began.")
    fetched: int = Field(description="Messages that the phone sent for it during the call.")
    messages_now: int = Field(description="Held at the end; as before where the report step failed.")
    marked_read: int
    status: Literal["read", "already_read", "not_joined", "failed", "pending"]
    history: Literal["complete", "partial", "not_asked", "running", "failed"]
    note: str | None = None


class CommunityReport(Result):
    """A community with its history fetched, merged and marked read: a row per step and per group."""

    status: Literal["completed", "partial", "running"]
    community: CommunityName
    steps: list[Step]
    groups: list[GroupOutcome]
    messages_fetched: int
    messages_merged: int = Field(description="New in messages.db by the merge, which takes all chats.")
    messages_marked: int
    next_call: str | None = None
