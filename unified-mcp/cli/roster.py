"""What the supervisor says of itself and its bridges: a file beside messages.db, and the lock that shows it is true."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

ChildState = Literal["starting", "running", "waiting", "failed", "stopped"]
STOP_SECONDS = 15.0
LOCK = "supervisor.lock"
ROSTER = "supervisor.json"


class Entry(BaseModel):
    """One bridge. Times are RFC 3339; `exit_code` and `reason` are of its last end."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    state: ChildState
    since: str
    pid: int | None = None
    created: float | None = None
    listen: str | None = None
    restarts: int = 0
    exit_code: int | None = None
    reason: str | None = None
    log: Path


class Roster(BaseModel):
    """The supervisor and its bridges."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    created: float
    since: str
    bridges: tuple[Entry, ...]

    @property
    def process(self) -> psutil.Process | None:
        """The supervisor's process while it lives."""
        return _alive(self.pid, self.created)

    def write(self, folder: Path) -> None:
        """Put it in place whole."""
        draft = folder / f".{ROSTER}-{os.getpid()}"
        draft.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        draft.replace(folder / ROSTER)

    @classmethod
    def read(cls, folder: Path) -> Roster | None:
        """What was written last, by a supervisor that may be gone; None where there is none."""
        try:
            return cls.model_validate_json((folder / ROSTER).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValidationError):
            return None


def lock(folder: Path) -> FileLock:
    """The lock that a supervisor holds as long as it lives."""
    return FileLock(folder / LOCK, mode=0o600, blocking=False)


def running(folder: Path) -> Roster | None:
    """The roster of the supervisor that lives, or None."""
    if not (folder / LOCK).exists():
        return None
    try:
        with lock(folder):
            return None
    except Timeout:
        return Roster.read(folder)


def end_orphans(folder: Path) -> list[str]:
    """End the bridges that a supervisor left behind when it was killed; gives their names."""
    roster = Roster.read(folder)
    found = [(entry.name, process) for entry in (roster.bridges if roster else ()) if (process := _process(entry))]
    for _, process in found:
        process.terminate()
    for process in psutil.wait_procs([process for _, process in found], STOP_SECONDS)[1]:
        process.kill()
    return [name for name, _ in found]


def _process(entry: Entry) -> psutil.Process | None:
    return None if entry.pid is None or entry.created is None else _alive(entry.pid, entry.created)


def _alive(pid: int, created: float) -> psutil.Process | None:
    """The process of that number, told from a later one by when it began."""
    try:
        process = psutil.Process(pid)
        return process if process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


class Holder(BaseModel):
    """Who holds a bridge's store, as its `bridge.lock` says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    listen: str
    started_at: datetime


def holder(store: Path) -> Holder | None:
    """The bridge that runs on the store, or None."""
    try:
        found = Holder.model_validate_json((store / "bridge.lock").read_text(encoding="utf-8"))
        created = datetime.fromtimestamp(psutil.Process(found.pid).create_time(), UTC)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    # The number of a bridge that is gone may be another program's by now, which then began later. Half a second is
    # what the second in the file may hide.
    return found if (created - found.started_at).total_seconds() < 1 else None


def now() -> str:
    """The time, RFC 3339 in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
