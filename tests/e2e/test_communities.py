"""Communities, by the marks on the phone and the ticks at the senders."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from errors import Code
from tools.results import CommunityGroups, CommunityList, CommunityRead, CommunityReport, MessageList

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_list_communities_shows_every_community_with_its_groups(caller: Caller, world: World) -> None:
    listed = await caller.ask(CommunityList, "list_communities")
    assert {community.jid: community.name for community in listed.communities} == {
        roof.jid: roof.name for roof in world.communities
    }
    for community in listed.communities:
        joined = [room for room in world.groups if room.community_jid == community.jid and room.joined]
        assert community.groups == len(joined)


async def test_get_community_groups_shows_joined_and_not_joined_groups(caller: Caller, world: World) -> None:
    roof = world.community("Riverside Neighbours")
    listed = await caller.ask(CommunityGroups, "get_community_groups", community_jid=roof.name)
    rooms = {room.jid: room for room in world.groups if room.community_jid == roof.jid}
    assert {group.jid for group in listed.groups} == set(rooms)
    for group in listed.groups:
        room = rooms[group.jid]
        assert (group.name, group.joined, group.announcement) == (room.name, room.joined, room.announcement)


async def test_mark_community_as_read_reads_joined_groups_on_all_devices(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    roof = world.community("Sunday Football")
    room = world.group("Match Day ⚽")
    said = await emulated.say("Tomás Oliveira", "Kick-off at ten!", chat=room.jid)

    async def arrived() -> list[str]:
        listed = await caller.ask(MessageList, "list_messages", chat_jid=room.jid, limit=1)
        return [message.id for message in listed.messages]

    await until(arrived, lambda ids: said.id in ids, 15)
    answer = await caller.ask(CommunityRead, "mark_community_as_read", community_jid=roof.jid)
    row = next(group for group in answer.groups if group.jid == room.jid)
    assert row.status == "read"
    assert row.messages_marked >= 1

    async def ticked() -> bool:
        events = (await emulated.received("Tomás Oliveira")).events
        return any(
            event.kind == "receipt" and event.receipt_type == "read" and said.id in (event.ids or [event.id or ""])
            for event in events
        )

    await until(ticked, bool, 15)
    await until(emulated.phone, lambda phone: bool((marks := phone.chats.get(room.jid)) and marks.read), 15)
    groups = await caller.ask(CommunityGroups, "get_community_groups", community_jid=roof.jid)
    assert all(group.unread_count == 0 for group in groups.groups if group.joined)
    again = await caller.ask(CommunityRead, "mark_community_as_read", community_jid=roof.jid)
    assert again.messages_marked == 0


async def test_the_flagship_fetches_merges_and_marks_a_whole_community(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    roof = world.community("Riverside Neighbours")
    report = await caller.ask(
        CommunityReport, "mark_community_as_read_with_history", community_jid=roof.jid, sync_timeout=120
    )
    assert report.status == "completed", report
    assert [step.name for step in report.steps] == ["look", "fetch", "wait", "merge", "mark", "report"]
    assert report.messages_fetched > 100
    phone = await emulated.phone()
    for row in report.groups:
        room = next(room for room in world.groups if room.jid == row.jid)
        if not room.joined:
            assert row.status == "not_joined"
            continue
        truth = await emulated.truth(row.jid)
        assert row.messages_now == len(truth), row
        assert row.history == "complete"
        assert row.status in ("read", "already_read")
        assert phone.chats[row.jid].read

    receipts = [event for event in (await emulated.received("Zoë Müller")).events if event.kind == "receipt"]
    again = await caller.ask(CommunityReport, "mark_community_as_read_with_history", community_jid=roof.jid)
    assert again.status == "completed"
    assert (again.messages_fetched, again.messages_merged, again.messages_marked) == (0, 0, 0)
    after = [event for event in (await emulated.received("Zoë Müller")).events if event.kind == "receipt"]
    assert len(after) == len(receipts)


@pytest.mark.parametrize(
    "name", ["get_community_groups", "mark_community_as_read", "mark_community_as_read_with_history"]
)
async def test_a_community_that_does_not_exist_is_an_error(caller: Caller, name: str) -> None:
    code, _ = await caller.refused(name, community_jid="120363999999999999@g.us")
    assert code is Code.COMMUNITY_NOT_FOUND
