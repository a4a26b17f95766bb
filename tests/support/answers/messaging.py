"""docs/examples/basic-messaging.md."""

from __future__ import annotations

from answers.recorder import Recorder, first
from files import png, tone

PAGE = "basic-messaging"
FRIEND, SISTER, GRANDMA, STREET = "Bob Carver", "Zoë Müller", "Grandma Rose", "Street Talk"


async def play(r: Recorder) -> None:
    """Ten examples."""
    r.page(
        PAGE,
        "Basic messaging",
        "Ten things to say to an assistant that has this server, the calls that it makes, and what they answer. All "
        "answers are real: the demo's world gave them, and `make test` asks again. Long lists are cut.",
    )
    for example in (text, image, voice, place, card, correct, react, forward, download, refused):
        await example(r)


async def text(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Send a text",
        "Ask Bob whether he has found the drill.",
        "A name is enough where it fits one chat. `sent` means that WhatsApp's server has taken the message; "
        "`unacknowledged` would mean that it went out and nothing was heard: it is not sent again by itself.",
    )
    await asked.call("send_text_message_v2", chat_jid=FRIEND, text="Have you found the drill?")


async def image(r: Recorder) -> None:
    path = r.file("lantern-by-night.png", png(80, 60))
    asked = r.example(
        PAGE,
        "Send a picture with a caption",
        "Send Grandma the lantern picture from my downloads.",
        "Files are sent from allowed folders alone: the downloads and the bridge's own media folder, unless "
        "`WHATSAPP_MCP_SEND_ROOTS` says otherwise.",
    )
    await asked.call(
        "send_media_message_v2", chat_jid=GRANDMA, media_path=path, media_type="image", caption="Our lantern"
    )


async def voice(r: Recorder) -> None:
    path = r.file("greeting.wav", tone(2))
    asked = r.example(
        PAGE,
        "Send a voice note",
        "Send my recording to Zoë as a voice note.",
        "Any audio file becomes a voice note by ffmpeg. Without it only an .ogg with Opus goes (`FFMPEG_MISSING`).",
    )
    await asked.call("send_voice_note_v2", chat_jid=SISTER, audio_path=path)


async def place(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Send a place",
        "Tell Bob where the old laundry is.",
        "The place is shown on a map, with name and address below it.",
    )
    await asked.call(
        "send_location_v2",
        chat_jid=FRIEND,
        latitude=48.2082,
        longitude=16.3738,
        name="The old laundry",
        address="Mill Lane 1",
    )


async def card(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Send a contact",
        "Give Zoë the number of the bicycle shop.",
        "The card carries the number that search_contacts told, so the recipient can write to it.",
    )
    await asked.call("search_contacts", query="Cycles")
    vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Mill Lane Cycles\nTEL:+1 555 0114\nEND:VCARD"
    await asked.call("send_contact_v2", chat_jid=SISTER, vcard=vcard)


async def correct(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Correct a message, and take it back",
        "Tell Bob seven. No, make that eight. Oh, delete it, I will call him.",
        "A message can be edited for 15 minutes and keeps its id. Deleting is for everyone and cannot be undone.",
    )
    sent = await asked.call("send_text_message_v2", chat_jid=FRIEND, text="I come at seven")
    id_ = sent["message_id"]
    await asked.call("edit_message_v2", message_id=id_, new_text="I come at eight")
    await asked.call("delete_message_v2", message_id=id_)


async def react(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Answer with a reaction",
        "Put a cat on the last message in Street Talk.",
        "One reaction for each person: another one replaces it, and an empty emoji takes it back.",
    )
    found = await asked.call("list_messages", chat_jid=STREET, limit=1, include_context=False)
    await asked.call("react_to_message_v2", chat_jid=STREET, message_id=first(found, "messages")["id"], emoji="😺")


async def forward(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Forward a message",
        "Forward what Marta said about the geraniums to Zoë.",
        "The copy is marked as forwarded and has an id of its own. Pictures and files are forwarded without an upload.",
    )
    found = await asked.call("query_synced_messages", content="geraniums complain", limit=1)
    id_ = first(found, "messages")["id"]
    await asked.call("forward_message_v2", message_id=id_, from_chat_jid=STREET, to_chat_jid=SISTER)


async def download(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Download a picture",
        "Get me the picture that Bob has just sent.",
        "The file lies on this machine under a name made of its message's id. It is never opened and never run.",
    )
    sent = await r.emulated.send(
        FRIEND, "image", png(48, 48), caption="Found it, see?", mime="image/png", id_="3A00000000000000000302"
    )
    await r.stored(FRIEND, sent.id)
    asked.meanwhile("Bob has sent a picture.")
    await asked.call("query_synced_messages", chat_jid=FRIEND, media_type="image", include_media=True, limit=1)
    await asked.call("download_media_v2", message_id=sent.id)


async def refused(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "When something is refused",
        "Write “see you there” to announcements. And to +1 555 0199.",
        "Nothing was sent. Every error has a code, says what was wrong, and what to do next: here to ask the person "
        "which candidate is meant, and to check the number. [ERROR_HANDLING.md](../ERROR_HANDLING.md) has every code.",
    )
    await asked.refused("send_text_message_v2", chat_jid="announcements", text="See you there")
    await asked.refused("send_text_message_v2", chat_jid="+1 555 0199", text="See you there")
