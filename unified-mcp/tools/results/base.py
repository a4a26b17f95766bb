"""What every answer is made of. Absent values are left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, PlainSerializer, SerializationInfo


def _fenced(words: str, info: SerializationInfo) -> str:
    if info.context is None:
        return words
    return cast("Callable[[str], str]", info.context)(words)


Words = Annotated[str, PlainSerializer(_fenced, return_type=str)]
"""A text that somebody wrote. Whoever serializes an answer may give a fence for them as context."""


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
