"""The words that parameters are made of: each with its format, bounds, description and example, once for all tools."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from tools.declaration import Sent


def _clamp(low: int, high: int) -> BeforeValidator:
    def clamp(value: object) -> object:
        if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,18}\s*", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return value
        return max(low, min(high, value))

    return BeforeValidator(clamp)


def _listed(value: object) -> object:
    """Some models write a list as JSON, or one entry without a list around it."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return []
    try:
        read: object = json.loads(value)
    except (ValueError, RecursionError):
        read = None
    return read if isinstance(read, list) else [value]


def _moment(text: str) -> str:
    """ISO 8601 to RFC 3339 in UTC. A date alone is the start of that day, and no offset means the host's own zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("must be ISO 8601, such as 2026-03-01 or 2026-03-01T18:30:00+01:00") from None
    if len(text.strip()) <= len("2026-03-01"):
        moment = datetime.combine(moment.date(), time())
    try:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        raise ValueError("must be a time between the years 1970 and 9999") from None


Moment = Annotated[str, Field(min_length=4, max_length=40), AfterValidator(_moment)]

CHAT = "JID, exact name, or number like +1 555 0100."
ChatJid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description=CHAT,
        examples=["+1 555 0100"],
    ),
]
Recipient = Annotated[
    str,
    Sent("chat_jid"),
    Field(
        min_length=1,
        max_length=200,
        description=CHAT,
        examples=["+1 555 0100"],
    ),
]
PERSON = "JID, name, or number like +1 555 0100."
ContactJid = Annotated[
    str,
    Sent("contact_jid"),
    Field(min_length=1, max_length=200, description=PERSON, examples=["+1 555 0100"]),
]
ContactPhone = Annotated[
    str,
    Sent("contact_jid"),
    Field(min_length=1, max_length=200, description=PERSON, examples=["+1 555 0100"]),
]
BusinessJid = Annotated[
    str,
    Sent("contact_jid"),
    Field(min_length=1, max_length=200, description=f"The business. {PERSON}", examples=["15550107@s.whatsapp.net"]),
]
ProductId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="A product's id from get_business_catalog.",
        examples=["7304561290000001"],
    ),
]
CommunityJid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="Exact name, or JID like 120363000000000001@g.us.",
        examples=["120363000000000001@g.us"],
    ),
]
MessageId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="A message's id, like 3EB0A1B2C3D4E5F60718.",
        examples=["3EB0A1B2C3D4E5F60718"],
    ),
]
QuotedMessageId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="Answer to this message of the chat, like 3EB0A1B2C3D4E5F60718.",
        examples=["3EB0A1B2C3D4E5F60718"],
    ),
]
ChatOfMessage = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="Its chat, like +1 555 0100, if the id stands in several.",
        examples=["+1 555 0100"],
    ),
]
ToChatJid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description=CHAT,
        examples=["+1 555 0100"],
    ),
]
ONE_ID = r"^[A-Za-z0-9._:-]+$"
MessageIds = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=128, pattern=ONE_ID)]],
    Field(
        min_length=1,
        max_length=100,
        description="1 to 100 ids of this chat's messages, like 3EB0A1B2C3D4E5F60718.",
        examples=[["3EB0A1B2C3D4E5F60718"]],
    ),
    BeforeValidator(_listed),
]
ReadMessageId = Annotated[
    str,
    Sent("message_ids", listed=True),
    Field(
        min_length=1,
        max_length=128,
        pattern=ONE_ID,
        description="The message's id, like 3EB0A1B2C3D4E5F60718.",
        examples=["3EB0A1B2C3D4E5F60718"],
    ),
]
Author = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="Who wrote those not stored: JID, name, or number like +1 555 0101.",
        examples=["+1 555 0101"],
    ),
]
Emoji = Annotated[
    str, Field(max_length=64, description='One emoji, like 👍; "" takes the reaction back.', examples=["👍"])
]
NewText = Annotated[
    str,
    Field(
        min_length=1,
        description="The new text or caption, up to 65,536 characters.",
        examples=["Shall we meet at eight?"],
    ),
]
TEXT = "Up to 65,536 characters; *bold*, _italic_, ~struck~."
MessageText = Annotated[str, Field(min_length=1, description=TEXT, examples=["Shall we meet at seven?"])]
Message = Annotated[
    str,
    Sent("text"),
    Field(min_length=1, description=TEXT, examples=["Shall we meet at seven?"]),
]
Mentions = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]],
    Field(
        max_length=50,
        description="People to mention, like +1 555 0100; write each in the text after an @.",
        examples=[["+1 555 0100"]],
    ),
    BeforeValidator(_listed),
]
FILE = "Absolute path in a folder that may be sent from"
MediaPath = Annotated[
    str,
    Sent("path"),
    Field(
        min_length=1,
        max_length=4096,
        description=f"{FILE}: /home/ann/Downloads/lantern.jpg.",
        examples=["/home/ann/Downloads/lantern.jpg"],
    ),
]
AudioPath = Annotated[
    str,
    Sent("path"),
    Field(
        min_length=1,
        max_length=4096,
        description=f"{FILE}: /home/ann/Downloads/hello.mp3.",
        examples=["/home/ann/Downloads/hello.mp3"],
    ),
]
ImagePath = Annotated[
    str,
    Sent("path"),
    Field(
        min_length=1,
        max_length=4096,
        description=f"{FILE}; JPEG, PNG or WebP: /home/ann/Downloads/lantern.jpg.",
        examples=["/home/ann/Downloads/lantern.jpg"],
    ),
]
StickerPath = Annotated[
    str,
    Sent("path"),
    Field(
        min_length=1,
        max_length=4096,
        description=f"{FILE}: /home/ann/Downloads/cat.webp.",
        examples=["/home/ann/Downloads/cat.webp"],
    ),
]
Caption = Annotated[
    str, Field(max_length=1024, description="Text below it; audio has none.", examples=["The lanterns"])
]
FileKind = Annotated[
    Literal["image", "video", "audio", "document"],
    Field(description="How it is shown; any file may be a document.", examples=["image"]),
]
VCard = Annotated[
    str,
    Field(
        min_length=1,
        max_length=65_536,
        description="One or more vCards with FN; TEL with country code can be written to.",
        examples=["BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nTEL:+1 555 0100\nEND:VCARD"],
    ),
]
Latitude = Annotated[float, Field(allow_inf_nan=False, description="Degrees north, -90 to 90.", examples=[48.2082])]
Longitude = Annotated[float, Field(allow_inf_nan=False, description="Degrees east, -180 to 180.", examples=[16.3738])]
PlaceName = Annotated[str, Field(max_length=200, description="The place's name.", examples=["Riverside Park"])]
PlaceAddress = Annotated[str, Field(max_length=500, description="Its address.", examples=["1 River Street"])]

SENDER = "Only of this person: JID, name, or number like +1 555 0100; `me` for own ones."
Sender = Annotated[str, Field(min_length=1, max_length=200, description=SENDER, examples=["+1 555 0100"])]
SenderPhone = Annotated[
    str, Sent("sender"), Field(min_length=1, max_length=200, description=SENDER, examples=["+1 555 0100"])
]
WORDS = 'Words to find, all of them: lantern festival, "a phrase", begin*, one OR other, -without.'
Query = Annotated[str, Field(min_length=1, max_length=500, description=WORDS, examples=["lantern festival"])]
Content = Annotated[
    str, Sent("query"), Field(min_length=1, max_length=500, description=WORDS, examples=["lantern festival"])
]
NameQuery = Annotated[
    str,
    Field(
        min_length=1, max_length=200, description="Part of a name or number, like Riverside.", examples=["Riverside"]
    ),
]
AFTER = "Not before this time: ISO 8601, such as 2026-03-01; a date is the start of that day here."
BEFORE = "Before this time: ISO 8601, such as 2026-03-08T18:00:00Z; a date is the start of that day here."
After = Annotated[Moment, Field(description=AFTER, examples=["2026-03-01"])]
Before = Annotated[Moment, Field(description=BEFORE, examples=["2026-03-08T18:00:00Z"])]
AfterTime = Annotated[Moment, Sent("after"), Field(description=AFTER, examples=["2026-03-01"])]
BeforeTime = Annotated[Moment, Sent("before"), Field(description=BEFORE, examples=["2026-03-08T18:00:00Z"])]

Limit = Annotated[int, Field(ge=1, le=200, description="Rows, 1 to 200.", examples=[20]), _clamp(1, 200)]
Page = Annotated[
    int,
    Field(ge=0, le=1_000_000, description="From 0; next_cursor is faster.", examples=[0]),
    _clamp(0, 1_000_000),
]
Offset = Annotated[
    int,
    Field(ge=0, le=100_000_000, description="Rows to skip; next_cursor is faster.", examples=[0]),
    _clamp(0, 100_000_000),
]
Cursor = Annotated[
    str,
    Field(
        min_length=1,
        max_length=512,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="next_cursor of the answer before, like eyJ0IjoxfQ.",
        examples=["eyJ0IjoxfQ"],
    ),
]
Neighbours = Annotated[
    int, Field(ge=0, le=20, description="Messages around each hit, 0 to 20.", examples=[1]), _clamp(0, 20)
]
ContextSize = Annotated[
    int, Field(ge=0, le=50, description="Neighbouring messages, 0 to 50.", examples=[5]), _clamp(0, 50)
]
MediaType = Annotated[
    Literal["image", "video", "audio", "document", "sticker"],
    Field(description="Only messages with this kind of media.", examples=["image"]),
]
MessageSort = Annotated[
    Literal["newest", "oldest", "relevance"],
    Field(description="Order; relevance needs words to find.", examples=["newest"]),
]
ChatSort = Annotated[Literal["last_active", "name"], Field(description="Order of the chats.", examples=["last_active"])]
Archived = Annotated[bool, Field(description="true: those in the archive; false: those outside it.", examples=[False])]
UnreadOnly = Annotated[bool, Field(description="Only chats with unread messages.", examples=[True])]
DurationSeconds = Annotated[
    int, Field(ge=0, le=315_360_000, description="Seconds from now, 0 for ever.", examples=[28_800])
]
PersonJid = Annotated[
    str,
    Sent("contact_jid"),
    Field(
        min_length=1,
        max_length=200,
        description="JID like 15550100@s.whatsapp.net, or name. Give this or phone.",
        examples=["15550100@s.whatsapp.net"],
    ),
]
Phone = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="The person's number, like +1 555 0100. Give this or jid.",
        examples=["+1 555 0100"],
    ),
]
WholePhone = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="The number with its country code, like +1 555 0100.",
        examples=["+1 555 0100"],
    ),
]
Pictured = Annotated[
    str,
    Sent("contact_jid"),
    Field(min_length=1, max_length=200, description=CHAT, examples=["+1 555 0100"]),
]
AboutText = Annotated[
    str,
    Sent("about"),
    Field(
        max_length=4096,
        description="The new text, 139 characters at most; empty takes it away.",
        examples=["In the garden"],
    ),
]
Audience = Annotated[
    Literal["all", "contacts", "contact_blacklist", "none"],
    Field(
        description="contact_blacklist: contacts but those excluded on the phone.",
        examples=["contacts"],
    ),
]
OnlineAudience = Annotated[
    Literal["all", "match_last_seen"],
    Field(description="Who may see it: everybody, or whoever sees the last seen.", examples=["match_last_seen"]),
]
IncludeLastMessage = Annotated[bool, Field(description="Show each chat's last message.", examples=[True])]
IncludeContext = Annotated[bool, Field(description="Show the neighbours of each message.", examples=[False])]
IncludeMedia = Annotated[bool, Field(description="Show type, size and name of each message's file.", examples=[True])]
MaxMessages = Annotated[
    int,
    Field(ge=1, le=10_000, description="Stop after this many messages, 1 to 10,000.", examples=[1000]),
    _clamp(1, 10_000),
]
Resume = Annotated[bool, Field(description="Go on with the chat's stopped job.", examples=[False])]
Force = Annotated[bool, Field(description="Remove rows too that are not merged yet.", examples=[False])]
WaitForCompletion = Annotated[
    bool, Field(description="Wait (within the wait budget) until it is done.", examples=[True])
]
Timeout = Annotated[
    int,
    Field(
        ge=1,
        le=3600,
        description="Seconds to wait; the wait budget may end it sooner.",
        examples=[300],
    ),
    _clamp(1, 3600),
]
NewsletterJid = Annotated[
    str,
    Sent("newsletter"),
    Field(
        min_length=1,
        max_length=200,
        description="JID, invite link, or name of one that is followed.",
        examples=["120363070000000401@newsletter"],
    ),
]
NewsletterName = Annotated[
    str, Field(min_length=1, max_length=100, description="Its name, 100 characters at most.", examples=["Mill News"])
]
NewsletterAbout = Annotated[str, Field(max_length=2048, description="What it is about.", examples=["News of the mill"])]
PostId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="The post's id as lists show it, or its server id.",
        examples=["101"],
    ),
]
