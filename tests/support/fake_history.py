"""A bridge's history jobs, with a phone that answers them."""

from __future__ import annotations

from dataclasses import dataclass

from errors import Code, WhatsAppError
from fake_bridge import FakeBridge, Seen
from fake_store import FakeStore
from temp_rows import TempRows, message
from tools.results import ChatHistory, HistoryJob, HistoryStatus, JobState

NOW = "2026-11-23T01:40:00Z"


@dataclass
class _Job:
    number: int
    chat: str
    wanted: int
    state: JobState = "running"
    arrived: int = 0
    error: str | None = None


class FakeJobs:
    """`phone` is what the phone holds of each chat, oldest last. Each look at a job brings `step` messages."""

    def __init__(self, bridge: FakeBridge) -> None:
        self.bridge = bridge
        self.phone: dict[str, int] = {}
        self.given: dict[str, int] = {}
        self.jobs: dict[str, _Job] = {}
        self.step = 50
        self.offline = False
        self.stuck = False
        self.refuses: dict[str, Code] = {}
        self.account = HistoryJob(
            job="account", kind="account", state="running", progress=0, messages=0, exhausted=False, updated_at=NOW
        )
        bridge.on("GET", "/api/history/chats/{chat_jid}", self._look)
        bridge.on("POST", "/api/history/chats/{chat_jid}", self._start)
        bridge.on("POST", "/api/history/chats/{chat_jid}/cancel", self._cancel)
        bridge.on("POST", "/api/history", lambda _: self.account)
        bridge.on("GET", "/api/history/status", lambda _: self._status())

    def posts(self) -> int:
        """How often history was asked for."""
        return self.bridge.count("POST", "/api/history/chats")

    def _start(self, seen: Seen) -> HistoryJob:
        chat = seen.part(4)
        if chat in self.refuses:
            raise WhatsAppError(self.refuses[chat], "The bridge refused.")
        assert isinstance(seen.body, dict)
        if seen.body.get("anchor") is None and not self.given.get(chat):
            raise WhatsAppError(Code.NO_CHECKPOINT)
        job = self.jobs.get(chat)
        if job is None or job.state in ("completed", "cancelled"):
            wanted = seen.body["max_messages"]
            assert isinstance(wanted, int)
            job = self.jobs[chat] = _Job(len(self.jobs) + 1, chat, wanted)
        job.state, job.error = "running", None
        return self._job(job)

    def _cancel(self, seen: Seen) -> HistoryJob:
        job = self.jobs.get(seen.part(4))
        if job is None or job.state not in ("running", "paused"):
            raise WhatsAppError(Code.NO_ACTIVE_SYNC)
        job.state = "cancelled"
        return self._job(job)

    def _look(self, seen: Seen) -> ChatHistory:
        chat = seen.part(4)
        job = self.jobs.get(chat)
        if job is None and not self.given.get(chat):
            raise WhatsAppError(Code.NO_CHECKPOINT)
        if job is not None and job.state == "running" and not self.stuck:
            self._answer(job)
        return ChatHistory(
            chat_jid=chat,
            job=self._job(job) if job else None,
            messages=self.given.get(chat, 0),
            exhausted=self._exhausted(chat),
        )

    def _answer(self, job: _Job) -> None:
        if self.offline:
            job.state, job.error = "paused", "the phone did not answer within 20 s"
            return
        given, held = self.given.get(job.chat, 0), self.phone.get(job.chat, 0)
        coming = min(self.step, held - given, job.wanted - job.arrived)
        self.given[job.chat] = given + coming
        job.arrived += coming
        if self._exhausted(job.chat) or job.arrived == job.wanted:
            job.state = "completed"
        row = {
            "chat_jid": job.chat,
            "messages_synced": self.given[job.chat],
            "state": job.state,
            "exhausted": int(self._exhausted(job.chat)),
            "updated_at": 1,
        }
        old = [
            message(job.chat, 900_000 - n, "old", sender_jid="15550101@s.whatsapp.net")
            for n in range(given, given + coming)
        ]
        self._land(old, row)

    def _land(self, messages: list[dict[str, object]], checkpoint: dict[str, object]) -> None:
        """Where what arrives is put."""
        raise NotImplementedError

    def _exhausted(self, chat: str) -> bool:
        return self.given.get(chat, 0) >= self.phone.get(chat, 0)

    def _job(self, job: _Job) -> HistoryJob:
        return HistoryJob(
            job=f"job-{job.number}",
            kind="chat",
            chat_jid=job.chat,
            state=job.state,
            messages=job.arrived,
            exhausted=job.state == "completed" and self._exhausted(job.chat),
            error_code=Code.HISTORY_SYNC_TIMEOUT if job.error else None,
            error=job.error,
            updated_at=NOW,
        )

    def _status(self) -> HistoryStatus:
        return HistoryStatus(
            state="connected",
            initial=self.account,
            rows=0,
            last_seq=0,
            origin="test-origin",
            jobs=[self._job(job) for job in self.jobs.values()],
            temp_db_bytes=1,
        )


class FakeHistory(FakeJobs):
    """The jobs of the Baileys bridge; what arrives lands in a real baileys_temp.db."""

    def __init__(self, baileys: FakeBridge, rows: TempRows) -> None:
        super().__init__(baileys)
        self.rows = rows

    def _land(self, messages: list[dict[str, object]], checkpoint: dict[str, object]) -> None:
        self.rows.chunk(*(("messages", one) for one in messages), ("sync_checkpoints", checkpoint))


class FakeGoHistory(FakeJobs):
    """The jobs of the Go bridge; what arrives lands in messages.db."""

    def __init__(self, go: FakeBridge, store: FakeStore) -> None:
        super().__init__(go)
        self.store = store

    def _land(self, messages: list[dict[str, object]], checkpoint: dict[str, object]) -> None:
        self.store.keep(messages)
        self.store.checkpoints[str(checkpoint["chat_jid"])] = {"exhausted": bool(checkpoint["exhausted"])}
