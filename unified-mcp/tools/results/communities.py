"""Communities and their groups, read with or without fetching their history first."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.results.base import Record, Result


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
