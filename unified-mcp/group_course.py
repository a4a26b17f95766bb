"""A group on its way through the flagship's steps, and the row that it leaves in the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backends.operations import Anchor
from house import WORKING
from tools.results import ChatHistory, CommunityGroup, GroupOutcome, GroupRead


@dataclass
class GroupCourse:
    """A group on its way through the steps."""

    group: CommunityGroup
    anchor: Anchor | None = None
    history: ChatHistory | None = None
    asked: bool = False
    lost: bool = False
    """Whether its job can no longer be followed."""
    earlier: int = 0
    """Messages of its job that had arrived before this call."""
    silent: bool = False
    """Whether no message is known to ask backwards from."""
    trouble: str | None = None
    read: GroupRead | None = None

    @property
    def jid(self) -> str:
        """The group's canonical JID."""
        return self.anchor.chat_jid if self.anchor else self.group.jid

    @property
    def by_go(self) -> bool:
        """Whether the Go bridge fetches it, straight into messages.db."""
        return self.history is not None and self.history.served_by == "go"

    @property
    def working(self) -> bool:
        """Whether its history is still on its way."""
        job = self.history.job if self.history else None
        return self.asked and not self.lost and job is not None and job.state in WORKING

    @property
    def fetched(self) -> int:
        """Messages that have arrived for it in this call."""
        job = self.history.job if self.history else None
        return max(0, job.messages - self.earlier) if self.asked and job else 0

    def outcome(self, now: CommunityGroup, *, unmarked: str | None, merged: bool) -> GroupOutcome:
        """The group's row in the report; `unmarked` says why a group without an answer of its own is not read."""
        joined, read = self.group.joined, self.read
        status: Literal["read", "already_read", "not_joined", "failed", "pending"]
        if not joined:
            status = "not_joined"
        elif read is not None:
            status = read.status
        else:
            status = "failed" if unmarked else "pending"
        notes = [
            self.trouble,
            "no message is known to ask backwards from" if self.silent else None,
            read.message if read else unmarked if joined else None,
        ]
        return GroupOutcome(
            jid=self.group.jid,
            name=self.group.name,
            messages_before=self.group.messages,
            fetched=self.fetched,
            messages_now=now.messages,
            marked_read=read.messages_marked if read else 0,
            status=status,
            history=self._reached(merged=merged),
            note="; ".join(filter(None, notes)) or None,
        )

    def _reached(self, *, merged: bool) -> Literal["complete", "partial", "not_asked", "running", "failed"]:
        if self.anchor and self.anchor.exhausted:
            return "complete"
        if self.working:
            return "running"
        if self.history and self.history.exhausted:
            return "complete" if merged or self.by_go else "partial"
        if self.trouble is not None:
            return "failed"
        return "partial" if self.history and self.history.job else "not_asked"
