"""A community as the Go bridge shows it: groups, what messages.db holds of them, and who was told what was read."""

from __future__ import annotations

from dataclasses import dataclass, field

from backends.operations import Anchor, Oldest
from errors import Code, WhatsAppError
from fake_bridge import FakeBridge, Seen
from fake_store import FakeStore
from tools.results import CommunityGroup, CommunityGroups, CommunityName, CommunityRead, GroupRead, SyncCheckpoint


@dataclass
class FakeGroup:
    """A group. `trouble` is what marking it runs into."""

    jid: str
    name: str
    joined: bool = True
    trouble: Code | None = None
    read: set[str] = field(default_factory=set)


class FakeCommunity:
    """One community with its groups; `receipts` are the read receipts that were sent, by group."""

    def __init__(self, go: FakeBridge, store: FakeStore, jid: str, name: str) -> None:
        self.jid = jid
        self.name = name
        self.store = store
        self.groups: list[FakeGroup] = []
        self.receipts: list[tuple[str, str]] = []
        self.marked: list[str] = []
        go.on("GET", "/api/communities/{community_jid}/groups", self._page)
        go.on("POST", "/api/communities/{community_jid}/read", self._read)
        go.on("GET", "/api/history/anchors/{chat_jid}", self._anchor)
        go.on("GET", "/api/history/checkpoints/{chat_jid}", self._checkpoint)

    def group(self, number: int, *, joined: bool = True) -> FakeGroup:
        """Add a group."""
        self.groups.append(FakeGroup(f"1203639900000{number:05}@g.us", f"Group {number}", joined))
        return self.groups[-1]

    def _known(self, asked: str) -> CommunityName:
        if asked not in (self.jid, self.name):
            raise WhatsAppError(Code.COMMUNITY_NOT_FOUND)
        return CommunityName(jid=self.jid, name=self.name)

    def _page(self, seen: Seen) -> CommunityGroups:
        community = self._known(seen.part(3))
        limit, page = int(seen.query["limit"]), int(seen.query["page"])
        shown = self.groups[page * limit : (page + 1) * limit]
        return CommunityGroups(community=community, groups=[self._show(g) for g in shown], total=len(self.groups))

    def _show(self, group: FakeGroup) -> CommunityGroup:
        return CommunityGroup(
            jid=group.jid,
            name=group.name,
            joined=group.joined,
            announcement=False,
            unread_count=len(self._unread(group)),
            messages=self.store.count(group.jid),
        )

    def _unread(self, group: FakeGroup) -> list[str]:
        return [id_ for chat, id_ in self.store.messages if chat == group.jid and id_ not in group.read]

    def _anchor(self, seen: Seen) -> Anchor:
        jid = seen.part(4)
        rows = [row for (chat, _), row in self.store.messages.items() if chat == jid]
        if not rows and all(group.jid != jid for group in self.groups):
            raise WhatsAppError(Code.CHAT_NOT_FOUND)
        oldest = min(rows, key=lambda row: (row.timestamp, row.id), default=None)
        return Anchor(
            chat_jid=jid,
            aliases=[jid],
            messages=len(rows),
            oldest=Oldest(id=oldest.id, timestamp=oldest.timestamp, from_me=False, sender_jid=oldest.sender_jid)
            if oldest
            else None,
            exhausted=bool(self.store.checkpoints.get(jid, {}).get("exhausted")),
        )

    def _checkpoint(self, seen: Seen) -> SyncCheckpoint:
        anchor = self._anchor(seen)
        return SyncCheckpoint(
            chat_jid=anchor.chat_jid,
            chat_name=anchor.chat_jid,
            messages=anchor.messages,
            state="not_fetched",
            exhausted=anchor.exhausted,
            can_ask_more=anchor.messages > 0 and not anchor.exhausted,
            gaps=[],
        )

    def _read(self, seen: Seen) -> CommunityRead:
        community = self._known(seen.part(3))
        rows = [self._mark(group) for group in self.groups]
        return CommunityRead(community=community, groups=rows, messages_marked=sum(row.messages_marked for row in rows))

    def _mark(self, group: FakeGroup) -> GroupRead:
        def row(status: str, ids: list[str]) -> GroupRead:
            return GroupRead.model_validate(
                {
                    "jid": group.jid,
                    "name": group.name,
                    "status": status,
                    "messages_marked": len(ids),
                    "receipts_sent": len(ids),
                    "error_code": group.trouble if status == "failed" else None,
                    "message": "The server refused." if status == "failed" else None,
                }
            )

        if not group.joined:
            return row("not_joined", [])
        if group.trouble is not None:
            return row("failed", [])
        unread = self._unread(group)
        self.marked.append(group.jid)
        self.receipts += [(group.jid, id_) for id_ in unread]
        group.read.update(unread)
        return row("read" if unread else "already_read", unread)
