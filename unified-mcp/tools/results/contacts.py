"""People: found, described, looked up at WhatsApp; and what the account shows of itself."""

from __future__ import annotations

from typing import Literal

from tools.results.base import Either, Person, Record, Result, Words
from tools.results.messages import Message


class Contact(Person):
    """Somebody whom the account knows; `name` is the one that is shown."""

    push_name: str | None = None
    business_name: str | None = None
    blocked: bool | None = None


class ContactList(Result):
    """A page of people, the best fits first."""

    contacts: list[Contact]
    total: int
    next_cursor: str | None = None


class ContactDetails(Person, Result):
    """A person as messages.db and WhatsApp know them; what privacy hides is missing."""

    alias: str | None = None
    full_name: str | None = None
    first_name: str | None = None
    push_name: str | None = None
    business_name: str | None = None
    blocked: bool
    about: Words | None = None
    on_whatsapp: bool | None = None
    business: bool | None = None
    picture_id: str | None = None
    shared_groups: int
    last_message: Message | None = None
    note: str | None = None


class NumberCheck(Either):
    """Whether a number is on WhatsApp; `name` is how it is known here."""

    phone: str
    registered: bool
    jid: str | None = None
    lid: str | None = None
    name: str | None = None
    business_name: str | None = None


class ProfilePicture(Either):
    """Where a picture lies for a while; no url: there is none."""

    jid: str
    name: str
    url: str | None = None
    id: str | None = None
    type: str | None = None


class ContactAbout(Person, Either):
    """The text that a person shows; empty where there is none."""

    about: Words
    set_at: str | None = None


class OwnAbout(Result):
    """The account's about text as it was set."""

    about: Words


class OwnPicture(Result):
    """The account's picture as it was set; sizes in pixels."""

    id: str
    width: int
    height: int


class LinkedDevice(Record):
    """A device of the account; 0 is the phone."""

    id: int
    jid: str
    kind: Literal["phone", "companion"]
    this_bridge: bool


class LinkedDevices(Result):
    """The account's devices."""

    devices: list[LinkedDevice]
