"""Sends that carry more than text, by what the recipient opens."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from pydantic import JsonValue

from caller import Caller
from cli.emulated import Emulated, Event, File, World
from cli.stage import Stage, until
from errors import Code
from files import convert, png, tone, webp
from tools.results import MessageList, SentMessage

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRIEND = "Tomás Oliveira"


async def arrived(emulated: Emulated, sent: SentMessage, contact: str = FRIEND) -> Event:
    """The message as the contact decrypted it."""
    assert sent.status == "sent"
    seen = await until(
        lambda: emulated.received(contact),
        lambda so_far: any(event.kind == "message" and event.id == sent.message_id for event in so_far.events),
        15,
    )
    return next(event for event in seen.events if event.kind == "message" and event.id == sent.message_id)


async def opened(emulated: Emulated, sent: SentMessage, kind: str, content: bytes | None) -> tuple[Event, File]:
    """The file as the contact downloaded and decrypted it; its bytes are those that were sent."""
    event = await arrived(emulated, sent)
    assert event.type == kind
    assert event.file is not None
    assert event.file.error is None
    if content is not None:
        assert (event.file.size, event.file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    return event, event.file


def put(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


# Places and people


async def test_send_location_v2_shows_a_place_on_the_map(caller: Caller, emulated: Emulated) -> None:
    sent = await caller.ask(
        SentMessage,
        "send_location_v2",
        chat_jid=FRIEND,
        latitude=48.2082,
        longitude=-16.3738,
        name="Riverside Park",
        address="1 River Street",
    )
    event = await arrived(emulated, sent)
    assert event.type == "location"
    assert event.place is not None
    assert (event.place.latitude, event.place.longitude) == (48.2082, -16.3738)
    assert (event.place.name, event.place.address) == ("Riverside Park", "1 River Street")


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 0), (-90.1, 0), (0, 180.1), (0, -180.1)])
async def test_a_place_that_is_not_on_the_globe_is_refused(caller: Caller, latitude: float, longitude: float) -> None:
    code, _ = await caller.refused("send_location_v2", chat_jid=FRIEND, latitude=latitude, longitude=longitude)
    assert code is Code.INVALID_COORDINATES


async def test_send_contact_v2_passes_on_somebody_who_can_be_written_to(caller: Caller, emulated: Emulated) -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\\, the baker\r\nitem1.TEL;type=CELL:+1 555 0100\r\nEND:VCARD\r\n"
    event = await arrived(emulated, await caller.ask(SentMessage, "send_contact_v2", chat_jid=FRIEND, vcard=card))
    assert (event.type, event.text) == ("contact", "Ann, the baker")
    assert event.cards == [
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\\, the baker\nitem1.TEL;type=CELL;waid=15550100:+1 555 0100\nEND:VCARD"
    ]
    both = card + card.replace("Ann\\, the baker", "Ben")
    event = await arrived(emulated, await caller.ask(SentMessage, "send_contact_v2", chat_jid=FRIEND, vcard=both))
    assert len(event.cards) == 2


@pytest.mark.parametrize("card", ["Ann, +1 555 0100", "BEGIN:VCARD\nFN:Ann", "BEGIN:VCARD\nTEL:+15550100\nEND:VCARD"])
async def test_what_is_no_vcard_is_refused(caller: Caller, card: str) -> None:
    code, envelope = await caller.refused("send_contact_v2", chat_jid=FRIEND, vcard=card)
    assert code is Code.INVALID_ARGUMENT
    assert "vcard" in str(envelope["message"])


# Files


async def test_send_file_sends_a_picture_as_one_with_a_thumbnail(
    caller: Caller, emulated: Emulated, outbox: Path
) -> None:
    content = png(400, 200)
    path = put(outbox, "lantern.dat", content)
    sent = await caller.ask(SentMessage, "send_file", recipient=FRIEND, media_path=path, caption="The lanterns")
    event, file = await opened(emulated, sent, "image", content)
    assert (event.text, file.mime) == ("The lanterns", "image/png")
    assert (file.width, file.height, file.thumbnail_width, file.thumbnail_height) == (400, 200, 100, 50)
    listed = await caller.ask(MessageList, "list_messages", chat_jid=FRIEND, limit=5, include_context=False)
    message = next(message for message in listed.messages if message.id == sent.message_id)
    assert message.media is not None
    assert (message.kind, message.text, message.media.mime) == ("image", "The lanterns", "image/png")


async def test_send_media_message_v2_sends_any_file_as_a_document(
    caller: Caller, emulated: Emulated, outbox: Path
) -> None:
    for name, content, mime in (
        ("lantern.png", png(20, 10), "image/png"),
        ("notes.exe", b"Bring the ladder.\n", "text/plain"),
    ):
        sent = await caller.ask(
            SentMessage,
            "send_media_message_v2",
            chat_jid=FRIEND,
            media_path=put(outbox, name, content),
            media_type="document",
            caption="For you",
        )
        event, file = await opened(emulated, sent, "document", content)
        assert (event.text, file.mime, file.file_name) == ("For you", mime, name)


async def test_send_media_message_v2_sends_video_and_audio(
    caller: Caller, emulated: Emulated, outbox: Path, tmp_path: Path
) -> None:
    clip = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 100
    sent = await caller.ask(
        SentMessage,
        "send_media_message_v2",
        chat_jid=FRIEND,
        media_path=put(outbox, "clip.bin", clip),
        media_type="video",
        caption="Look",
    )
    event, file = await opened(emulated, sent, "video", clip)
    assert (event.text, file.mime) == ("Look", "video/mp4")
    source = tmp_path / "tone.wav"
    source.write_bytes(tone(2))
    song = convert(source, outbox / "song.mp3")
    sent = await caller.ask(
        SentMessage, "send_media_message_v2", chat_jid=FRIEND, media_path=str(song), media_type="audio"
    )
    _, file = await opened(emulated, sent, "audio", song.read_bytes())
    assert file.mime == "audio/mpeg"


async def test_a_file_that_is_not_of_the_kind_is_refused(caller: Caller, outbox: Path) -> None:
    path = put(outbox, "holiday.png", b"This is no picture.")
    for kind in ("image", "video", "audio"):
        code, envelope = await caller.refused(
            "send_media_message_v2", chat_jid=FRIEND, media_path=path, media_type=kind
        )
        assert code is Code.INVALID_MEDIA_TYPE
        assert "document" in str(envelope["resolution"])


async def test_only_a_file_below_an_allowed_folder_is_sent(
    caller: Caller, stage: Stage, outbox: Path, tmp_path: Path
) -> None:
    elsewhere = put(tmp_path, "secret.png", png(10, 10))
    link, pipe = outbox / "link.png", outbox / "pipe.png"
    link.symlink_to(elsewhere)
    os.mkfifo(pipe)
    for path in (
        elsewhere,
        str(link),
        f"{outbox}/../../../{Path(elsewhere).relative_to(tmp_path.parent.parent)}",
        str(outbox.parent / "bridge.token"),
        f"{outbox}/../bridge.token",
        str(stage.folder / "whatsapp" / "messages.db"),
        str(pipe),
        str(outbox),
        "/dev/zero",
        "/proc/self/environ",
        "/no/such/file",
    ):
        code, envelope = await caller.refused("send_file", recipient=FRIEND, media_path=path)
        assert code is Code.FILE_NOT_ALLOWED, path
        assert str(elsewhere) not in str(envelope)
    for path in (str(outbox / "missing.png"), "lantern.dat", f"{outbox}/a\0b"):
        assert (await caller.refused("send_file", recipient=FRIEND, media_path=path))[0] is Code.FILE_NOT_FOUND, path


async def test_a_file_that_is_too_large_is_refused_before_it_is_uploaded(caller: Caller, outbox: Path) -> None:
    path = outbox / "large.png"
    path.write_bytes(png(10, 10))
    os.truncate(path, (16 << 20) + 1)
    code, envelope = await caller.refused("send_file", recipient=FRIEND, media_path=str(path))
    assert code is Code.FILE_TOO_LARGE
    assert "document" in str(envelope["resolution"])


# Voice notes


@pytest.mark.parametrize(("name", "path_as"), [("send_audio_message", "wav"), ("send_voice_note_v2", "m4a")])
async def test_any_audio_becomes_a_voice_note(
    caller: Caller, emulated: Emulated, outbox: Path, tmp_path: Path, name: str, path_as: str
) -> None:
    source = tmp_path / "tone.wav"
    source.write_bytes(tone(3))
    path = str(convert(source, outbox / f"hello.{path_as}"))
    arguments: dict[str, JsonValue] = {"chat_jid": FRIEND, "audio_path": path}
    if name == "send_audio_message":
        arguments = {"recipient": FRIEND, "media_path": path}
    _, file = await opened(emulated, await caller.ask(SentMessage, name, **arguments), "voice", None)
    assert (file.mime, file.seconds) == ("audio/ogg; codecs=opus", 3)
    assert len(file.waveform) == 64
    assert max(file.waveform[:28]) == 100
    assert max(file.waveform[36:]) < 20


async def test_what_is_opus_already_is_sent_as_it_is(
    caller: Caller, emulated: Emulated, outbox: Path, tmp_path: Path
) -> None:
    source = tmp_path / "tone.wav"
    source.write_bytes(tone(2))
    path = convert(source, outbox / "hello.opus")
    sent = await caller.ask(SentMessage, "send_voice_note_v2", chat_jid=FRIEND, audio_path=str(path))
    _, file = await opened(emulated, sent, "voice", path.read_bytes())
    assert (file.mime, file.seconds, len(file.waveform)) == ("audio/ogg; codecs=opus", 2, 64)


async def test_what_has_no_sound_is_no_voice_note(caller: Caller, outbox: Path) -> None:
    silent = b"RIFF\x24\x00\x00\x00WAVEfmt nonsense"
    for path in (put(outbox, "words.mp3", b"Only words."), put(outbox, "broken.wav", silent)):
        code, _ = await caller.refused("send_voice_note_v2", chat_jid=FRIEND, audio_path=path)
        assert code is Code.INVALID_MEDIA_TYPE


# Stickers


async def test_send_sticker_v2_sends_webp_of_the_right_size(caller: Caller, emulated: Emulated, outbox: Path) -> None:
    content = webp(512, 512)
    path = put(outbox, "cat.webp", content)
    sent = await caller.ask(SentMessage, "send_sticker_v2", chat_jid=FRIEND, sticker_path=path)
    _, file = await opened(emulated, sent, "sticker", content)
    assert (file.mime, file.width, file.height, file.moves) == ("image/webp", 512, 512, False)


async def test_a_picture_of_another_size_or_format_is_no_sticker(caller: Caller, outbox: Path) -> None:
    for path in (put(outbox, "small.webp", webp(100, 512)), put(outbox, "cat.png", png(512, 512))):
        code, _ = await caller.refused("send_sticker_v2", chat_jid=FRIEND, sticker_path=path)
        assert code is Code.INVALID_MEDIA_TYPE


# Mentions


async def test_who_is_mentioned_is_named_as_the_group_addresses_them(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room, priya, rose = world.group("Book Club 📚"), world.contact("Priya Raman"), world.contact("林美玲")
    sent = await caller.ask(
        SentMessage,
        "send_text_message_v2",
        chat_jid=room.jid,
        text=f"@Priya Raman and @{rose.pn.split('@')[0]}, who brings the cake?",
        mentions=["Priya Raman", "+" + rose.pn.split("@")[0]],
    )
    event = await arrived(emulated, sent, "Priya Raman")
    assert event.mentions == [priya.lid, rose.lid]
    assert event.text == f"@{priya.lid.split('@')[0]} and @{rose.lid.split('@')[0]}, who brings the cake?"


async def test_a_mention_that_fits_nobody_sends_nothing(caller: Caller, world: World) -> None:
    code, _ = await caller.refused(
        "send_text_message_v2", chat_jid=FRIEND, text="hello", mentions=["Nobody Of That Name"]
    )
    assert code is Code.CHAT_NOT_FOUND
    room = world.group("Book Club 📚")
    code, _ = await caller.refused("send_text_message_v2", chat_jid=FRIEND, text="hello", mentions=[room.jid])
    assert code is Code.INVALID_ARGUMENT
