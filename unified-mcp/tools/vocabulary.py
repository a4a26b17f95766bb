"""The words that parameters are made of: each with its format, bounds, description and example, once for all tools."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from tools.declaration import Sent


def _clamp(low: int, high: int) -> BeforeValidator:
    def clamp(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int):
            return value
        return max(low, min(high, value))

    return BeforeValidator(clamp)


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

CHAT = (
    "A JID (15550100@s.whatsapp.net, 120363000000000001@g.us), a phone number with country code (+1 555 0100) or the "
    "exact name of a chat."
)
ChatJid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description=f"The chat. {CHAT}",
        examples=["15550100@s.whatsapp.net"],
    ),
]
Recipient = Annotated[
    str,
    Sent("chat_jid"),
    Field(
        min_length=1,
        max_length=200,
        description=f"Who gets it. {CHAT}",
        examples=["+1 555 0100"],
    ),
]
PERSON = "A JID (15550100@s.whatsapp.net), a phone number with country code (+1 555 0100) or a name."
ContactJid = Annotated[
    str,
    Sent("contact_jid"),
    Field(min_length=1, max_length=200, description=f"The person. {PERSON}", examples=["15550100@s.whatsapp.net"]),
]
ContactPhone = Annotated[
    str,
    Sent("contact_jid"),
    Field(min_length=1, max_length=200, description=f"The person. {PERSON}", examples=["+1 555 0100"]),
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
        description="The community's JID from list_communities (120363000000000001@g.us) or its exact name.",
        examples=["120363000000000001@g.us"],
    ),
]
MessageId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="A message's id as lists show it.",
        examples=["3EB0A1B2C3D4E5F60718"],
    ),
]
QuotedMessageId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="Answer to this message: its id, from the same chat.",
        examples=["3EB0A1B2C3D4E5F60718"],
    ),
]
TEXT = "The text, up to 65,536 characters; *bold*, _italic_ and ~struck~ as WhatsApp shows them."
MessageText = Annotated[
    str, Field(min_length=1, max_length=65_536, description=TEXT, examples=["Shall we meet at seven?"])
]
Message = Annotated[
    str,
    Sent("text"),
    Field(min_length=1, max_length=65_536, description=TEXT, examples=["Shall we meet at seven?"]),
]

SENDER = "Only messages of this person: a phone number with country code, a JID or a name; `me` for own ones."
Sender = Annotated[str, Field(min_length=1, max_length=200, description=SENDER, examples=["+1 555 0100"])]
SenderPhone = Annotated[
    str, Sent("sender"), Field(min_length=1, max_length=200, description=SENDER, examples=["+1 555 0100"])
]
WORDS = 'Words to find, all of them, whatever their case and accents; "a phrase", begin*, one OR other, -without.'
Query = Annotated[str, Field(min_length=1, max_length=500, description=WORDS, examples=["lantern festival"])]
Content = Annotated[
    str, Sent("query"), Field(min_length=1, max_length=500, description=WORDS, examples=["lantern festival"])
]
NameQuery = Annotated[
    str, Field(min_length=1, max_length=200, description="Part of a name or number.", examples=["Riverside"])
]
AFTER = "Not before this time: ISO 8601; a date is the start of that day here."
BEFORE = "Before this time: ISO 8601; a date is the start of that day here."
After = Annotated[Moment, Field(description=AFTER, examples=["2026-03-01"])]
Before = Annotated[Moment, Field(description=BEFORE, examples=["2026-03-08T18:00:00Z"])]
AfterTime = Annotated[Moment, Sent("after"), Field(description=AFTER, examples=["2026-03-01"])]
BeforeTime = Annotated[Moment, Sent("before"), Field(description=BEFORE, examples=["2026-03-08T18:00:00Z"])]

Limit = Annotated[int, Field(ge=1, le=200, description="Rows to return, 1 to 200.", examples=[20]), _clamp(1, 200)]
Page = Annotated[
    int,
    Field(ge=0, le=1_000_000, description="Page from 0; next_cursor is faster.", examples=[0]),
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
        description="next_cursor of the answer before, unchanged.",
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
IncludeLastMessage = Annotated[bool, Field(description="Show each chat's last message.", examples=[True])]
IncludeContext = Annotated[bool, Field(description="Show the neighbours of each message.", examples=[False])]
IncludeMedia = Annotated[bool, Field(description="Show type, size and name of each message's file.", examples=[True])]
MaxMessages = Annotated[
    int,
    Field(ge=1, le=10_000, description="Stop after this many messages, 1 to 10,000.", examples=[1000]),
    _clamp(1, 10_000),
]
Resume = Annotated[bool, Field(description="Go on with the chat's stopped job.", examples=[False])]
WaitForCompletion = Annotated[
    bool, Field(description="Wait (within the wait budget) until it is done.", examples=[True])
]
Timeout = Annotated[
    int,
    Field(
        ge=1,
        le=3600,
        description="Seconds to wait at most; the server's wait budget may end it sooner.",
        examples=[300],
    ),
    _clamp(1, 3600),
]
