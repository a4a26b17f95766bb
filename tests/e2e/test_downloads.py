"""Downloads, by the bytes that a contact sent."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from caller import Caller
from cli.emulated import Emulated, Said, World
from cli.stage import Stage, until
from errors import Code
from files import png
from tools.results import DownloadedMedia, SentMessage

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRIEND = "Kenji"


async def stored(caller: Caller, said: Said, chat: str = FRIEND) -> Said:
    """What was said, once it stands in messages.db."""
    await until(lambda: caller.knows(said.id, chat), bool, 15)
    return said


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def spoil(path: str) -> None:
    Path(path).write_bytes(b"somebody changed it")


@pytest.mark.parametrize("name", ["download_media", "download_media_v2"])
async def test_a_received_file_lies_in_the_media_folder_under_a_safe_name(
    caller: Caller, emulated: Emulated, stage: Stage, world: World, name: str
) -> None:
    said = await stored(
        caller, await emulated.send(FRIEND, "document", 5000, mime="application/pdf", name="../../../evil.sh")
    )
    chat = {"chat_jid": FRIEND} if name == "download_media" else {}
    got = await caller.ask(DownloadedMedia, name, message_id=said.id, **chat)
    assert (got.kind, got.mime, got.file_name, got.size) == ("document", "application/pdf", "../../../evil.sh", 5000)
    assert got.chat_jid == world.contact(FRIEND).pn
    assert digest(got.path) == said.sha256
    path, folder = Path(got.path), stage.folder / "whatsapp" / "media"
    assert path.parent == folder
    assert path.name.startswith(said.id)
    assert path.suffix == ".pdf"
    if os.name == "posix":
        assert (mode(path), mode(folder)) == (0o600, 0o700)
    with closing(sqlite3.connect(f"{(stage.folder / 'whatsapp' / 'messages.db').as_uri()}?mode=ro", uri=True)) as db:
        found = db.execute("SELECT local_path FROM messages WHERE id = ?", (said.id,)).fetchone()
    assert found == (f"media/{path.name}",)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "voice", "sticker"])
async def test_every_kind_of_media_can_be_downloaded(caller: Caller, emulated: Emulated, kind: str) -> None:
    said = await stored(caller, await emulated.send(FRIEND, kind, png(8, 8), mime="image/png"))  # type: ignore[arg-type]
    got = await caller.ask(DownloadedMedia, "download_media_v2", message_id=said.id)
    assert (got.kind, digest(got.path)) == (kind, said.sha256)


async def test_a_second_download_is_answered_from_the_file(caller: Caller, emulated: Emulated) -> None:
    said = await stored(caller, await emulated.send(FRIEND, "image", 3000, mime="image/jpeg"))
    first = await caller.ask(DownloadedMedia, "download_media_v2", message_id=said.id)
    assert said.path
    await emulated.lose(said.path)
    assert await caller.ask(DownloadedMedia, "download_media_v2", message_id=said.id) == first
    spoil(first.path)
    assert (await caller.refused("download_media_v2", message_id=said.id))[0] is Code.MEDIA_EXPIRED


async def test_an_own_file_can_be_downloaded_too(caller: Caller, stage: Stage) -> None:
    path = stage.folder / "whatsapp" / "media" / "mine.png"
    path.write_bytes(png(30, 30))
    sent = await caller.ask(SentMessage, "send_file", recipient=FRIEND, media_path=str(path))
    got = await caller.ask(DownloadedMedia, "download_media_v2", message_id=sent.message_id)
    assert digest(got.path) == digest(str(path))


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_what_the_servers_hold_no_more_the_phone_uploads_again(
    caller: Caller, emulated: Emulated, status: int
) -> None:
    said = await stored(caller, await emulated.send(FRIEND, "image", 3000 + status, mime="image/jpeg"))
    assert said.path
    await emulated.expire(said.path, status)
    got = await caller.ask(DownloadedMedia, "download_media_v2", message_id=said.id)
    assert digest(got.path) == said.sha256
    phone = await emulated.phone()
    assert (said.id, "MEDIA_RETRY") in {(event.id, event.text) for event in phone.events}


async def test_an_expired_file_of_a_group_is_asked_for_as_its_authors(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room = world.group("Book Club 📚")
    said = await stored(
        caller, await emulated.send("Priya Raman", "video", 4321, chat=room.jid, mime="video/mp4"), room.jid
    )
    assert said.path
    await emulated.expire(said.path, 410)
    got = await caller.ask(DownloadedMedia, "download_media", message_id=said.id, chat_jid=room.name)
    assert (digest(got.path), got.chat_jid) == (said.sha256, room.jid)


@pytest.mark.symptom("Media cannot be downloaded")
async def test_what_the_phone_has_lost_too_is_expired(caller: Caller, emulated: Emulated) -> None:
    said = await stored(caller, await emulated.send(FRIEND, "image", 2500, mime="image/jpeg"))
    assert said.path
    await emulated.lose(said.path)
    code, envelope = await caller.refused("download_media_v2", message_id=said.id)
    assert code is Code.MEDIA_EXPIRED
    assert "sender" in str(envelope["resolution"])
    again = await stored(caller, await emulated.send(FRIEND, "image", 2600, mime="image/jpeg"))
    assert (await caller.ask(DownloadedMedia, "download_media_v2", message_id=again.id)).size == 2600


async def test_a_message_without_a_file_has_none(caller: Caller, emulated: Emulated) -> None:
    said = await stored(caller, await emulated.say(FRIEND, "Just words."))
    assert (await caller.refused("download_media_v2", message_id=said.id))[0] is Code.NO_MEDIA_CONTENT


async def test_a_message_that_is_not_stored_is_not_found(caller: Caller) -> None:
    code, _ = await caller.refused("download_media_v2", message_id="3EB0FFFFFFFFFFFFFFFF")
    assert code is Code.MESSAGE_NOT_FOUND


async def test_an_id_that_stands_in_two_chats_is_settled_by_the_chat(caller: Caller, emulated: Emulated) -> None:
    same, other = "3EB0DD0011223344AA", "Amira حداد"
    one = await stored(caller, await emulated.send(FRIEND, "image", 1111, id_=same, mime="image/jpeg"))
    two = await stored(caller, await emulated.send(other, "image", 2222, id_=same, mime="image/jpeg"), other)
    code, envelope = await caller.refused("download_media_v2", message_id=same)
    assert code is Code.AMBIGUOUS_MESSAGE
    assert other in str(envelope["details"])
    for said, chat in ((one, FRIEND), (two, other)):
        got = await caller.ask(DownloadedMedia, "download_media_v2", message_id=same, chat_jid=chat)
        assert digest(got.path) == said.sha256


@pytest.mark.parametrize("claimed", [300 << 20, 10], ids=["too-large", "larger-than-it-says"])
async def test_no_more_is_fetched_than_the_message_may_and_does_say(
    caller: Caller, emulated: Emulated, stage: Stage, claimed: int
) -> None:
    said = await stored(caller, await emulated.send(FRIEND, "video", 50_000, mime="video/mp4", claimed=claimed))
    assert (await caller.refused("download_media_v2", message_id=said.id))[0] is Code.FILE_TOO_LARGE
    assert not [path for path in (stage.folder / "whatsapp" / "media").iterdir() if said.id in path.name]
    assert not list((stage.folder / "whatsapp" / "media").glob(".download-*"))
