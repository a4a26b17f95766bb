"""The emulated WhatsApp as the demo and the tests see it: the phone's camera, the contacts' mouths and ears."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from typing import Literal, TypeVar

import httpx
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

M = TypeVar("M")
MediaKind = Literal["image", "video", "audio", "voice", "document", "sticker"]
Fault = Literal[
    "drop",
    "slow",
    "401",
    "405",
    "440",
    "503",
    "phone_offline",
    "phone_slow",
    "phone_empty",
    "passkey",
    "banned",
    "duplicate_delivery",
    "silent",
]


class Seen(BaseModel):
    """A value of the admin API."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Person(Seen):
    """The account or a contact."""

    name: str
    pn: str
    lid: str
    about: str = ""
    hides: list[str] = []
    picture_id: str | None = None
    business: bool = False


class Room(Seen):
    """A group."""

    jid: str
    name: str
    community_jid: str | None = None
    joined: bool
    announcement: bool = False
    participants: list[str]
    picture_id: str | None = None


class Roof(Seen):
    """A community."""

    jid: str
    name: str
    picture_id: str | None = None


class Talk(Seen):
    """A chat; `pn` where it is a person's."""

    jid: str
    pn: str | None = None


class World(Seen):
    """Who and what there is."""

    account: Person
    contacts: list[Person]
    groups: list[Room]
    communities: list[Roof]
    chats: list[Talk]

    def contact(self, name: str) -> Person:
        """The contact of that name."""
        return next(person for person in self.contacts if person.name == name)

    def community(self, name: str) -> Roof:
        """The community of that name."""
        return next(roof for roof in self.communities if roof.name == name)

    def group(self, name: str) -> Room:
        """The group of that name."""
        return next(room for room in self.groups if room.name == name)


class Scanned(Seen):
    """A companion that was linked."""

    device: int
    jid: str


class Companion(Seen):
    """A linked device; `queued` is what it has not acknowledged."""

    device: int
    jid: str
    platform: str
    queued: int


class Picture(Seen):
    """A picture by what it is: sizes in pixels."""

    id: str
    sha256: str
    width: int
    height: int


class OwnProfile(Seen):
    """What the account shows of itself."""

    about: str
    picture: Picture | None = None


class Said(Seen):
    """What somebody said. `path` and `sha256` are those of a file on the media host."""

    id: str
    timestamp: int | None = None
    path: str | None = None
    sha256: str | None = None


class File(Seen):
    """A file as a contact opened it; `waveform` is base64."""

    mime: str
    file_name: str | None = None
    size: int
    sha256: str | None = None
    seconds: int = 0
    width: int = 0
    height: int = 0
    moves: bool = False
    waveform: Base64Bytes = b""
    thumbnail_width: int = 0
    thumbnail_height: int = 0
    error: str | None = None


class Place(Seen):
    """A location in degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class Event(Seen):
    """Something that reached a contact or the phone."""

    n: int
    kind: str
    sender: str | None = Field(None, alias="from")
    chat: str | None = None
    id: str | None = None
    text: str | None = None
    target: str | None = None
    quoted: str | None = Field(None, alias="quoted_id")
    author: str | None = None
    forwarded: bool = False
    forwarding_score: int = 0
    type: str | None = None
    ids: list[str] | None = None
    receipt_type: str | None = None
    mentions: list[str] = []
    cards: list[str] = []
    place: Place | None = None
    file: File | None = None


class Heard(Seen):
    """Events since a number; `next` is where to go on."""

    next: int
    events: list[Event]


class ChatMarks(Seen):
    """What the phone's app state says of a chat."""

    read: bool | None = None
    archived: bool | None = None
    pinned: bool | None = None
    muted_until: int | None = None


class Phone(Heard):
    """The phone's own view."""

    chats: dict[str, ChatMarks]
    collections: dict[str, int]
    blocked: list[str]
    privacy: dict[str, str]


class Pushed(Seen):
    """How many chunks of history were sent."""

    chunks: int


class Truth(Seen):
    """A message as the emulator knows it."""

    id: str
    timestamp: int
    sender: str = Field(alias="from")
    from_me: bool
    kind: str
    text: str | None = None


class Post(Seen):
    """A newsletter's post; `reactions` counts everybody's, `own` is the account's among them."""

    server_id: int
    id: str
    text: str
    reactions: dict[str, int]
    own: str | None = None


class Channel(Seen):
    """A newsletter."""

    jid: str
    name: str
    invite: str
    subscribers: int
    followed: bool
    owned: bool
    posts: list[Post]


class Emulated:
    """The emulator's admin API."""

    def __init__(self, listen: str) -> None:
        self.listen = listen
        self._client = httpx.AsyncClient(base_url=f"http://{listen}", timeout=40, trust_env=False)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def world(self) -> World:
        """Who and what there is."""
        return World.model_validate(await self._get("/admin/world"))

    async def scan(self, qr: str) -> Scanned:
        """Hold the phone's camera before a QR code; returns when the companion has logged in."""
        return Scanned.model_validate(await self._post("/admin/scan", {"qr": qr}))

    async def type_code(self, code: str) -> Scanned:
        """Type a code on the phone; returns when the companion that asked last for one has logged in."""
        return Scanned.model_validate(await self._post("/admin/type_code", {"code": code}))

    async def say(self, who: str, text: str, *, chat: str | None = None, id_: str | None = None) -> Said:
        """Let a contact say something, to the account or in a group; the id is a fresh one unless given."""
        given = _given(**{"from": who}, text=text, chat=chat, id=id_)
        return Said.model_validate(await self._post("/admin/say", given))

    async def send(
        self,
        who: str,
        kind: MediaKind,
        content: bytes | int,
        *,
        caption: str = "",
        chat: str | None = None,
        id_: str | None = None,
        **more: str | int,
    ) -> Said:
        """Let a contact send a file: its content, or so many bytes of something. `more` is what else is said of it."""
        file: dict[str, str | int] = {"kind": kind, **more}
        if isinstance(content, int):
            file["bytes"] = content
        else:
            file["content"] = b64encode(content).decode()
        body = {**_given(**{"from": who}, text=caption, chat=chat, id=id_), "file": file}
        return Said.model_validate(await self._post("/admin/say", body))

    async def expire(self, path: str, status: int) -> None:
        """Let the media host answer with 403, 404 or 410 for a file; 200 mends it."""
        await self._post("/admin/expire", {"path": path, "status": status})

    async def lose(self, path: str) -> None:
        """Let a file be gone everywhere, from the phone too."""
        await self._post("/admin/expire", {"path": path, "lost": True})

    async def act(self, what: Literal["react", "edit", "revoke"], who: str, id_: str, **more: str) -> Said:
        """Let a contact react to, edit or revoke a message."""
        return Said.model_validate(await self._post(f"/admin/{what}", {"from": who, "id": id_, **more}))

    async def phone_say(self, chat: str, text: str) -> Said:
        """Let the account's own phone send something."""
        return Said.model_validate(await self._post("/admin/phone/say", {"chat": chat, "text": text}))

    async def phone_mark(self, chat: str, **marks: bool | int) -> None:
        """Let the phone archive, pin or mute a chat; `muted_until` in seconds, 0 not, -1 for ever."""
        await self._post("/admin/phone/mark", {"chat": chat, **marks})

    async def phone_block(self, contact: str, *, blocked: bool) -> None:
        """Let the phone block a contact, or let them in again."""
        await self._post("/admin/phone/block", {"contact": contact, "blocked": blocked})

    async def phone_privacy(self, name: str, value: str) -> None:
        """Change a privacy setting on the phone, by the server's name: last, online, profile, status."""
        await self._post("/admin/phone/privacy", {"name": name, "value": value})

    async def devices(self) -> list[Companion]:
        """The linked devices, without the phone."""
        return TypeAdapter(list[Companion]).validate_python(await self._get("/admin/devices"))

    async def unlink(self, device: int) -> None:
        """Log a linked device out on the phone."""
        await self._post("/admin/unlink", {"device": device})

    async def profile(self) -> OwnProfile:
        """What the account shows of itself."""
        return OwnProfile.model_validate(await self._get("/admin/profile"))

    async def show(
        self, contact: str, *, about: str | None = None, picture: bool | None = None, hides: list[str] | None = None
    ) -> None:
        """Let a contact change what they show: a text, a new picture or none, and what of both they hide."""
        given = {"about": about, "picture": picture, "hides": hides}
        await self._post("/admin/profile", {"contact": contact, **{k: v for k, v in given.items() if v is not None}})

    async def fetch(self, url: str) -> bytes:
        """A file of the media host."""
        authority = (await self._client.get("/ca.pem")).text
        trust = ssl.create_default_context(cadata=authority)
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            return (await client.get(url)).raise_for_status().content

    async def received(self, contact: str, since: int = 0) -> Heard:
        """What a contact received and decrypted."""
        return Heard.model_validate(await self._get("/admin/received", contact=contact, since=since))

    async def phone(self, since: int = 0) -> Phone:
        """What the phone received, and its view of the chats."""
        return Phone.model_validate(await self._get("/admin/phone", since=since))

    async def truth(self, chat: str) -> list[Truth]:
        """Every message of a chat, newest first."""
        answer = await self._get("/admin/history", chat=chat)
        if not isinstance(answer, dict):
            raise TypeError("the emulator's history is an object")
        return TypeAdapter(list[Truth]).validate_python(answer["messages"])

    async def push(self, *, device: int | None = None, **shape: str | int | bool) -> int:
        """Push history, or with `on_link` shape what is pushed after linking; gives the number of chunks."""
        body = {**shape, **({} if device is None else {"device": device})}
        return Pushed.model_validate(await self._post("/admin/history", body)).chunks

    async def newsletters(self) -> list[Channel]:
        """All newsletters, with what was done to their posts."""
        return TypeAdapter(list[Channel]).validate_python(await self._get("/admin/newsletters"))

    async def follow(self, newsletter: str, *, followed: bool) -> None:
        """Let the account's own phone follow a newsletter, or leave it."""
        await self._post("/admin/newsletters/follow", {"newsletter": newsletter, "followed": followed})

    async def publish(self, newsletter: str, text: str) -> Said:
        """Let a newsletter post something."""
        return Said.model_validate(
            await self._post("/admin/newsletters/publish", {"newsletter": newsletter, "text": text})
        )

    async def fault(self, kind: Fault, *, on: bool = True, **more: int) -> None:
        """Break something, or mend it with `on=False`."""
        await self._post("/admin/fault", {"kind": kind, "on": on, **more})

    async def _get(self, path: str, **query: str | int) -> object:
        return _checked(await self._client.get(path, params=query))

    async def _post(
        self, path: str, body: Mapping[str, str | int | bool | list[str] | Mapping[str, str | int]]
    ) -> object:
        return _checked(await self._client.post(path, json=body))


def _given(**values: str | None) -> dict[str, str | int | bool]:
    return {name: value for name, value in values.items() if value is not None}


def _checked(response: httpx.Response) -> object:
    if response.is_error:
        raise RuntimeError(f"the emulator answered {response.status_code}: {response.text[:300]}")
    answer: object = response.json()
    return answer
