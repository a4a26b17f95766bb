"""People, by what the world knows of them; the account's own profile, by what the server has."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from errors import Code
from files import png, webp
from tools.results import (
    ChatMetadata,
    Contact,
    ContactAbout,
    ContactDetails,
    ContactList,
    LastInteraction,
    LinkedDevices,
    NumberCheck,
    OwnAbout,
    OwnPicture,
    ProfilePicture,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

STRANGER = "+1 555 0196"


async def search(caller: Caller, query: str) -> list[Contact]:
    found = await caller.ask(ContactList, "search_contacts", query=query)
    assert found.total >= len(found.contacts)
    return found.contacts


async def test_search_contacts_finds_everybody_by_number_jid_and_lid(caller: Caller, world: World) -> None:
    for person in world.contacts:
        number = person.pn.partition("@")[0]
        if person.name == "Pete":
            assert [one.jid for one in await search(caller, person.lid)] == [person.lid]
            assert await search(caller, person.pn) == []
            continue
        for form in (person.pn, person.lid, f"+{number}", person.lid.partition("@")[0]):
            assert [one.jid for one in await search(caller, form)] == [person.pn], form
        (found,) = await search(caller, person.pn)
        assert (found.lid, found.phone) == (person.lid, f"+{number}")


async def test_search_contacts_finds_names_whatever_their_case_accents_and_kind(caller: Caller, world: World) -> None:
    for query, name in {
        "zoe mu": "Zoë Müller",
        "ZOË 🌻": "Zoë Müller",
        "美玲": "林美玲",
        "meiling": "林美玲",
        "حداد": "Amira حداد",
        "backerei jorg": "Bäckerei Jörg",
        "los": "Marta",
        "åkerlund": "Sven",
    }.items():
        assert [one.jid for one in await search(caller, query)] == [world.contact(name).pn], query


async def test_search_contacts_v2_puts_exact_names_first_and_goes_on_by_cursor(caller: Caller, world: World) -> None:
    names = [one.name for one in await search(caller, "dee")]
    assert names[0] == "Dee"
    whole = await caller.ask(ContactList, "search_contacts_v2", query="e", limit=200)
    assert whole.next_cursor is None
    assert whole.total == len(whole.contacts) > 4
    paged: list[Contact] = []
    cursor: dict[str, str] = {}
    while True:
        page = await caller.ask(ContactList, "search_contacts_v2", query="e", limit=2, **cursor)
        paged += page.contacts
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
    assert paged == whole.contacts
    assert world.account.pn not in [one.jid for one in whole.contacts]


async def test_nobody_fits_is_an_empty_list_and_wildcards_are_letters(caller: Caller, world: World) -> None:
    for query in ("%", "_", "Nobody Atall", "+1 555 0197", "Family 🏡", world.group("Family 🏡").jid, world.account.pn):
        found = await caller.ask(ContactList, "search_contacts_v2", query=query)
        assert (found.contacts, found.total, found.next_cursor) == ([], 0, None), query


async def test_get_contact_details_v2_says_what_is_stored_and_what_whatsapp_shows(caller: Caller, world: World) -> None:
    for name, first in (("Bob Carver", "Bob"), ("Bäckerei Jörg", "Bäckerei"), ("Zoë Müller", "Zoë")):
        person = world.contact(name)
        about = await caller.ask(ContactDetails, "get_contact_details_v2", jid=name)
        assert (about.jid, about.lid, about.name, about.full_name) == (person.pn, person.lid, name, name)
        assert about.first_name in (None, first, name)
        assert (about.about, about.on_whatsapp, about.business) == (person.about, True, person.business)
        assert (about.picture_id, about.blocked, about.note) == (person.picture_id, False, None)
        rooms = [room for room in world.groups if room.joined and person.lid in room.participants]
        assert about.shared_groups == len(rooms)
        last = await caller.ask(LastInteraction, "get_last_interaction", jid=name)
        assert about.last_message == last.message is not None
        kept = await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=person.pn)
        assert kept.about == person.about


async def test_get_contact_details_v2_leaves_out_what_is_hidden(caller: Caller, world: World) -> None:
    shy, camera_shy = world.contact("Priya Raman"), world.contact("Tomás Oliveira")
    one = await caller.ask(ContactDetails, "get_contact_details_v2", jid=shy.lid)
    assert (one.jid, one.about, one.picture_id, one.on_whatsapp) == (shy.pn, None, shy.picture_id, True)
    assert one.note
    assert "about" in one.note
    other = await caller.ask(ContactDetails, "get_contact_details_v2", jid="+1 555 0105")
    assert (other.jid, other.about, other.picture_id, other.note) == (camera_shy.pn, camera_shy.about, None, None)


async def test_get_contact_details_v2_of_a_stranger_or_a_group_is_refused(caller: Caller, world: World) -> None:
    for unknown in (STRANGER, "990000000000196@lid", "Nobody Atall"):
        code, envelope = await caller.refused("get_contact_details_v2", jid=unknown)
        assert code is Code.CONTACT_NOT_FOUND
        assert "search_contacts" in str(envelope["resolution"])
    assert (await caller.refused("get_contact_details_v2", jid=world.group("Family 🏡").jid))[
        0
    ] is Code.INVALID_ARGUMENT


async def test_a_new_about_text_is_kept_when_whatsapp_tells_of_it(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    neighbour = world.contact("Marta")

    async def kept() -> str | None:
        return (await caller.ask(ContactDetails, "get_contact_details_v2", jid=neighbour.pn)).about

    await emulated.show(neighbour.name, about="On the river")
    await until(kept, lambda about: about == "On the river", 15)
    await emulated.show(neighbour.name, about=neighbour.about)
    await until(kept, lambda about: (about or "") == neighbour.about, 15)


async def test_check_is_on_whatsapp_tells_who_is_registered(caller: Caller, world: World) -> None:
    friend = world.contact("Grandma Rose")
    for form in ("+1 555 0106", "15550106", "+1 (555) 01-06", "001 555 0106"):
        found = await caller.ask(NumberCheck, "check_is_on_whatsapp", phone=form)
        assert (found.registered, found.phone) == (True, "+15550106")
        assert (found.jid, found.lid, found.name) == (friend.pn, friend.lid, friend.name)
    bakery = await caller.ask(NumberCheck, "check_is_on_whatsapp", phone="+1 555 0107")
    assert bakery.business_name == "Bäckerei Jörg"
    nobody = await caller.ask(NumberCheck, "check_is_on_whatsapp", phone=STRANGER)
    assert nobody == NumberCheck(phone="+15550196", registered=False)


@pytest.mark.parametrize(
    "phone", ["Bob Carver", "12", "0171 2345678", "15550101@s.whatsapp.net", "+1 555 0101 0101 0101 01"]
)
async def test_check_is_on_whatsapp_refuses_what_is_no_number(caller: Caller, phone: str) -> None:
    code, envelope = await caller.refused("check_is_on_whatsapp", phone=phone)
    assert code is Code.INVALID_PHONE_FORMAT
    assert "+1 555 0100" in str(envelope["resolution"])


async def test_get_profile_picture_v2_says_where_the_picture_of_anybody_lies(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend, room, roof = world.contact("Bob Carver"), world.group("Family 🏡"), world.community("Riverside Neighbours")
    for form, jid, picture in (
        (friend.lid, friend.pn, friend.picture_id),
        ("bob carver", friend.pn, friend.picture_id),
        (room.name, room.jid, room.picture_id),
        (roof.jid, roof.jid, roof.picture_id),
    ):
        shown = await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=form)
        assert picture
        assert (shown.jid, shown.id, shown.type) == (jid, picture, "image")
        assert shown.url
        assert (await emulated.fetch(shown.url)).startswith(b"\xff\xd8\xff")
    for form in ("Grandma Rose", "Trip to the Lakes", world.community("Sunday Football").jid):
        shown = await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=form)
        assert (shown.url, shown.id, shown.type) == (None, None, None)


async def test_get_profile_picture_v2_of_who_hides_it_or_of_no_person_is_refused(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    assert (await caller.refused("get_profile_picture_v2", jid="Tomás Oliveira"))[0] is Code.PRIVACY_RESTRICTED
    assert (await caller.refused("get_profile_picture_v2", jid="announcements"))[0] is Code.AMBIGUOUS_RECIPIENT
    code, _ = await caller.refused("get_profile_picture_v2", jid="120363000000000123@newsletter")
    assert code is Code.INVALID_ARGUMENT
    neighbour = world.contact("Dee")
    await emulated.show(neighbour.name, picture=True, hides=["picture"])
    assert (await caller.refused("get_profile_picture_v2", jid=neighbour.pn))[0] is Code.PRIVACY_RESTRICTED
    await emulated.show(neighbour.name, hides=[])
    assert (await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=neighbour.pn)).url
    await emulated.show(neighbour.name, picture=False)
    assert (await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=neighbour.pn)).url is None


async def test_get_contact_status_v2_gives_the_about_text_as_it_is_now(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Amira حداد")
    for form in (friend.pn, friend.lid, friend.name):
        shown = await caller.ask(ContactAbout, "get_contact_status_v2", jid=form)
        assert (shown.jid, shown.name, shown.about) == (friend.pn, friend.name, "هدوء")
        assert shown.set_at
    await emulated.show(friend.name, about="", hides=[])
    assert (await caller.ask(ContactAbout, "get_contact_status_v2", jid=friend.pn)).about == ""
    await emulated.show(friend.name, about=friend.about)


async def test_get_contact_status_v2_of_who_hides_it_or_is_not_there_is_refused(caller: Caller, world: World) -> None:
    code, envelope = await caller.refused("get_contact_status_v2", jid="Priya Raman")
    assert code is Code.PRIVACY_RESTRICTED
    assert "hides" in str(envelope["message"])
    assert (await caller.refused("get_contact_status_v2", jid=STRANGER))[0] is Code.CONTACT_NOT_FOUND
    assert (await caller.refused("get_contact_status_v2", jid="Family 🏡"))[0] is Code.INVALID_ARGUMENT


async def test_update_profile_status_v2_sets_what_others_see(caller: Caller, emulated: Emulated, world: World) -> None:
    for text in ("Carrying a lantern 🏮", "é" * 139, "🏮" * 139, ""):
        done = await caller.ask(OwnAbout, "update_profile_status_v2", status_text=text)
        assert done.about == text == (await emulated.profile()).about
        assert (await caller.ask(ContactAbout, "get_contact_status_v2", jid=world.account.pn)).about == text


async def test_update_profile_status_v2_refuses_more_than_139_characters(caller: Caller, emulated: Emulated) -> None:
    before = await emulated.profile()
    code, envelope = await caller.refused("update_profile_status_v2", status_text="a" * 140)
    assert code is Code.TEXT_TOO_LONG
    assert envelope["details"] == {"expected": 139, "found": 140}
    assert await emulated.profile() == before


async def test_update_profile_picture_v2_sets_the_square_in_the_middle_of_any_picture(
    caller: Caller, emulated: Emulated, world: World, outbox: Path
) -> None:
    ids = set()
    for name, content in (("wide.png", png(900, 300)), ("tall.webp", webp(30, 80))):
        path = outbox / name
        path.write_bytes(content)
        done = await caller.ask(OwnPicture, "update_profile_picture_v2", image_path=str(path))
        assert (done.width, done.height) == (640, 640)
        seen = (await emulated.profile()).picture
        assert seen is not None
        assert (seen.id, seen.width, seen.height) == (done.id, 640, 640)
        shown = await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=world.account.pn)
        assert shown.id == done.id
        assert shown.url
        assert hashlib.sha256(await emulated.fetch(shown.url)).hexdigest() == seen.sha256
        ids.add(done.id)
    assert len(ids) == 2


async def test_update_profile_picture_v2_refuses_what_is_no_picture_or_lies_elsewhere(
    caller: Caller, emulated: Emulated, outbox: Path, tmp_path: Path
) -> None:
    before = (await emulated.profile()).picture
    elsewhere, text, torn, huge = tmp_path / "a.png", outbox / "text.png", outbox / "torn.png", outbox / "huge.png"
    for path, content in ((elsewhere, png(9, 9)), (text, b"not a picture"), (torn, png(300, 300)[:200])):
        path.write_bytes(content)
    with huge.open("wb") as file:
        file.write(png(9, 9))
        file.truncate(17 << 20)
    for path, code in (
        (elsewhere, Code.FILE_NOT_ALLOWED),
        (outbox.parent / "bridge.token", Code.FILE_NOT_ALLOWED),
        (outbox, Code.FILE_NOT_ALLOWED),
        (outbox / "nothing.png", Code.FILE_NOT_FOUND),
        (text, Code.INVALID_MEDIA_TYPE),
        (torn, Code.INVALID_MEDIA_TYPE),
        (huge, Code.FILE_TOO_LARGE),
    ):
        assert (await caller.refused("update_profile_picture_v2", image_path=str(path)))[0] is code, path
    assert (await emulated.profile()).picture == before


async def test_get_linked_devices_v2_lists_the_phone_this_bridge_and_the_other_companion(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    linked = {companion.device: companion for companion in await emulated.devices()}
    listed = (await caller.ask(LinkedDevices, "get_linked_devices_v2")).devices
    assert [one.id for one in listed] == [0, *sorted(linked)]
    assert (listed[0].kind, listed[0].jid, listed[0].this_bridge) == ("phone", world.account.pn, False)
    for one in listed[1:]:
        assert (one.kind, one.jid) == ("companion", linked[one.id].jid)
    (mine,) = [one for one in listed if one.this_bridge]
    assert linked[mine.id].platform == "WhatsApp MCP"
