"""Lists of chats, by what the world holds."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import Emulated, Person, Truth, World
from cli.stage import until
from errors import Code
from tools.results import Chat, ChatList, ChatMetadata, CommunityGroups, LastInteraction, MessageList, OneChat

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_list_chats_shows_the_most_recently_active_first_with_its_last_message(caller: Caller) -> None:
    listed = await caller.ask(ChatList, "list_chats", limit=50)
    times = [chat.last_message_at for chat in listed.chats if chat.last_message_at]
    assert times == sorted(times, reverse=True)
    assert len({chat.jid for chat in listed.chats}) == len(listed.chats)
    for chat in listed.chats:
        if chat.last_message is not None:
            assert chat.last_message.chat_jid == chat.jid
            assert chat.last_message.timestamp == chat.last_message_at


async def test_list_chats_names_people_as_the_address_book_does(caller: Caller, world: World) -> None:
    listed = await caller.ask(ChatList, "list_chats", limit=200, sort_by="name")
    names = {chat.jid: chat.name for chat in listed.chats}
    for name in ("Bob Carver", "Zoë Müller", "Grandma Rose"):
        assert names[world.contact(name).pn] == name
    for room in world.groups:
        if room.joined:
            assert names[room.jid] == room.name


async def test_one_person_is_one_chat(caller: Caller, world: World) -> None:
    listed = await caller.ask(ChatList, "list_chats", limit=200)
    jids = {chat.jid for chat in listed.chats}
    for person in world.contacts:
        assert not {person.pn, person.lid} <= jids


async def test_list_chats_finds_a_name_whatever_its_case_and_accents(caller: Caller, world: World) -> None:
    for query in ("zoe mu", "ZOË", "müller"):
        listed = await caller.ask(ChatList, "list_chats", query=query)
        assert world.contact("Zoë Müller").pn in [chat.jid for chat in listed.chats]


async def test_pages_of_chats_are_disjoint_and_together_everything(caller: Caller) -> None:
    first = await caller.ask(ChatList, "list_chats", limit=5)
    pages = [first]
    while len(pages) * 5 < first.total:
        pages.append(await caller.ask(ChatList, "list_chats", limit=5, page=len(pages)))
    jids = [chat.jid for page in pages for chat in page.chats]
    assert len(jids) == len(set(jids)) == first.total
    followed, cursor = [chat.jid for chat in first.chats], first.next_cursor
    while cursor is not None:
        page = await caller.ask(ChatList, "list_chats", limit=5, cursor=cursor)
        followed += [chat.jid for chat in page.chats]
        cursor = page.next_cursor
    assert followed == jids


async def test_wildcards_are_letters(caller: Caller) -> None:
    assert (await caller.ask(ChatList, "list_chats", query="%")).chats == []


async def test_without_the_last_message_the_chats_are_the_same(caller: Caller) -> None:
    bare = await caller.ask(ChatList, "list_chats", include_last_message=False)
    full = await caller.ask(ChatList, "list_chats")
    assert [chat.jid for chat in bare.chats] == [chat.jid for chat in full.chats]
    assert all(chat.last_message is None for chat in bare.chats)


async def chats_with(caller: Caller, person: str) -> list[Chat]:
    listed = await caller.ask(ChatList, "get_contact_chats", jid=person, limit=200)
    assert listed.total == len(listed.chats)
    return listed.chats


async def last_with(emulated: Emulated, world: World, person: Person) -> Truth | None:
    """The newest message of the person's own anywhere, or of anybody in the direct chat."""
    found: list[Truth] = []
    for chat in world.chats:
        direct = person.pn in (chat.jid, chat.pn) or person.lid == chat.jid
        found += [m for m in await emulated.truth(chat.jid) if direct or m.sender in (person.pn, person.lid)]
    return max(found, key=lambda message: (message.timestamp, message.id), default=None)


async def test_get_chat_shows_one_chat_by_any_form_of_its_name(caller: Caller, world: World) -> None:
    friend, room = world.contact("Bob Carver"), world.group("Family 🏡")
    for form in (friend.pn, friend.lid, "+1 555 0101", "bob carver"):
        one = (await caller.ask(OneChat, "get_chat", chat_jid=form)).chat
        assert (one.jid, one.lid, one.name, one.kind) == (friend.pn, friend.lid, friend.name, "direct")
        assert one.last_message is not None
        assert (one.last_message.chat_jid, one.last_message.timestamp) == (one.jid, one.last_message_at)
    for form in (room.jid, room.name, "family"):
        one = (await caller.ask(OneChat, "get_chat", chat_jid=form, include_last_message=False)).chat
        assert (one.jid, one.name, one.kind, one.last_message) == (room.jid, room.name, "group", None)


async def test_get_chat_of_a_name_that_fits_several_lists_them(caller: Caller, world: World) -> None:
    code, envelope = await caller.refused("get_chat", chat_jid="announcements")
    assert code is Code.AMBIGUOUS_RECIPIENT
    announced = {room.jid for room in world.groups if room.announcement}
    details = envelope["details"]
    assert isinstance(details, dict)
    candidates = details["candidates"]
    assert isinstance(candidates, list)
    assert {candidate["jid"] for candidate in candidates if isinstance(candidate, dict)} == announced


async def test_get_direct_chat_by_contact_never_answers_with_a_group(caller: Caller, world: World) -> None:
    for person in world.contacts:
        if person.pn not in {talk.pn for talk in world.chats}:
            continue
        for form in (person.pn, person.lid, person.name):
            one = (await caller.ask(OneChat, "get_direct_chat_by_contact", sender_phone_number=form)).chat
            assert (one.jid, one.name, one.kind) == (person.pn, person.name, "direct")


async def test_get_contact_chats_are_the_groups_of_a_person_and_the_direct_chat(caller: Caller, world: World) -> None:
    for person in world.contacts:
        rooms = {room.jid for room in world.groups if room.joined and person.lid in room.participants}
        direct = {person.pn} if person.pn in {talk.pn for talk in world.chats} else set()
        chats = await chats_with(caller, person.lid)
        assert {chat.jid for chat in chats} == rooms | direct
        times = [chat.last_message_at or "" for chat in chats]
        assert times == sorted(times, reverse=True)
        assert all(chat.last_message.chat_jid == chat.jid for chat in chats if chat.last_message is not None)


async def test_get_contact_chats_comes_in_pages(caller: Caller, world: World) -> None:
    whole = [chat.jid for chat in await chats_with(caller, world.contact("Bob Carver").pn)]
    paged: list[str] = []
    for page in range(len(whole)):
        part = await caller.ask(ChatList, "get_contact_chats", jid="Bob Carver", limit=2, page=page)
        assert (part.total, part.next_cursor) == (len(whole), None)
        paged += [chat.jid for chat in part.chats]
    assert paged == whole


async def test_get_last_interaction_is_the_newest_message_wherever_it_was(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    for person in world.contacts:
        truth = await last_with(emulated, world, person)
        got = await caller.ask(LastInteraction, "get_last_interaction", jid=person.lid)
        assert got.contact_jid in (person.pn, person.lid)
        assert (got.message and got.message.id) == (truth and truth.id), person.name


async def test_get_last_interaction_follows_group_and_direct_chat(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend, room = world.contact("Priya Raman"), world.group("Book Club 📚")

    async def newest() -> str | None:
        got = await caller.ask(LastInteraction, "get_last_interaction", jid=friend.pn)
        assert (got.contact_jid, got.contact_name) == (friend.pn, friend.name)
        return got.message.id if got.message else None

    async def settles() -> None:
        truth = await last_with(emulated, world, friend)
        assert truth is not None
        await until(newest, lambda id_: id_ == truth.id, 15)

    await emulated.say(friend.name, "Chapter nine tonight?")
    await settles()
    await emulated.say(friend.name, "Chapter nine, everybody.", chat=room.jid)
    await settles()
    await emulated.phone_say(friend.pn, "I have read it.")
    await settles()
    other = await emulated.say("林美玲", "Me too!", chat=room.jid)

    async def heard() -> bool:
        found = await caller.ask(MessageList, "query_synced_messages", chat_jid=room.jid)
        return other.id in [message.id for message in found.messages]

    await until(heard, bool, 15)
    await settles()


async def test_a_person_known_from_groups_alone_has_chats_and_no_direct_chat(caller: Caller, world: World) -> None:
    neighbour = world.contact("Kenji")
    assert await chats_with(caller, neighbour.lid)
    for name, argument in (("get_direct_chat_by_contact", "sender_phone_number"), ("get_chat", "chat_jid")):
        code, envelope = await caller.refused(name, **{argument: neighbour.lid})
        assert code is Code.CHAT_NOT_FOUND
        assert "get_contact_chats" in str(envelope["resolution"])


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("get_direct_chat_by_contact", "sender_phone_number"),
        ("get_contact_chats", "jid"),
        ("get_last_interaction", "jid"),
    ],
)
async def test_where_a_person_is_meant_a_group_is_refused_and_a_stranger_unknown(
    caller: Caller, world: World, name: str, argument: str
) -> None:
    for group in (world.group("Family 🏡").jid, "Family 🏡"):
        code, envelope = await caller.refused(name, **{argument: group})
        assert code is Code.INVALID_ARGUMENT
        assert "a person is meant" in str(envelope["message"])
    for stranger in ("+1 555 0197", "990000000000197@lid", "Nobody Atall", "%"):
        assert (await caller.refused(name, **{argument: stranger}))[0] is Code.CHAT_NOT_FOUND


async def test_list_chats_v2_parts_the_archive_from_the_rest_and_finds_what_is_unread(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    async def walk(**filters: bool) -> list[Chat]:
        found: list[Chat] = []
        cursor: dict[str, str] = {}
        while True:
            page = await caller.ask(ChatList, "list_chats_v2", limit=4, **filters, **cursor)
            found += page.chats
            if page.next_cursor is None:
                assert page.total == len(found)
                return found
            cursor = {"cursor": page.next_cursor}

    friend, trip = world.contact("Grandma Rose"), world.group("Trip to the Lakes")
    said = await emulated.say(friend.name, "Is anybody hungry?")

    async def heard() -> bool:
        newest = (await caller.ask(ChatList, "list_chats_v2", limit=1)).chats[0].last_message
        return newest is not None and newest.id == said.id

    await until(heard, bool, 15)
    everything = (await caller.ask(ChatList, "list_chats", limit=200)).chats
    for filters, fits in (
        ({}, lambda chat: not chat.archived),
        ({"archived": True}, lambda chat: bool(chat.archived)),
        ({"unread_only": True}, lambda chat: not chat.archived and chat.unread_count > 0),
        ({"archived": True, "unread_only": True}, lambda chat: bool(chat.archived) and chat.unread_count > 0),
    ):
        found = [chat.jid for chat in await walk(**filters)]
        assert found == [chat.jid for chat in everything if fits(chat)]
    assert trip.jid in [chat.jid for chat in await walk(archived=True)]
    assert friend.pn in [chat.jid for chat in await walk(unread_only=True)]


async def test_get_chat_metadata_v2_describes_a_person_from_what_is_known(caller: Caller, world: World) -> None:
    friend = world.contact("Zoë Müller")
    for form in (friend.pn, friend.lid, friend.name, "+1 555 0102"):
        about = await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=form)
        assert (about.jid, about.lid, about.phone) == (friend.pn, friend.lid, "+15550102")
        assert (about.kind, about.name, about.full_name, about.push_name) == (
            "direct",
            friend.name,
            friend.name,
            "Zoë 🌻",
        )
        assert about.participants is None


async def test_get_chat_metadata_v2_describes_a_group_and_who_is_in_it(caller: Caller, world: World) -> None:
    room, roof = world.group("Lantern Festival Crew"), world.community("Riverside Neighbours")
    about = await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=room.name)
    assert (about.jid, about.name, about.kind) == (room.jid, room.name, "group")
    assert (about.topic, about.announcement, about.own_role) == ("The night on the river 🏮", None, "member")
    assert about.community is not None
    assert (about.community.jid, about.community.name) == (roof.jid, roof.name)
    assert about.created_at
    assert about.owner is not None
    assert about.participants is not None
    assert about.participants_total == len(about.participants) == len(room.participants)
    roles = [one.role for one in about.participants]
    assert roles == sorted(roles, key=["superadmin", "admin", "member"].index)
    names = {one.name: one.role for one in about.participants}
    assert {name for name, role in names.items() if role != "member"} == {"林美玲", "Zoë Müller"}
    assert names["You"] == "member"
    assert {"Priya Raman", "Amira حداد"} <= set(names)

    loud = await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=world.group("Riverside Announcements").jid)
    assert loud.announcement is True


async def test_get_chat_metadata_v2_describes_a_community(caller: Caller, world: World) -> None:
    roof = world.community("Riverside Neighbours")
    about = await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=roof.jid)
    assert (about.jid, about.name, about.kind) == (roof.jid, roof.name, "community")
    assert about.topic == "The streets between the bridge and the mill"
    members = {lid for room in world.groups if room.community_jid == roof.jid for lid in room.participants}
    assert about.participants_total == len(members)


async def test_get_chat_metadata_v2_of_a_group_that_the_account_is_not_in_is_refused(
    caller: Caller, world: World
) -> None:
    await caller.ask(CommunityGroups, "get_community_groups", community_jid="Riverside Neighbours")
    outside = next(room for room in world.groups if not room.joined)
    assert (await caller.refused("get_chat_metadata_v2", chat_jid=outside.jid))[0] is Code.NOT_GROUP_MEMBER
    assert (await caller.refused("get_chat_metadata_v2", chat_jid="120363999999999999@g.us"))[0] is Code.CHAT_NOT_FOUND
