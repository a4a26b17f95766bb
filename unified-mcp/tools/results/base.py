"""What every answer is made of. Absent values are left out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A value inside an answer.

    Validators are built at first use: clients wait for the start, not for the first answer.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Result(Record):
    """The answer of a tool."""


class Person(Record):
    """Somebody, by every address that is known."""

    jid: str
    lid: str | None = None
    phone: str | None = None
    name: str


class Either(Result):
    """An answer that either bridge can give. The orchestrator notes which one did, where it was not the tool's own."""

    served_by: Literal["go", "baileys"] | None = None


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
