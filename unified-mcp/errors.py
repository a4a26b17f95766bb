"""What can go wrong, said once: every code with its HTTP status, meaning, cause and cure.

`make docs` draws the bridges' code tables (`whatsapp-bridge/fault/codes.go`, `baileys-bridge/src/codes.ts`)
from this registry, so that a code means the same on every floor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Detail = str | int | float | bool | None | list["Detail"] | dict[str, "Detail"]
"""A JSON value in an error's details."""


class Code(StrEnum):
    """An error code: the part of an error that programs and documents refer to."""

    BRIDGE_UNREACHABLE = "BRIDGE_UNREACHABLE"
    BRIDGE_UNTRUSTED = "BRIDGE_UNTRUSTED"
    BRIDGE_TIMEOUT = "BRIDGE_TIMEOUT"
    BAILEYS_NOT_CONNECTED = "BAILEYS_NOT_CONNECTED"
    WHATSAPP_NOT_CONNECTED = "WHATSAPP_NOT_CONNECTED"
    NOT_PAIRED = "NOT_PAIRED"
    PASSKEY_REQUIRED = "PASSKEY_REQUIRED"
    CLIENT_OUTDATED = "CLIENT_OUTDATED"
    AUTH_EXPIRED = "AUTH_EXPIRED"
    DEVICE_LIMIT = "DEVICE_LIMIT"
    SESSION_REPLACED = "SESSION_REPLACED"
    TEMPORARILY_BANNED = "TEMPORARILY_BANNED"
    WHATSAPP_API_ERROR = "WHATSAPP_API_ERROR"
    RATE_LIMIT = "RATE_LIMIT"
    RECIPIENT_UNREACHABLE = "RECIPIENT_UNREACHABLE"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    INVALID_JID = "INVALID_JID"
    INVALID_PHONE_FORMAT = "INVALID_PHONE_FORMAT"
    MISSING_IDENTIFIER = "MISSING_IDENTIFIER"
    AMBIGUOUS_RECIPIENT = "AMBIGUOUS_RECIPIENT"
    AMBIGUOUS_MESSAGE = "AMBIGUOUS_MESSAGE"
    INVALID_COORDINATES = "INVALID_COORDINATES"
    MESSAGE_NOT_FOUND = "MESSAGE_NOT_FOUND"
    NO_MEDIA_CONTENT = "NO_MEDIA_CONTENT"
    MEDIA_EXPIRED = "MEDIA_EXPIRED"
    FILE_NOT_FOUND = "FILE_NOT_FOUND"
    FILE_NOT_ALLOWED = "FILE_NOT_ALLOWED"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    INVALID_MEDIA_TYPE = "INVALID_MEDIA_TYPE"
    FFMPEG_MISSING = "FFMPEG_MISSING"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    EDIT_WINDOW_CLOSED = "EDIT_WINDOW_CLOSED"
    NOT_OWN_MESSAGE = "NOT_OWN_MESSAGE"
    CHAT_NOT_FOUND = "CHAT_NOT_FOUND"
    CONTACT_NOT_FOUND = "CONTACT_NOT_FOUND"
    COMMUNITY_NOT_FOUND = "COMMUNITY_NOT_FOUND"
    NOT_GROUP_MEMBER = "NOT_GROUP_MEMBER"
    MAX_PINS_REACHED = "MAX_PINS_REACHED"
    HISTORY_SYNC_TIMEOUT = "HISTORY_SYNC_TIMEOUT"
    HISTORY_SYNC_FAILED = "HISTORY_SYNC_FAILED"
    DATABASE_SYNC_FAILED = "DATABASE_SYNC_FAILED"
    DATABASE_SCHEMA_MISMATCH = "DATABASE_SCHEMA_MISMATCH"
    DATABASE_CORRUPT = "DATABASE_CORRUPT"
    SYNC_IN_PROGRESS = "SYNC_IN_PROGRESS"
    NO_ACTIVE_SYNC = "NO_ACTIVE_SYNC"
    NO_CHECKPOINT = "NO_CHECKPOINT"
    UNSYNCED_ROWS = "UNSYNCED_ROWS"
    NOT_BUSINESS_ACCOUNT = "NOT_BUSINESS_ACCOUNT"
    NO_CATALOG_FOUND = "NO_CATALOG_FOUND"
    PRODUCT_NOT_FOUND = "PRODUCT_NOT_FOUND"
    NEWSLETTER_NOT_FOUND = "NEWSLETTER_NOT_FOUND"
    ALREADY_SUBSCRIBED = "ALREADY_SUBSCRIBED"
    NOT_SUBSCRIBED = "NOT_SUBSCRIBED"
    PRIVACY_RESTRICTED = "PRIVACY_RESTRICTED"
    ACCESS_DENIED = "ACCESS_DENIED"
    READ_ONLY = "READ_ONLY"
    RECIPIENT_NOT_ALLOWED = "RECIPIENT_NOT_ALLOWED"
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True)
class Entry:
    """One row of the registry. `status` is the HTTP status a bridge answers with."""

    status: int
    meaning: str
    cure: str


REGISTRY: Mapping[Code, Entry] = {
    Code.BRIDGE_UNREACHABLE: Entry(
        502, "Nothing answers at the bridge's address.", "Start the bridge, then call again."
    ),
    Code.BRIDGE_UNTRUSTED: Entry(
        502,
        "What answers at the bridge's address could not prove that it holds the token.",
        "Stop the program that holds the port, or point the settings at the bridge and its token file.",
    ),
    Code.BRIDGE_TIMEOUT: Entry(
        504,
        "The bridge took the request and did not answer in time; it may have been carried out.",
        "Look before you repeat: backend_status, then list_messages of the chat.",
    ),
    Code.BAILEYS_NOT_CONNECTED: Entry(
        503, "The Baileys bridge has no connection to WhatsApp now.", "Wait for its reconnect; backend_status shows it."
    ),
    Code.WHATSAPP_NOT_CONNECTED: Entry(
        503, "The Go bridge has no connection to WhatsApp now.", "Wait for its reconnect; backend_status shows it."
    ),
    Code.NOT_PAIRED: Entry(
        409,
        "The bridge is not linked to an account.",
        "Scan the QR code that `whatsapp-mcp pair` shows with the phone.",
    ),
    Code.PASSKEY_REQUIRED: Entry(
        409,
        "The account asks for a passkey before it links a device.",
        "Link without a passkey, if the phone offers a way; the Go bridge alone is enough.",
    ),
    Code.CLIENT_OUTDATED: Entry(
        409, "WhatsApp refuses this version of the library.", "Update this program and start the bridge again."
    ),
    Code.AUTH_EXPIRED: Entry(
        409, "The phone removed this device, or the link ran out.", "Link again; stored messages stay."
    ),
    Code.DEVICE_LIMIT: Entry(
        409, "The account has as many linked devices as it may.", "Remove one on the phone, then link again."
    ),
    Code.SESSION_REPLACED: Entry(
        409, "Another process uses this bridge's session.", "Stop the other process, then start this bridge again."
    ),
    Code.TEMPORARILY_BANNED: Entry(
        403, "WhatsApp has restricted the account for a while.", "Wait until the restriction ends; send less."
    ),
    Code.WHATSAPP_API_ERROR: Entry(502, "WhatsApp's server refused the request.", "Read the details; try again later."),
    Code.RATE_LIMIT: Entry(429, "Too many sends in a short time.", "Wait for details.retry_after_s seconds."),
    Code.RECIPIENT_UNREACHABLE: Entry(
        404, "WhatsApp names no device for the recipient, so nothing would arrive.", "Check the number."
    ),
    Code.INVALID_ARGUMENT: Entry(
        400, "An argument is missing, unknown or out of range.", "Correct the named argument."
    ),
    Code.INVALID_JID: Entry(
        400, "The text is not a WhatsApp address.", "Use a JID such as 15550100@s.whatsapp.net, a number or a name."
    ),
    Code.INVALID_PHONE_FORMAT: Entry(
        400, "The text is not a phone number with its country code.", "Write it like +1 555 0100."
    ),
    Code.MISSING_IDENTIFIER: Entry(400, "Neither a JID nor a phone number was given.", "Give exactly one of them."),
    Code.AMBIGUOUS_RECIPIENT: Entry(
        409, "The name fits more than one chat.", "Call again with the jid of one of details.candidates."
    ),
    Code.AMBIGUOUS_MESSAGE: Entry(
        409, "The message id stands in more than one chat.", "Call again with chat_jid, one of details.chats."
    ),
    Code.INVALID_COORDINATES: Entry(
        400, "The place is not on the globe.", "Latitude is -90 to 90, longitude -180 to 180."
    ),
    Code.MESSAGE_NOT_FOUND: Entry(
        404, "No message with this id is stored.", "Find the id with list_messages; fetch_history may bring older ones."
    ),
    Code.NO_MEDIA_CONTENT: Entry(409, "The message carries no media.", "Pick a message whose kind is a media kind."),
    Code.MEDIA_EXPIRED: Entry(
        410, "The file is gone from WhatsApp's servers.", "Ask for it with the phone online, or ask the sender again."
    ),
    Code.FILE_NOT_FOUND: Entry(404, "There is no such file.", "Give the absolute path of an existing file."),
    Code.FILE_NOT_ALLOWED: Entry(
        403, "The file lies outside the folders that may be sent from.", "Move it into an allowed folder."
    ),
    Code.FILE_TOO_LARGE: Entry(413, "The file is larger than WhatsApp takes.", "Send a smaller file."),
    Code.INVALID_MEDIA_TYPE: Entry(400, "The file is not of the kind that was asked for.", "Choose the right kind."),
    Code.FFMPEG_MISSING: Entry(
        409, "The audio must be converted and ffmpeg is not installed.", "Install ffmpeg, or send an .ogg with Opus."
    ),
    Code.TEXT_TOO_LONG: Entry(
        400, "The text is longer than the 65,536 characters that WhatsApp takes.", "Shorten or split it."
    ),
    Code.EDIT_WINDOW_CLOSED: Entry(409, "The message is too old to be edited.", "Send a new message."),
    Code.NOT_OWN_MESSAGE: Entry(403, "The message was written by somebody else.", "Only own messages can be changed."),
    Code.CHAT_NOT_FOUND: Entry(404, "No such chat is known.", "Find it with list_chats."),
    Code.CONTACT_NOT_FOUND: Entry(404, "No such contact is known.", "Find it with search_contacts."),
    Code.COMMUNITY_NOT_FOUND: Entry(404, "No such community is known.", "Find it with list_communities."),
    Code.NOT_GROUP_MEMBER: Entry(403, "The account is not a member of the group.", "Join the group on the phone."),
    Code.MAX_PINS_REACHED: Entry(409, "Three chats are pinned already.", "Unpin one first."),
    Code.HISTORY_SYNC_TIMEOUT: Entry(
        504, "The phone did not answer the request for history.", "Bring the phone online, then call again."
    ),
    Code.HISTORY_SYNC_FAILED: Entry(502, "The phone refused the request for history.", "Read the details; try later."),
    Code.DATABASE_SYNC_FAILED: Entry(
        500, "The merge into messages.db stopped.", "Call sync_history_to_database again; it goes on where it stopped."
    ),
    Code.DATABASE_SCHEMA_MISMATCH: Entry(
        409, "The database was made by another version.", "Update so that both versions agree."
    ),
    Code.DATABASE_CORRUPT: Entry(500, "The database file is damaged.", "Move it away and restore a backup."),
    Code.SYNC_IN_PROGRESS: Entry(409, "Another merge is running.", "Wait for it; its result serves both."),
    Code.NO_ACTIVE_SYNC: Entry(409, "No history job runs for this chat.", "Start one with fetch_history."),
    Code.NO_CHECKPOINT: Entry(
        404, "No message of this chat is known to ask backwards from.", "Wait for a first message in the chat."
    ),
    Code.UNSYNCED_ROWS: Entry(409, "Rows wait to be merged.", "Call sync_history_to_database first, or use force."),
    Code.NOT_BUSINESS_ACCOUNT: Entry(409, "The account is not a business.", "Ask only business accounts for this."),
    Code.NO_CATALOG_FOUND: Entry(404, "The business shows no catalog.", "Look at its profile instead."),
    Code.PRODUCT_NOT_FOUND: Entry(404, "The catalog holds no such product.", "Find its id with get_business_catalog."),
    Code.NEWSLETTER_NOT_FOUND: Entry(404, "No such newsletter is known.", "Check the JID or the invite link."),
    Code.ALREADY_SUBSCRIBED: Entry(409, "The newsletter is followed already.", "Nothing is left to do."),
    Code.NOT_SUBSCRIBED: Entry(409, "The newsletter is not followed.", "Nothing is left to do."),
    Code.PRIVACY_RESTRICTED: Entry(403, "The person's privacy settings hide this.", "Nothing can be done here."),
    Code.ACCESS_DENIED: Entry(401, "The request did not carry the bridge's token.", "Use the token of bridge.token."),
    Code.READ_ONLY: Entry(403, "The server runs read-only.", "Start it without read-only mode."),
    Code.RECIPIENT_NOT_ALLOWED: Entry(
        403,
        "The recipient is not among those that are allowed.",
        "Ask the person who runs the bridges: WHATSAPP_MCP_ALLOWED_RECIPIENTS says who may be written to.",
    ),
    Code.CONFIRMATION_REQUIRED: Entry(409, "The action waits for a confirmation.", "Show it to the person first."),
    Code.INTERNAL: Entry(500, "Something failed that should not.", "Try again; the log has the cause."),
}


AWAY = (Code.BRIDGE_UNREACHABLE, Code.BRIDGE_UNTRUSTED)
"""Nobody is there, or somebody else."""


class WhatsAppError(Exception):
    """The one exception that crosses the walls: a code, a sentence, details and what to do next.

    `resolution` names the next tool call or command that mends it; without one the registry's cure is used.
    """

    def __init__(
        self,
        code: Code,
        message: str | None = None,
        *,
        details: Mapping[str, Detail] | None = None,
        resolution: str | None = None,
    ) -> None:
        entry = REGISTRY[code]
        self.code = code
        self.message = message or entry.meaning
        self.details: dict[str, Detail] = dict(details or {})
        self.resolution = resolution or entry.cure
        super().__init__(f"{code}: {self.message}")

    @property
    def help(self) -> str:
        """Where the code is explained, as a link within the checkout."""
        return f"TROUBLESHOOTING.md#{self.code.lower()}"

    def envelope(self) -> dict[str, Detail]:
        """The error as clients and models read it."""
        return {
            "success": False,
            "error_code": self.code.value,
            "message": self.message,
            "details": self.details,
            "resolution": self.resolution,
            "help": self.help,
        }

    def text(self) -> str:
        """The envelope as one JSON text block."""
        return json.dumps(self.envelope(), ensure_ascii=False)
