"""What breaks in real life: a killed bridge, a removed device, a replaced session, a phone that is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client

from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Fault
from cli.stage import Stage, link, open_stage, until
from errors import Code
from holding import held
from restart import restart
from server import build_server
from tools.results import (
    BackendStatus,
    BlockedContacts,
    Blocking,
    BusinessProfile,
    ChatHistory,
    ChatList,
    CommunityReport,
    ContactAbout,
    DownloadedMedia,
    HistoryProgress,
    HistoryReach,
    MergeReport,
    MessageList,
    NumberCheck,
    PrivacyChange,
    PrivacySettings,
    ProfilePicture,
    SentMessage,
)

COMMUNITY = "Riverside Neighbours"
BAKERY = "Bäckerei Jörg"


@pytest_asyncio.fixture
async def stage(built: None, tmp_path: Path) -> AsyncIterator[Stage]:
    async with held(open_stage(tmp_path, WORLD)) as opened:
        await opened.link()
        yield opened


@asynccontextmanager
async def calling(stage: Stage) -> AsyncIterator[Caller]:
    async with Client(build_server(stage.settings), mode="legacy") as client:
        yield Caller(client)


async def newest_ids(caller: Caller, chat: str) -> list[str]:
    listed = await caller.ask(MessageList, "list_messages", chat_jid=chat, limit=5, include_context=False)
    return [message.id for message in listed.messages]


async def test_what_is_said_while_the_go_bridge_is_dead_arrives_when_it_is_back(stage: Stage) -> None:
    friend = (await stage.emulated.world()).contact("Bob Carver")
    async with calling(stage) as caller:
        await stage.whatsapp.kill()
        said = await stage.emulated.say(friend.name, "Are you there?")
        stood_in = await caller.ask(SentMessage, "send_message", recipient=friend.pn, message="One moment.")
        assert (stood_in.status, stood_in.served_by) == ("sent", "baileys")
        await until(
            lambda: stage.emulated.received(friend.name),
            lambda heard: ("One moment.", stood_in.message_id) in [(event.text, event.id) for event in heard.events],
            15,
        )
        code, envelope = await caller.refused("send_message", recipient=friend.name, message="yes")
        assert code is Code.BRIDGE_UNREACHABLE
        assert "whatsapp-bridge" in str(envelope["resolution"])
        assert "number" in str(envelope["resolution"])
        status = await caller.ask(BackendStatus, "backend_status")
        assert (status.go.state, status.baileys.state) == ("unreachable", "connected")
        await restart(stage.whatsapp)
        await until(lambda: newest_ids(caller, friend.pn), lambda ids: {said.id, stood_in.message_id} <= set(ids), 30)
        sent = await caller.ask(SentMessage, "send_message", recipient=friend.pn, message="Now I am.")
        assert sent.status == "sent"


async def test_while_the_go_bridge_is_away_the_baileys_bridge_looks_people_up(stage: Stage) -> None:
    world = await stage.emulated.world()
    friend, room = world.contact("Zoë Müller"), world.group("Family 🏡")
    async with calling(stage) as caller:
        await stage.whatsapp.kill()
        about = await caller.ask(ContactAbout, "get_contact_status_v2", jid=friend.lid)
        assert (about.jid, about.lid, about.phone, about.name) == (friend.pn, friend.lid, "+15550102", friend.name)
        assert (about.about, about.served_by) == ("in the garden", "baileys")
        picture = await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=friend.pn)
        assert (picture.jid, picture.name, picture.served_by) == (friend.pn, friend.name, "baileys")
        assert picture.url
        assert (await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=room.jid)).url
        assert (await caller.ask(ProfilePicture, "get_profile_picture_v2", jid=world.contact("Dee").pn)).url is None
        number = await caller.ask(NumberCheck, "check_is_on_whatsapp", phone="+1 555 0107")
        assert (number.registered, number.jid, number.business_name) == (True, "15550107@s.whatsapp.net", BAKERY)
        assert number.served_by == "baileys"
        nobody = await caller.ask(NumberCheck, "check_is_on_whatsapp", phone="+1 555 0199")
        assert (nobody.phone, nobody.registered, nobody.jid) == ("+15550199", False, None)
        await caller.refused("get_contact_status_v2", jid="+1 555 0198")
        code, envelope = await caller.refused("check_is_on_whatsapp", phone="+1 555 0101")
        assert code is Code.RATE_LIMIT
        assert "retry_after_s" in str(envelope["details"])
        hidden = (await caller.refused("get_contact_status_v2", jid=world.contact("Priya Raman").pn))[0]
        assert hidden is Code.PRIVACY_RESTRICTED
        hidden = (await caller.refused("get_profile_picture_v2", jid=world.contact("Tomás Oliveira").pn))[0]
        assert hidden is Code.PRIVACY_RESTRICTED


async def test_while_the_go_bridge_is_away_the_baileys_bridge_blocks_and_sets_privacy(stage: Stage) -> None:
    friend = (await stage.emulated.world()).contact("Marta")
    async with calling(stage) as caller:
        await stage.whatsapp.kill()
        done = await caller.ask(Blocking, "block_contact", phone="+1 555 0113")
        assert (done.status, done.blocked, done.jid, done.served_by) == ("changed", True, friend.pn, "baileys")
        assert (await stage.emulated.phone()).blocked == [friend.lid]
        assert (await caller.ask(Blocking, "block_contact", jid=friend.lid)).status == "unchanged"
        listed = await caller.ask(BlockedContacts, "get_blocked_contacts")
        assert ([person.jid for person in listed.contacts], listed.served_by) == ([friend.pn], "baileys")
        assert (await caller.ask(Blocking, "unblock_contact", jid=friend.pn)).status == "changed"
        assert (await stage.emulated.phone()).blocked == []
        assert (await caller.refused("block_contact"))[0] is Code.MISSING_IDENTIFIER
        assert (await caller.refused("block_contact", phone="+1 555 0195"))[0] is Code.RECIPIENT_UNREACHABLE

        for tool, name, value in (
            ("update_last_seen_privacy", "last", "contacts"),
            ("update_profile_picture_privacy", "profile", "contact_blacklist"),
            ("update_status_privacy", "status", "none"),
            ("update_online_privacy", "online", "match_last_seen"),
        ):
            change = await caller.ask(PrivacyChange, tool, value=value)
            assert (change.status, change.served_by) == ("changed", "baileys")
            assert (await stage.emulated.phone()).privacy[name] == value
        settings = await caller.ask(PrivacySettings, "get_privacy_settings")
        assert (settings.last_seen, settings.online, settings.about) == ("contacts", "match_last_seen", "none")
        assert settings.served_by == "baileys"


async def test_while_the_go_bridge_is_away_a_text_may_mention_and_answer_and_its_refusals_have_their_codes(
    stage: Stage,
) -> None:
    world = await stage.emulated.world()
    room, friend = world.group("Family 🏡"), world.contact("Grandma Rose")
    async with calling(stage) as caller:
        listed = await caller.ask(MessageList, "list_messages", chat_jid=room.jid, limit=1, include_context=False)
        await stage.whatsapp.kill()
        sent = await caller.ask(
            SentMessage,
            "send_text_message_v2",
            chat_jid=room.jid,
            text="@Grandma Rose, which river?",
            quoted_message_id=listed.messages[0].id,
            mentions=[friend.pn],
        )
        assert (sent.status, sent.chat_name, sent.served_by) == ("sent", room.name, "baileys")
        heard = await until(
            lambda: stage.emulated.received(friend.name),
            lambda so_far: any(event.id == sent.message_id for event in so_far.events),
            15,
        )
        (event,) = [event for event in heard.events if event.kind == "message" and event.id == sent.message_id]
        assert (event.text, event.quoted) == (f"@{friend.lid.split('@')[0]}, which river?", listed.messages[0].id)
        for arguments, code in (
            ({"chat_jid": "+1 555 0199", "text": "hello?"}, Code.RECIPIENT_UNREACHABLE),
            ({"chat_jid": world.group("Buy, Swap, Give").jid, "text": "hello?"}, Code.NOT_GROUP_MEMBER),
            ({"chat_jid": friend.pn, "text": "yes", "quoted_message_id": "3EB0FFFFFFFFFF"}, Code.MESSAGE_NOT_FOUND),
        ):
            assert (await caller.refused("send_text_message_v2", **arguments))[0] is code


@pytest.mark.symptom("Media cannot be downloaded")
async def test_an_expired_file_waits_for_the_phone_no_longer_than_a_client_does(stage: Stage) -> None:
    said = await stage.emulated.send("Bob Carver", "image", 2000, mime="image/jpeg")
    assert said.path
    async with calling(stage) as caller:
        await until(lambda: newest_ids(caller, "Bob Carver"), lambda ids: said.id in ids, 30)
        await stage.emulated.expire(said.path, 404)
        await stage.emulated.fault("phone_offline")
        code, envelope = await caller.refused("download_media_v2", message_id=said.id)
        assert code is Code.MEDIA_EXPIRED
        assert "online" in str(envelope["resolution"])
        await stage.emulated.fault("phone_offline", on=False)
        got = await caller.ask(DownloadedMedia, "download_media_v2", message_id=said.id)
        assert got.size == 2000


async def test_a_history_job_survives_the_death_of_its_bridge(stage: Stage) -> None:
    room = (await stage.emulated.world()).group("Street Talk")
    truth = await stage.emulated.truth(room.jid)
    async with calling(stage) as caller:
        await caller.ask(HistoryProgress, "retrieve_full_history", timeout=60)
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=room.jid, max_messages=10_000)
        await stage.baileys.kill()
        # The job is in the bridge that died; the other one tells what it holds, and who says so.
        meanwhile = await caller.ask(ChatHistory, "get_sync_status", chat_jid=room.jid)
        assert (meanwhile.served_by, meanwhile.job) == ("go", None)
        assert (await caller.ask(ChatList, "list_chats")).chats
        await restart(stage.baileys)
        await until(
            lambda: caller.ask(BackendStatus, "backend_status"),
            lambda status: status.baileys.state == "connected",
            30,
        )
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=room.jid, resume=True, max_messages=10_000)
        await until(
            lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=room.jid),
            lambda seen: seen.job is not None and seen.job.state == "completed",
            60,
        )
        await caller.ask(MergeReport, "sync_history_to_database")
        listed = await caller.ask(MessageList, "query_synced_messages", chat_jid=room.jid, limit=200)
        assert {message.id for message in listed.messages} == {message.id for message in truth[:200]}


async def test_when_the_baileys_bridge_dies_the_flagship_fetches_through_the_go_bridge_and_says_so(
    stage: Stage,
) -> None:
    async with calling(stage) as caller:
        await stage.baileys.kill()
        report = await caller.ask(CommunityReport, "mark_community_as_read_with_history", community_jid=COMMUNITY)
    assert report.status == "completed"
    steps = {step.name: step for step in report.steps}
    assert (steps["fetch"].outcome, steps["mark"].outcome) == ("done", "done")
    assert "through the Go bridge" in steps["fetch"].note
    assert {group.status for group in report.groups} <= {"read", "already_read", "not_joined"}
    assert all(group.history == "complete" for group in report.groups if group.status != "not_joined")


async def test_with_the_phone_offline_the_flagship_marks_what_is_there_and_a_second_call_completes(
    stage: Stage,
) -> None:
    async with calling(stage) as caller:
        await caller.ask(HistoryProgress, "retrieve_full_history", timeout=60)
        await stage.emulated.fault("phone_offline")
        report = await caller.ask(
            CommunityReport, "mark_community_as_read_with_history", community_jid=COMMUNITY, sync_timeout=60
        )
        assert report.status in ("partial", "running")
        await stage.emulated.fault("phone_offline", on=False)
        done = await until(
            lambda: caller.ask(
                CommunityReport, "mark_community_as_read_with_history", community_jid=COMMUNITY, sync_timeout=60
            ),
            lambda seen: seen.status == "completed",
            90,
        )
        assert all(group.history == "complete" for group in done.groups if group.status != "not_joined")


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("401", "logged_out", Code.AUTH_EXPIRED),
        ("440", "replaced", Code.SESSION_REPLACED),
        ("405", "client_outdated", Code.CLIENT_OUTDATED),
        ("banned", "temporarily_banned", Code.TEMPORARILY_BANNED),
    ],
)
async def test_an_end_that_is_final_has_its_own_state_code_and_cure_and_the_store_still_answers(
    stage: Stage, fault: Fault, state: str, code: Code
) -> None:
    friend = (await stage.emulated.world()).contact("Bob Carver")
    async with calling(stage) as caller:
        await stage.emulated.fault(fault)
        status = await until(
            lambda: caller.ask(BackendStatus, "backend_status"),
            lambda seen: seen.go.state == state and seen.baileys.state == state,
            40,
        )
        for report in (status.go, status.baileys):
            assert report.reason
            assert report.resolution
        refused, _ = await caller.refused("send_message", recipient=friend.pn, message="hello")
        assert refused is code
        assert (await caller.ask(ChatList, "list_chats")).chats
        still = await caller.ask(BackendStatus, "backend_status")
        assert still.go.state == state


async def test_a_bridge_that_is_connected_and_gets_nothing_is_silent_until_it_is_started_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diagnosis.ALIKE_SECONDS", 1)
    monkeypatch.setattr("hybrid.AGAIN_SECONDS", 1)
    friend = (await stage.emulated.world()).contact("Bob Carver")
    async with calling(stage) as caller:
        fine = await caller.ask(BackendStatus, "backend_status")
        assert (fine.go.health, fine.baileys.health) == ("fine", "fine")
        go_device = min(companion.device for companion in await stage.emulated.devices())
        await stage.emulated.fault("silent", device=go_device)

        async def speak() -> BackendStatus:
            await stage.emulated.say(friend.name, "Do you hear me?")
            return await caller.ask(BackendStatus, "backend_status")

        status = await until(speak, lambda seen: seen.go.health == "silent", 30)
        assert (status.go.state, status.baileys.health) == ("connected", "fine")
        assert "Restart" in (status.go.resolution or "")
        assert "silent" in status.summary
        await stage.emulated.fault("silent", on=False)
        last = await stage.emulated.say(friend.name, "And now?")
        await restart(stage.whatsapp)
        await until(lambda: newest_ids(caller, friend.pn), lambda ids: last.id in ids, 30)
        mended = await caller.ask(BackendStatus, "backend_status")
        assert (mended.go.health, mended.baileys.health) == ("fine", "fine")


@pytest.mark.parametrize("fault", ["503", "drop"])
async def test_a_lost_connection_comes_back_by_itself(stage: Stage, fault: Fault) -> None:
    friend = (await stage.emulated.world()).contact("Bob Carver")
    async with calling(stage) as caller:
        # Long enough that the loss is seen; what is dropped for a moment alone may be back before anybody looks.
        if fault == "drop":
            await stage.emulated.fault(fault, ms=3000)
        else:
            await stage.emulated.fault(fault)
        await until(
            lambda: caller.ask(BackendStatus, "backend_status"),
            lambda seen: seen.go.state == seen.baileys.state == "connecting",
            30,
        )
        await stage.emulated.fault(fault, on=False)
        await until(
            lambda: caller.ask(BackendStatus, "backend_status"),
            lambda seen: seen.go.state == seen.baileys.state == "connected",
            60,
        )
        assert (await caller.ask(SentMessage, "send_message", recipient=friend.pn, message="back")).status == "sent"


async def test_what_the_phone_followed_meanwhile_has_its_name_after_the_next_login(stage: Stage) -> None:
    async with calling(stage) as caller:
        await stage.emulated.follow("Mill Weather", followed=True)
        assert "Mill Weather" not in [chat.name for chat in (await caller.ask(ChatList, "list_chats", limit=200)).chats]
        await stage.emulated.fault("drop")
        listed = await until(
            lambda: caller.ask(ChatList, "list_chats", query="Mill Weather"), lambda seen: seen.total == 1, 30
        )
        assert listed.chats[0].kind == "newsletter"


@pytest.mark.symptom("The link has ended")
async def test_a_device_that_the_phone_removed_links_again_and_keeps_its_messages(stage: Stage) -> None:
    async with calling(stage) as caller:
        chats = (await caller.ask(ChatList, "list_chats", limit=200)).total
        assert chats
        await stage.emulated.fault("401", count=1)
        await until(lambda: caller.ask(BackendStatus, "backend_status"), lambda seen: seen.go.state == "logged_out", 30)
        away = await caller.ask(HistoryReach, "get_sync_status", chat_jid="Bob Carver")
        assert [(gap.reason, gap.before, gap.mend) for gap in away.gaps] == [("not_linked", None, None)]
        await stage.emulated.fault("401", on=False)
        async with GoBridge(stage.settings) as go:
            await go.pair_again()
            await link(go, stage.emulated)
        assert (await caller.ask(ChatList, "list_chats", limit=200)).total >= chats
        # What the phone pushes to the new link reaches over the time without one, so nothing is missing.
        await until(
            lambda: caller.ask(HistoryReach, "get_sync_status", chat_jid="Bob Carver"),
            lambda seen: not [gap for gap in seen.gaps if gap.reason == "not_linked"],
            30,
        )


async def test_without_the_baileys_bridge_the_go_bridge_tells_a_profile_and_the_catalog_says_what_is_missing(
    stage: Stage,
) -> None:
    bakery = (await stage.emulated.world()).contact(BAKERY)
    async with calling(stage) as caller:
        await stage.baileys.stop()
        told = await caller.ask(BusinessProfile, "get_business_profile", jid=bakery.pn)
        assert (told.served_by, told.email, told.description) == ("go", "hello@baeckerei-joerg.example", None)
        code, envelope = await caller.refused("get_business_catalog", jid=bakery.pn)
        assert code is Code.BRIDGE_UNREACHABLE
        assert "baileys-bridge" in str(envelope["resolution"])
        assert "catalog" in str(envelope["message"])
