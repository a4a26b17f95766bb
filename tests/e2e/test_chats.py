"""Lists of chats, by what the world holds."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import World
from tools.results import ChatList

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
