"""Questions to messages.db, by the emulator's own truth."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from errors import Code
from tools.results import Message, MessageContext, MessageList, MessageStatistics

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_search_finds_what_was_said_and_nothing_else(caller: Caller) -> None:
    found = await caller.ask(MessageList, "query_synced_messages", content="lantern festival")
    assert found.messages
    for hit in found.messages:
        text = (hit.text or "").casefold()
        assert "lantern" in text
        assert "festival" in text


async def test_a_phrase_is_narrower_than_its_words_and_an_exclusion_narrows(caller: Caller) -> None:
    async def ids(content: str) -> set[str]:
        found = await caller.ask(MessageList, "query_synced_messages", content=content, limit=200)
        return {hit.id for hit in found.messages}

    words, phrase = await ids("lantern festival"), await ids('"lantern festival"')
    assert phrase <= words
    assert await ids("lantern -festival") == await ids("lantern") - words
    assert await ids("lantern OR compost") == await ids("lantern") | await ids("compost")
    assert words <= await ids("lant* festival")


@pytest.mark.parametrize(
    "content", ["foo-bar", "c++", "what's up", ":)", "%", "_", '"', "a AND", "(", "NEAR(", "*", "-"]
)
async def test_no_words_are_ever_a_syntax_error(caller: Caller, content: str) -> None:
    await caller.ask(MessageList, "query_synced_messages", content=content)


async def test_cursors_lead_through_everything_once(caller: Caller, world: World) -> None:
    chat = world.group("Family 🏡").jid
    seen: list[Message] = []
    cursor: dict[str, str] = {}
    while True:
        page = await caller.ask(MessageList, "query_synced_messages", chat_jid=chat, limit=7, **cursor)
        seen += page.messages
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
    assert len({message.id for message in seen}) == len(seen)
    whole = await caller.ask(MessageList, "query_synced_messages", chat_jid=chat, limit=200)
    assert [message.id for message in seen][:200] == [message.id for message in whole.messages]
    assert [m.timestamp for m in seen] == sorted((m.timestamp for m in seen), reverse=True)


async def test_list_messages_shows_each_message_between_its_neighbours(caller: Caller, world: World) -> None:
    chat = world.group("Family 🏡").jid
    listed = await caller.ask(MessageList, "list_messages", chat_jid=chat, limit=10)
    plain = await caller.ask(MessageList, "list_messages", chat_jid=chat, limit=10, include_context=False)
    assert [m.id for m in listed.messages] == [m.id for m in plain.messages]
    order = [m.id for m in plain.messages]
    for index, message in enumerate(listed.messages[1:9], start=1):
        assert [m.id for m in message.context_before or []] == [order[index + 1]]
        assert [m.id for m in message.context_after or []] == [order[index - 1]]
    assert all(m.context_before is None and m.context_after is None for m in plain.messages)


async def test_get_message_context_shows_the_same_chat_in_order(caller: Caller, world: World) -> None:
    chat = world.group("Family 🏡").jid
    listed = await caller.ask(MessageList, "list_messages", chat_jid=chat, limit=11, include_context=False)
    middle = listed.messages[5]
    context = await caller.ask(MessageContext, "get_message_context", message_id=middle.id, chat_jid=chat)
    ids = [m.id for m in (*context.before, context.message, *context.after)]
    assert ids == [m.id for m in reversed(listed.messages)]


async def test_a_sender_and_a_span_of_time_narrow_a_list(caller: Caller, world: World) -> None:
    friend = world.contact("Zoë Müller")
    listed = await caller.ask(
        MessageList, "list_messages", sender_phone_number=friend.pn, include_context=False, limit=50
    )
    assert listed.messages
    assert {m.sender_jid for m in listed.messages} == {friend.pn}
    middle = listed.messages[len(listed.messages) // 2].timestamp
    later = await caller.ask(
        MessageList, "list_messages", sender_phone_number=friend.pn, after=middle, include_context=False, limit=50
    )
    assert [m.id for m in later.messages] == [m.id for m in listed.messages if m.timestamp >= middle]


async def test_the_pushed_history_of_a_chat_is_the_emulators_truth(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Book Club 📚").jid
    stored = await caller.ask(MessageList, "query_synced_messages", chat_jid=chat, limit=200)
    truth = {message.id: message for message in await emulated.truth(chat)}
    assert stored.messages
    for message in stored.messages:
        assert truth[message.id].from_me == message.from_me


async def test_statistics_of_a_chat_count_the_emulators_truth(caller: Caller, emulated: Emulated, world: World) -> None:
    chat = world.group("Book Club 📚")
    stored = await caller.ask(MessageList, "query_synced_messages", chat_jid=chat.jid, limit=200)
    ids = {message.id for message in stored.messages}
    truth = [message for message in await emulated.truth(chat.jid) if message.id in ids]
    counts = await caller.ask(MessageStatistics, "get_message_statistics", chat_jid=chat.jid)
    assert (counts.messages, counts.chats) == (len(truth), 1)
    assert counts.from_me == sum(message.from_me for message in truth)
    assert counts.people == len({message.sender for message in truth})
    assert [(busy.chat_name, busy.messages) for busy in counts.busiest_chats] == [(chat.name, len(truth))]
    hours = Counter(datetime.fromtimestamp(message.timestamp).astimezone().hour for message in truth)
    assert {busy.hour: busy.messages for busy in counts.busiest_hours} == hours
    assert (counts.first_at, counts.last_at) == (stored.messages[-1].timestamp, stored.messages[0].timestamp)
    assert {kind.kind: kind.messages for kind in counts.by_kind} == Counter(message.kind for message in stored.messages)


async def test_statistics_of_everything_are_those_of_all_chats_together(caller: Caller, world: World) -> None:
    whole = await caller.ask(MessageStatistics, "get_message_statistics")
    assert whole.messages == sum(kind.messages for kind in whole.by_kind)
    assert whole.messages == sum(busy.messages for busy in whole.busiest_hours)
    for counts in (whole.by_kind, whole.busiest_chats, whole.busiest_hours):
        assert [c.messages for c in counts] == sorted((c.messages for c in counts), reverse=True)
    assert len(whole.busiest_chats) == 10
    for busy in whole.busiest_chats:
        one = await caller.ask(MessageStatistics, "get_message_statistics", chat_jid=busy.chat_jid)
        assert (one.messages, one.busiest_chats) == (busy.messages, [busy])
    assert (await caller.refused("get_message_statistics", chat_jid="+1 555 0197"))[0] is Code.CHAT_NOT_FOUND


async def test_unknown_chats_and_messages_are_errors_not_empty_answers(caller: Caller) -> None:
    assert (await caller.refused("list_messages", chat_jid="+1 555 0197"))[0] is Code.CHAT_NOT_FOUND
    assert (await caller.refused("get_message_context", message_id="3EB0000000000000"))[0] is Code.MESSAGE_NOT_FOUND


async def test_relevance_needs_words(caller: Caller) -> None:
    assert (await caller.refused("query_synced_messages", sort="relevance"))[0] is Code.INVALID_ARGUMENT
