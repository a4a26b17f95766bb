"""The merge into the real Go bridge: it needs no link, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from mcp import Client

from caller import Caller
from cli.stage import Program
from errors import Code
from holding import held
from restart import restart
from server import build_server
from settings import Settings
from temp_rows import TempRows, message
from tools.results import ChatList, ContactDetails, MergeReport, MessageList

ANN, ANN_LID = "15550120@s.whatsapp.net", "250000000000120@lid"
ROOM = "120363990000000001@g.us"


@pytest_asyncio.fixture
async def caller(unpaired_settings: Settings) -> AsyncIterator[Caller]:
    async with held(Client(build_server(unpaired_settings), mode="legacy")) as client:
        yield Caller(client)


async def ids(caller: Caller, chat: str) -> list[str]:
    listed = await caller.ask(MessageList, "query_synced_messages", chat_jid=chat, limit=200, sort="oldest")
    return [hit.id for hit in listed.messages]


async def test_an_empty_store_answers_with_empty_lists(caller: Caller) -> None:
    assert (await caller.ask(ChatList, "list_chats")).chats == []
    assert (await caller.ask(MessageList, "list_messages")).messages == []
    assert (await caller.ask(MessageList, "query_synced_messages", content="anything")).messages == []


async def test_rows_are_merged_once_and_found(caller: Caller, temp_rows: TempRows) -> None:
    temp_rows.add("contacts", {"jid": ANN, "full_name": "Ann Example"})
    temp_rows.add("messages", *(message(ANN, n, f"note number {n}") for n in range(1200)))
    first = await caller.ask(MergeReport, "sync_history_to_database")
    assert (first.status, first.read, first.inserted, first.duplicates) == ("completed", 1200, 1200, 0)
    again = await caller.ask(MergeReport, "sync_history_to_database")
    assert (again.status, again.read) == ("nothing_new", 0)
    found = await caller.ask(MessageList, "query_synced_messages", content="number 777")
    assert [hit.text for hit in found.messages] == ["note number 777"]
    assert found.messages[0].chat_name == "Ann Example"


@pytest.mark.symptom("One person has two chats")
async def test_a_person_under_two_addresses_is_one_chat_also_when_the_mapping_comes_last(
    caller: Caller, temp_rows: TempRows
) -> None:
    temp_rows.add("messages", *(message(ANN_LID, n, "by lid") for n in (1, 2, 3)))
    temp_rows.add("messages", *(message(ANN, n, "by number") for n in (3, 4)))
    await caller.ask(MergeReport, "sync_history_to_database")
    assert {chat.jid for chat in (await caller.ask(ChatList, "list_chats")).chats} == {ANN, ANN_LID}
    for jid, lid in ((ANN, None), (ANN_LID, ANN_LID)):
        apart = await caller.ask(ContactDetails, "get_contact_details_v2", jid=jid)
        assert (apart.jid, apart.lid) == (jid, lid)
    temp_rows.add("jid_aliases", {"alias": ANN_LID, "canonical": ANN})
    await caller.ask(MergeReport, "sync_history_to_database")
    chats = (await caller.ask(ChatList, "list_chats")).chats
    assert [chat.jid for chat in chats] == [ANN]
    for jid in (ANN, ANN_LID):
        one = await caller.ask(ContactDetails, "get_contact_details_v2", jid=jid)
        assert (one.jid, one.lid) == (ANN, ANN_LID)
    assert await ids(caller, ANN) == await ids(caller, ANN_LID) == [f"3EB0{n:012X}" for n in (1, 2, 3, 4)]


async def test_what_is_known_is_filled_and_never_replaced(caller: Caller, temp_rows: TempRows) -> None:
    temp_rows.add("messages", message(ANN, 1, "as it was"), message(ANN, 2, ""))
    await caller.ask(MergeReport, "sync_history_to_database")
    temp_rows.add("messages", message(ANN, 1, "as it was not"), message(ANN, 5, "late", timestamp=1_760_000_900))
    report = await caller.ask(MergeReport, "sync_history_to_database")
    assert (report.inserted, report.duplicates) == (1, 1)
    listed = await caller.ask(MessageList, "query_synced_messages", chat_jid=ANN, sort="oldest")
    assert listed.messages[0].text == "as it was"


async def test_rows_that_contradict_are_left_and_counted(caller: Caller, temp_rows: TempRows) -> None:
    temp_rows.add("messages", message(ROOM, 1, "mine", sender_jid=ANN))
    await caller.ask(MergeReport, "sync_history_to_database")
    temp_rows.add("messages", message(ROOM, 1, "theirs", sender_jid="15550121@s.whatsapp.net"))
    report = await caller.ask(MergeReport, "sync_history_to_database")
    assert (report.inserted, report.conflicts) == (0, 1)


async def test_rows_that_cannot_be_true_are_refused_and_counted(caller: Caller, temp_rows: TempRows) -> None:
    temp_rows.add(
        "messages",
        message(ANN, 1, "true"),
        message("not a jid", 2, "false"),
        message(ANN, 3, "false", timestamp=1_000_000_000),
        message(ANN, 4, "false", timestamp=4_000_000_000),
        message(ANN, 5, "x" * 65_537),
    )
    report = await caller.ask(MergeReport, "sync_history_to_database")
    assert (report.inserted, report.refused) == (1, 4)
    assert await ids(caller, ANN) == ["3EB0000000000001"]


async def test_a_bridge_that_was_killed_has_kept_what_it_answered_for(
    caller: Caller, temp_rows: TempRows, go_bridge: Program
) -> None:
    temp_rows.add("messages", *(message(ANN, n, "kept") for n in range(600)))
    await caller.ask(MergeReport, "sync_history_to_database")
    await go_bridge.kill()
    code, envelope = await caller.refused("list_chats")
    assert code is Code.BRIDGE_UNREACHABLE
    assert "whatsapp-bridge" in str(envelope["resolution"])
    code, _ = await caller.refused("sync_history_to_database")
    assert code is Code.BRIDGE_UNREACHABLE
    listen = go_bridge.listen
    await restart(go_bridge)
    assert go_bridge.listen == listen
    assert len(await ids(caller, ANN)) == 200
    assert (await caller.ask(MergeReport, "sync_history_to_database")).read == 0


@pytest.mark.parametrize("name", ["mark_chat_read_v2", "send_message"])
async def test_actions_need_a_link_and_say_so(caller: Caller, temp_rows: TempRows, name: str) -> None:
    temp_rows.add("messages", message(ANN, 1, "hello"))
    await caller.ask(MergeReport, "sync_history_to_database")
    arguments = {"chat_jid": ANN} if name == "mark_chat_read_v2" else {"recipient": ANN, "message": "hello"}
    code, envelope = await caller.refused(name, **arguments)
    assert code is Code.NOT_PAIRED
    assert "QR" in str(envelope["resolution"]) or "link" in str(envelope["resolution"]).lower()
