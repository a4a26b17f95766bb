"""The shelf messaging."""

from __future__ import annotations

from pydantic import JsonValue

from wire_cases.shapes import CHAT, SENT, TEXT, Ask, Case, go


def on(act: str, body: JsonValue) -> Ask:
    """A request about the message 3EB0A1."""
    return go("POST", f"/api/messages/{{message_id}}/{act}", f"/api/messages/3EB0A1/{act}", SENT, body=body)


MEDIA = "/api/messages/media"

VOICE = "/api/messages/voice"

STICKER = "/api/messages/sticker"

CONTACT = "/api/messages/contact"

LOCATION = "/api/messages/location"

DOWNLOAD = "/api/messages/{message_id}/download"

PATH = "/home/ann/Downloads/lantern.jpg"

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nTEL:+1 555 0100\nEND:VCARD"

DOWNLOADED: dict[str, JsonValue] = {
    "message_id": "3EB0A1",
    "chat_jid": CHAT,
    "path": "/home/ann/whatsapp-bridge/store/media/3EB0A1-0a1b2c3d.jpg",
    "kind": "image",
    "mime": "image/jpeg",
    "size": 2048,
}

CASES: dict[str, Case] = {
    "send_message": Case(
        "send_message",
        {"recipient": "+1 555 0100", "message": 'a "b" \\ 🎉\n'},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": "+1 555 0100", "text": 'a "b" \\ 🎉\n'}),),
    ),
    "send_text_message_v2": Case(
        "send_text_message_v2",
        {"chat_jid": CHAT, "text": "hello"},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": CHAT, "text": "hello"}),),
    ),
    "send_text_message_v2 as an answer": Case(
        "send_text_message_v2",
        {"chat_jid": CHAT, "text": "yes", "quoted_message_id": "3EB0A1"},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": CHAT, "text": "yes", "quoted_message_id": "3EB0A1"}),),
    ),
    "react_to_message_v2": Case(
        "react_to_message_v2",
        {"chat_jid": CHAT, "message_id": "3EB0A1", "emoji": "❤️"},
        (on("reaction", {"chat_jid": CHAT, "emoji": "❤️"}),),
    ),
    "react_to_message_v2 taken back": Case(
        "react_to_message_v2",
        {"chat_jid": CHAT, "message_id": "3EB0A1", "emoji": ""},
        (on("reaction", {"chat_jid": CHAT, "emoji": ""}),),
    ),
    "edit_message_v2": Case(
        "edit_message_v2",
        {"message_id": "3EB0A1", "new_text": "better"},
        (on("edit", {"new_text": "better"}),),
    ),
    "edit_message_v2 in a chat": Case(
        "edit_message_v2",
        {"message_id": "3EB0A1", "new_text": "better", "chat_jid": CHAT},
        (on("edit", {"new_text": "better", "chat_jid": CHAT}),),
    ),
    "delete_message_v2": Case("delete_message_v2", {"message_id": "3EB0A1"}, (on("revoke", {}),)),
    "delete_message_v2 in a chat": Case(
        "delete_message_v2", {"message_id": "3EB0A1", "chat_jid": CHAT}, (on("revoke", {"chat_jid": CHAT}),)
    ),
    "forward_message_v2": Case(
        "forward_message_v2",
        {"message_id": "3EB0A1", "to_chat_jid": "Ann"},
        (on("forward", {"to_chat_jid": "Ann"}),),
    ),
    "forward_message_v2 from a chat": Case(
        "forward_message_v2",
        {"message_id": "3EB0A1", "to_chat_jid": "Ann", "from_chat_jid": CHAT},
        (on("forward", {"to_chat_jid": "Ann", "from_chat_jid": CHAT}),),
    ),
    "send_text_message_v2 with mentions": Case(
        "send_text_message_v2",
        {"chat_jid": CHAT, "text": "@Ann, look", "mentions": ["Ann"]},
        (go("POST", TEXT, TEXT, SENT, body={"chat_jid": CHAT, "text": "@Ann, look", "mentions": ["Ann"]}),),
    ),
    "send_file": Case(
        "send_file",
        {"recipient": "Ann", "media_path": PATH, "caption": "The lanterns"},
        (go("POST", MEDIA, MEDIA, SENT, body={"chat_jid": "Ann", "path": PATH, "caption": "The lanterns"}),),
    ),
    "send_media_message_v2": Case(
        "send_media_message_v2",
        {"chat_jid": CHAT, "media_path": PATH, "media_type": "document"},
        (go("POST", MEDIA, MEDIA, SENT, body={"chat_jid": CHAT, "path": PATH, "media_type": "document"}),),
    ),
    "send_audio_message": Case(
        "send_audio_message",
        {"recipient": "Ann", "media_path": PATH},
        (go("POST", VOICE, VOICE, SENT, body={"chat_jid": "Ann", "path": PATH}),),
    ),
    "send_voice_note_v2": Case(
        "send_voice_note_v2",
        {"chat_jid": CHAT, "audio_path": PATH},
        (go("POST", VOICE, VOICE, SENT, body={"chat_jid": CHAT, "path": PATH}),),
    ),
    "send_sticker_v2": Case(
        "send_sticker_v2",
        {"chat_jid": CHAT, "sticker_path": PATH},
        (go("POST", STICKER, STICKER, SENT, body={"chat_jid": CHAT, "path": PATH}),),
    ),
    "send_contact_v2": Case(
        "send_contact_v2",
        {"chat_jid": CHAT, "vcard": CARD},
        (go("POST", CONTACT, CONTACT, SENT, body={"chat_jid": CHAT, "vcard": CARD}),),
    ),
    "send_location_v2": Case(
        "send_location_v2",
        {"chat_jid": CHAT, "latitude": 48.2082, "longitude": -16, "name": "Riverside Park"},
        (
            go(
                "POST",
                LOCATION,
                LOCATION,
                SENT,
                body={"chat_jid": CHAT, "latitude": 48.2082, "longitude": -16.0, "name": "Riverside Park"},
            ),
        ),
    ),
    "download_media": Case(
        "download_media",
        {"message_id": "3EB0A1", "chat_jid": CHAT},
        (go("POST", DOWNLOAD, "/api/messages/3EB0A1/download", DOWNLOADED, body={"chat_jid": CHAT}),),
    ),
    "download_media_v2": Case(
        "download_media_v2",
        {"message_id": "3EB0A1"},
        (go("POST", DOWNLOAD, "/api/messages/3EB0A1/download", DOWNLOADED, body={}),),
    ),
}
