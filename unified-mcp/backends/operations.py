"""The requests to the bridges that are no tools of their own: what the orchestrator asks for its own work."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tools.declaration import BAILEYS, GO, Arguments, Backend, Method, Operation, Route
from tools.results import (
    BridgeState,
    ChatHistory,
    HistoryJob,
    HistoryStatus,
    JobCounts,
    Record,
    SyncCheckpoint,
    TempCleared,
)
from tools.vocabulary import ChatJid, MaxMessages, WholePhone

R = TypeVar("R", bound=BaseModel)
Seconds = Annotated[int, Field(ge=0, le=253_402_300_799, description="Seconds since 1970, UTC.")]
Jid = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=128)]
Name = Annotated[str, Field(max_length=1000)]
Source = Annotated[
    str,
    Field(
        pattern=r"^(baileys|import:[0-9a-f]{16})$",
        description="Where rows come from: baileys_temp.db, or a file of another server that is imported.",
        examples=["baileys"],
    ),
]
Base64 = Annotated[str, Field(max_length=8_000_000, description="Bytes in base64.")]


class Nothing(Arguments):
    """A request without arguments."""


class Row(BaseModel):
    """A row on its way to messages.db."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class BridgeStatus(Record):
    """What a bridge says of itself."""

    bridge: Literal["whatsapp-bridge", "baileys-bridge"]
    version: str
    state: BridgeState
    since: str
    logged_in: bool
    jid: str | None = None
    lid: str | None = None
    push_name: str | None = None
    reason: str | None = None
    resolution: str | None = None
    last_event_at: str | None = None
    last_message_at: str | None = Field(
        None, description="The server's time of the newest message that came live in a direct chat or group."
    )
    last_stored_at: str | None = None
    not_stored: str | None = Field(None, description="Why the last event was not stored, if nothing was since.")
    queue_depth: int
    jobs: JobCounts | None = None
    messages: int
    chats: int
    sqlite_version: str
    emulated: bool


class Pairing(Record):
    """The code that the phone scans; `qr` is the text that the picture carries."""

    state: BridgeState
    qr: str | None = None
    expires_at: str | None = None
    qr_terminal: str | None = None


class PhoneQuestion(Arguments):
    """The number of the account that is to be linked."""

    phone: WholePhone


class PairingCode(Record):
    """What is typed on the phone instead of scanning: eight letters and digits as XXXX-XXXX."""

    code: str
    expires_at: str


class Health(Record):
    """A bridge's sign of life. `proof` shows that it holds the token."""

    status: Literal["ok"]
    bridge: Literal["whatsapp-bridge", "baileys-bridge"]
    version: str
    proof: str | None = None


class HealthQuestion(Arguments):
    """A fresh nonce that the bridge answers with an HMAC."""

    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{16,128}$")] | None = None


class Alias(Row):
    """Two addresses of one person or chat."""

    alias: Jid
    canonical: Jid


class ContactRow(Row):
    """What is known of a person."""

    jid: Jid
    full_name: Name | None = None
    first_name: Name | None = None
    push_name: Name | None = None
    business_name: Name | None = None


class ChatRow(Row):
    """What is known of a chat."""

    jid: Jid
    kind: Literal["direct", "group", "community", "newsletter", "broadcast", "status"] | None = None
    name: Name | None = None
    community_jid: Jid | None = None
    unread_count: Annotated[int, Field(ge=0)] | None = None
    archived: bool | None = None
    pinned: bool | None = None
    muted_until: Annotated[int, Field(ge=-1)] | None = None
    last_read_at: Seconds | None = None


class MediaRow(Row):
    """The file of a message; byte fields are base64."""

    mime: Name | None = None
    file_name: Name | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    direct_path: Annotated[str, Field(max_length=4000)] | None = None
    media_key: Base64 | None = None
    file_sha256: Base64 | None = None
    file_enc_sha256: Base64 | None = None
    duration_s: Annotated[int, Field(ge=0)] | None = None


class MessageRow(Row):
    """A message; `payload` is the waE2E.Message protobuf."""

    chat_jid: str
    id: str
    sender_jid: str
    from_me: bool
    timestamp: int
    kind: Annotated[str, Field(min_length=1, max_length=100)]
    text: str | None = None
    quoted_id: str | None = None
    quoted_sender_jid: str | None = None
    forwarded: bool | None = None
    edited_at: Seconds | None = None
    revoked_at: Seconds | None = None
    starred: bool | None = None
    media: MediaRow | None = None
    payload: Base64 | None = None
    read: bool | None = None


class ReactionRow(Row):
    """One person's reaction to a message; an empty emoji takes it back."""

    chat_jid: str
    message_id: str
    sender_jid: str
    emoji: Annotated[str, Field(max_length=100)]
    timestamp: int


class CheckpointRow(Row):
    """How far back a chat's history was fetched."""

    chat_jid: str
    oldest_id: str | None = None
    oldest_timestamp: int | None = None
    oldest_sender_jid: str | None = None
    messages_synced: Annotated[int, Field(ge=0)]
    state: Annotated[str, Field(max_length=40)]
    exhausted: bool
    error: Annotated[str, Field(max_length=500)] | None = None


class Batch(Arguments):
    """Rows with the range of `seq` that they cover: after `from_seq`, up to and with `to_seq`."""

    source: Source
    origin: Annotated[str, Field(min_length=1, max_length=100)]
    from_seq: Annotated[int, Field(ge=0)]
    to_seq: Annotated[int, Field(ge=0)]
    aliases: list[Alias] = Field(default_factory=list, max_length=2000)
    contacts: list[ContactRow] = Field(default_factory=list, max_length=2000)
    chats: list[ChatRow] = Field(default_factory=list, max_length=2000)
    messages: list[MessageRow] = Field(default_factory=list, max_length=2000)
    reactions: list[ReactionRow] = Field(default_factory=list, max_length=2000)
    checkpoints: list[CheckpointRow] = Field(default_factory=list, max_length=2000)


class BatchReport(Record):
    """What became of a batch's rows."""

    inserted: int
    filled: int
    duplicates: int
    conflicts: int
    refused: int
    chats_touched: list[str]
    watermark: int


class WatermarkQuestion(Arguments):
    """Whose watermark."""

    source: Source


class Watermark(Record):
    """The last `seq` taken from a source, and which file it was counted in."""

    source: str
    seq: int
    origin: str | None = None


class IntegrityQuestion(Arguments):
    """How long the look may take."""

    seconds: Annotated[int, Field(ge=1, le=240)] = 30


class Integrity(Record):
    """Whether a database is whole. `unfinished` has found nothing wrong so far."""

    state: Literal["sound", "damaged", "unfinished"]
    problems: list[str]
    seconds: float


class ChatQuestion(Arguments):
    """Which chat."""

    chat_jid: ChatJid


class Address(Record):
    """Who or what is meant. `known` tells whether messages.db has ever heard of it."""

    jid: str
    name: str
    known: bool


class Oldest(Record):
    """The oldest message of a chat that messages.db knows."""

    id: str
    timestamp: int
    from_me: bool
    sender_jid: str


class Anchor(Record):
    """Where a chat's history begins in messages.db, and every address the chat has."""

    chat_jid: str
    aliases: list[str]
    messages: int
    oldest: Oldest | None = None
    exhausted: bool
    open_job: bool | None = Field(None, description="A history job of the Go bridge is not over.")


class AnchorRow(Row):
    """The message to ask backwards from."""

    id: Id
    timestamp: Seconds
    from_me: bool
    sender_jid: Jid | None = None


class HistoryRequest(Arguments):
    """Which chat's older messages are wanted, and from where on."""

    chat_jid: ChatJid
    max_messages: MaxMessages = 1000
    resume: bool = False
    anchor: AnchorRow | None = None
    aliases: Annotated[list[Jid], Field(max_length=20)] | None = None


class Merged(Arguments):
    """How far messages.db has read: every row of the file `origin` up to and with `merged_seq`."""

    origin: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    merged_seq: Annotated[int, Field(ge=0)]


class Wipe(Merged):
    """The same, and whether rows that it has not read may be lost."""

    force: bool


def _both(
    method: Method, path: str, arguments: type[Arguments], result: type[R], summary: str
) -> dict[Backend, Operation[R]]:
    """The same request to either bridge."""
    return {
        backend: Operation(Route(backend, method, path), arguments, result, summary)
        for backend in (Backend.GO, Backend.BAILEYS)
    }


HEALTH = _both("GET", "/health", HealthQuestion, Health, "A sign of life, with a proof of identity")
STATUS = _both("GET", "/api/status", Nothing, BridgeStatus, "The bridge's state")
PAIRING = _both("GET", "/api/pairing", Nothing, Pairing, "The code to link with")
PAIR_AGAIN = _both("POST", "/api/pairing", Nothing, Pairing, "Ask for fresh codes")
PAIR_BY_CODE = _both(
    "POST", "/api/pairing/code", PhoneQuestion, PairingCode, "A code to type on the phone instead of scanning"
)
RESOLVE = Operation(GO.get("/api/resolve/{chat_jid}"), ChatQuestion, Address, "Who is meant by a number or a name")
ANCHOR = Operation(GO.get("/api/history/anchors/{chat_jid}"), ChatQuestion, Anchor, "Where a chat's history begins")
CHECKPOINT = Operation(
    GO.get("/api/history/checkpoints/{chat_jid}"), ChatQuestion, SyncCheckpoint, "How far back a chat's history reaches"
)
WATERMARK = Operation(GO.get("/api/history/watermarks/{source}"), WatermarkQuestion, Watermark, "Up to where it took")
BATCH = Operation(GO.post("/api/history/batches"), Batch, BatchReport, "Take rows into messages.db")
INTEGRITY = Operation(GO.get("/api/integrity"), IntegrityQuestion, Integrity, "Whether messages.db is whole")
HISTORY_STATUS = _both("GET", "/api/history/status", Nothing, HistoryStatus, "All history jobs")
ACCOUNT_HISTORY = _both("POST", "/api/history", Nothing, HistoryJob, "Start or join the account's job")
CHAT_HISTORY = _both("POST", "/api/history/chats/{chat_jid}", HistoryRequest, HistoryJob, "Start or join a chat's job")
CHAT_HISTORY_STATUS = _both(
    "GET", "/api/history/chats/{chat_jid}", ChatQuestion, ChatHistory, "How far a chat's history is"
)
CANCEL_HISTORY = _both("POST", "/api/history/chats/{chat_jid}/cancel", ChatQuestion, HistoryJob, "End a chat's job")
CLEAR_MERGED = Operation(BAILEYS.post("/api/history/clear"), Merged, TempCleared, "Remove rows that are merged")
WIPE = Operation(BAILEYS.post("/api/history/wipe"), Wipe, TempCleared, "Remove all rows and checkpoints")

OPERATIONS = (
    *HEALTH.values(),
    *STATUS.values(),
    *PAIRING.values(),
    *PAIR_AGAIN.values(),
    *PAIR_BY_CODE.values(),
    RESOLVE,
    ANCHOR,
    CHECKPOINT,
    WATERMARK,
    BATCH,
    INTEGRITY,
    *HISTORY_STATUS.values(),
    *ACCOUNT_HISTORY.values(),
    *CHAT_HISTORY.values(),
    *CHAT_HISTORY_STATUS.values(),
    *CANCEL_HISTORY.values(),
    CLEAR_MERGED,
    WIPE,
)
"""Everything that is asked of a bridge besides the plain tools."""
