"""Whom the account blocks and who may see what, by what the server, the phone and messages.db have."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from errors import Code
from tools.results import (
    BlockedContacts,
    Blocking,
    ChatMetadata,
    MessageList,
    PrivacyChange,
    PrivacySettings,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def blocked_here(caller: Caller, jid: str) -> bool:
    """Whether messages.db says so."""
    return bool((await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=jid)).blocked)


async def test_block_contact_keeps_a_person_out_until_unblock_contact(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Tomás Oliveira")
    done = await caller.ask(Blocking, "block_contact", jid=friend.pn)
    assert (done.status, done.blocked) == ("changed", True)
    assert (done.jid, done.lid, done.phone, done.name) == (friend.pn, friend.lid, "+15550105", friend.name)
    assert (await emulated.phone()).blocked == [friend.lid]
    assert await blocked_here(caller, friend.pn)
    unheard = await emulated.say(friend.name, "Are you there?")
    heard = await emulated.say("Grandma Rose", "Soup is ready.")

    async def ids(name: str) -> list[str]:
        found = await caller.ask(MessageList, "query_synced_messages", chat_jid=name)
        return [message.id for message in found.messages]

    await until(lambda: ids("Grandma Rose"), lambda found: heard.id in found, 15)
    assert unheard.id == ""
    assert (await caller.ask(Blocking, "block_contact", phone="+1 555 0105")).status == "unchanged"

    free = await caller.ask(Blocking, "unblock_contact", phone="+1 555 0105")
    assert (free.status, free.blocked, free.jid) == ("changed", False, friend.pn)
    assert (await emulated.phone()).blocked == []
    assert not await blocked_here(caller, friend.pn)
    again = await emulated.say(friend.name, "Hello again!")
    await until(lambda: ids(friend.pn), lambda found: again.id in found, 15)
    assert (await caller.ask(Blocking, "unblock_contact", jid=friend.name)).status == "unchanged"


async def test_somebody_known_from_groups_alone_can_be_blocked_by_any_address(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    neighbour = world.contact("Marta")
    for form in ({"jid": neighbour.lid}, {"jid": neighbour.pn}, {"phone": "+1 (555) 0113"}):
        done = await caller.ask(Blocking, "block_contact", **form)
        assert (done.status, done.jid) == ("changed", neighbour.pn)
        assert (await emulated.phone()).blocked == [neighbour.lid]
        assert (await caller.ask(Blocking, "unblock_contact", **form)).status == "changed"
        assert (await emulated.phone()).blocked == []


async def test_get_blocked_contacts_names_everybody_on_the_list_by_every_address(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    assert (await caller.ask(BlockedContacts, "get_blocked_contacts")).contacts == []
    friends = [world.contact(name) for name in ("Bob Carver", "Zoë Müller")]
    for friend in friends:
        await emulated.phone_block(friend.name, blocked=True)
    listed = await caller.ask(BlockedContacts, "get_blocked_contacts")
    assert listed.total == 2
    assert {(one.jid, one.lid, one.name) for one in listed.contacts} == {(f.pn, f.lid, f.name) for f in friends}
    assert {one.phone for one in listed.contacts} == {"+15550101", "+15550102"}
    for friend in friends:
        await emulated.phone_block(friend.name, blocked=False)
    assert (await caller.ask(BlockedContacts, "get_blocked_contacts")).total == 0


async def test_whom_the_phone_blocks_is_blocked_in_messages_db(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Bäckerei Jörg")
    await emulated.phone_block(friend.name, blocked=True)
    await until(lambda: blocked_here(caller, friend.pn), bool, 15)
    await emulated.phone_block(friend.name, blocked=False)
    await until(lambda: blocked_here(caller, friend.pn), lambda blocked: not blocked, 15)


@pytest.mark.parametrize("name", ["block_contact", "unblock_contact"])
async def test_exactly_one_person_must_be_named(caller: Caller, emulated: Emulated, world: World, name: str) -> None:
    refusals: list[tuple[dict[str, JsonValue], Code]] = [
        ({}, Code.MISSING_IDENTIFIER),
        ({"jid": world.contact("Dee").pn, "phone": "+1 555 0111"}, Code.INVALID_ARGUMENT),
        ({"jid": world.group("Family 🏡").jid}, Code.INVALID_ARGUMENT),
        ({"jid": "Family 🏡"}, Code.INVALID_ARGUMENT),
        ({"jid": world.account.pn}, Code.INVALID_ARGUMENT),
        ({"phone": "Dee"}, Code.INVALID_PHONE_FORMAT),
        ({"phone": "12"}, Code.INVALID_PHONE_FORMAT),
        ({"phone": "+1 555 0195"}, Code.RECIPIENT_UNREACHABLE),
        ({"jid": "Nobody Atall"}, Code.CHAT_NOT_FOUND),
    ]
    for arguments, code in refusals:
        assert (await caller.refused(name, **arguments))[0] is code, arguments
    assert (await emulated.phone()).blocked == []


async def test_get_privacy_settings_shows_what_the_server_names_also_after_a_change_on_the_phone(
    caller: Caller, emulated: Emulated
) -> None:
    first = await caller.ask(PrivacySettings, "get_privacy_settings")
    server = (await emulated.phone()).privacy
    assert first.model_dump(exclude_none=True) == {
        "last_seen": server["last"],
        "online": server["online"],
        "profile_picture": server["profile"],
        "about": server["status"],
        "read_receipts": server["readreceipts"],
        "groups": server["groupadd"],
        "calls": server["calladd"],
    }
    await emulated.phone_privacy("calladd", "known")
    assert (await caller.ask(PrivacySettings, "get_privacy_settings")).calls == "known"
    await emulated.phone_privacy("calladd", server["calladd"])


@pytest.mark.parametrize(
    ("name", "shown", "category", "values"),
    [
        ("update_last_seen_privacy", "last_seen", "last", ["contacts", "none", "all"]),
        ("update_profile_picture_privacy", "profile_picture", "profile", ["contact_blacklist", "all"]),
        ("update_status_privacy", "about", "status", ["contacts", "all"]),
        ("update_online_privacy", "online", "online", ["match_last_seen", "all"]),
    ],
)
async def test_a_privacy_setting_is_changed_at_the_server_and_read_back(
    caller: Caller, emulated: Emulated, name: str, shown: str, category: str, values: list[str]
) -> None:
    for value in values:
        others = {key: kept for key, kept in (await emulated.phone()).privacy.items() if key != category}
        done = await caller.ask(PrivacyChange, name, value=value)
        assert done.status == "changed"
        assert done.settings.model_dump()[shown] == value
        assert (await emulated.phone()).privacy == {**others, category: value}
        assert (await caller.ask(PrivacyChange, name, value=value)).status == "unchanged"
    code, envelope = await caller.refused(name, value="everybody")
    assert code is Code.INVALID_ARGUMENT
    assert all(value in str(envelope["message"]) for value in values)
    assert (await emulated.phone()).privacy[category] == values[-1]
