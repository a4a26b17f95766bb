"""People, and what they and the account show of themselves."""

from __future__ import annotations

from errors import Code
from tools.declaration import BAILEYS, GO, Effect, tool
from tools.results import (
    ContactAbout,
    ContactDetails,
    ContactList,
    LinkedDevices,
    NumberCheck,
    OwnAbout,
    OwnPicture,
    ProfilePicture,
)
from tools.vocabulary import AboutText, ContactJid, Cursor, ImagePath, Limit, NameQuery, Pictured, WholePhone

CONNECTION = (Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED)
ASKING = (Code.AMBIGUOUS_RECIPIENT, Code.INVALID_ARGUMENT, Code.PRIVACY_RESTRICTED, Code.RATE_LIMIT, *CONNECTION)


@tool(GO.get("/api/contacts"), effect=Effect.READS, title="Search contacts")
async def search_contacts(query: NameQuery) -> ContactList:
    """Find people by name, number, JID or LID, the best fits first.

    The older name of search_contacts_v2, which gives further pages too. Nobody fits: an empty list.
    """
    ...


@tool(GO.get("/api/contacts"), effect=Effect.READS, title="Search contacts by pages")
async def search_contacts_v2(query: NameQuery, limit: Limit = 20, cursor: Cursor | None = None) -> ContactList:
    """Find people by any of their names, by number, JID or LID, page by page.

    Exact names first, then beginnings, then the rest, whatever the case and accents. Groups: list_chats.
    """
    ...


@tool(
    GO.get("/api/contacts/{contact_jid}"),
    effect=Effect.READS,
    title="A person's details",
    errors=(Code.CONTACT_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT, Code.INVALID_ARGUMENT),
)
async def get_contact_details_v2(jid: ContactJid) -> ContactDetails:
    """Show all that is known of one person: names, addresses, about, shared groups, last message.

    Connected, WhatsApp is asked too; otherwise a note says that this is what is stored. What the person hides is
    missing.
    """
    ...


@tool(
    GO.get("/api/numbers/{phone}"),
    also=BAILEYS,
    effect=Effect.READS,
    title="Is a number on WhatsApp",
    errors=(Code.INVALID_PHONE_FORMAT, Code.RATE_LIMIT, *CONNECTION),
)
async def check_is_on_whatsapp(phone: WholePhone) -> NumberCheck:
    """Ask WhatsApp whether a phone number is registered, before writing to a stranger.

    Three a minute: WhatsApp restricts accounts that try many numbers. RATE_LIMIT says how long to wait.
    """
    ...


@tool(
    GO.get("/api/contacts/{contact_jid}/picture"),
    also=BAILEYS,
    effect=Effect.READS,
    title="A profile picture",
    errors=ASKING,
)
async def get_profile_picture_v2(jid: Pictured) -> ProfilePicture:
    """Get the address of a person's or group's profile picture.

    Without a url there is none. The url ends after some days; it is not downloaded.
    """
    ...


@tool(
    GO.post("/api/profile/picture"),
    effect=Effect.CHANGES,
    title="Set the own picture",
    errors=(
        Code.FILE_NOT_FOUND,
        Code.FILE_NOT_ALLOWED,
        Code.FILE_TOO_LARGE,
        Code.INVALID_MEDIA_TYPE,
        *CONNECTION,
    ),
)
async def update_profile_picture_v2(image_path: ImagePath) -> OwnPicture:
    """Set the account's own profile picture from an image file.

    Its middle is cut to a square and scaled to 640 x 640 pixels.
    """
    ...


@tool(
    GO.get("/api/contacts/{contact_jid}/about"),
    also=BAILEYS,
    effect=Effect.READS,
    title="A person's about",
    errors=(Code.CONTACT_NOT_FOUND, *ASKING),
)
async def get_contact_status_v2(jid: ContactJid) -> ContactAbout:
    """Ask WhatsApp for the about text under a person's name.

    These are not the status updates that last a day.
    """
    ...


@tool(
    GO.post("/api/profile/about"),
    effect=Effect.CHANGES,
    title="Set the own about",
    errors=(Code.TEXT_TOO_LONG, *CONNECTION),
)
async def update_profile_status_v2(status_text: AboutText) -> OwnAbout:
    """Set the about text under the account's own name, for all who may see it."""
    ...


@tool(GO.get("/api/devices"), effect=Effect.READS, title="Linked devices", errors=CONNECTION)
async def get_linked_devices_v2() -> LinkedDevices:
    """List the account's devices by number, and which of them is this bridge.

    WhatsApp tells numbers only: names and times of use stand on the phone, in Linked devices.
    """
    ...
