"""A seeded account's history as a baileys_temp.db, in the shape that the figures of docs/performance.md are about.

500 chats of Zipf size, log-normal lengths, a 30,000-word Zipf vocabulary in several scripts, 15 % media with keys,
three years, ids that stand in a second chat, planted rare words. What lies before the link comes as history, chat by
chat and newest first; the last 30 % come live, in the order of time.
"""

from __future__ import annotations

import random
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import log
from pathlib import Path

from settings import HOUSE

CHATS = 500
BIGGEST = 0.049
VOCABULARY = 30_000
POOL = 1_000_000
MEMBERS = 2_000
MEAN_LENGTH, SPREAD, LONGEST = 55, 0.85, 900
END, YEARS = 1_750_000_000, 3
SPAN = YEARS * 365 * 86_400
LIVE_PART = 0.3
MEDIA_PART = 0.15
CAPTIONS = 0.3
OWN_PART = 0.3
ANDROID_PART = 0.6
TWICE_PART = 0.001
RARE_PER_MILLION = 37
RARE, ABSENT = "zyxwvut", "qqjxqqz"
OWN = "15550199@s.whatsapp.net"
SCHEMA = HOUSE / "baileys-bridge" / "src" / "store" / "schema.sql"

SYLLABLES = [first + vowel + last for first in "bdfghklmnprstvwz" for vowel in "aeiou" for last in ("", "n", "r", "s")]
ACCENTED = ["ä", "é", "ñ", "ö", "ß", "ç", "å", "ł", "ø", "ü"]
CYRILLIC = [c + v for c in "бвгдклмнпрст" for v in "аеиоу"]
ARABIC = [c + v for c in "بتجدرسعفقلمن" for v in "اوي"]
HAN = [chr(0x4E00 + 37 * n) for n in range(400)]
EMOJI = [chr(0x1F600 + n) for n in range(60)] + ["👍🏽", "❤️", "🎉"]
MEDIA = (
    ("image", "image/jpeg", 8),
    ("video", "video/mp4", 2),
    ("voice", "audio/ogg", 3),
    ("document", "application/pdf", 1),
    ("sticker", "image/webp", 1),
)
COLUMNS = (
    "chat_jid, id, sender_jid, from_me, timestamp, kind, text, media_mime, media_file_name, media_size, "
    "media_direct_path, media_key, media_sha256, media_enc_sha256, media_duration_s, payload, seq"
)
Row = tuple[str | int | bytes | None, ...]


@dataclass(frozen=True)
class Chat:
    """A chat and how many of the messages are in it."""

    jid: str
    part: float

    @property
    def is_group(self) -> bool:
        """Groups have many senders."""
        return self.jid.endswith("@g.us")


def zipf_parts() -> list[float]:
    """The chats' parts of all messages, the biggest first."""

    def parts(exponent: float) -> list[float]:
        weights = [rank**-exponent for rank in range(1, CHATS + 1)]
        return [weight / sum(weights) for weight in weights]

    exponent = bisect_left(range(2000), BIGGEST, key=lambda n: parts(n / 1000)[0]) / 1000
    return parts(exponent)


@dataclass(frozen=True)
class World:
    """People, words and chats; the same seed makes the same ones."""

    seed: int = 1

    @cached_property
    def chats(self) -> list[Chat]:
        """Three direct chats to two groups, the biggest first."""
        return [
            Chat(f"1203630000{n:08d}@g.us" if n % 5 in (1, 3) else f"1555{n:07d}@s.whatsapp.net", part)
            for n, part in enumerate(zipf_parts())
        ]

    @cached_property
    def members(self) -> list[str]:
        """Who writes in groups."""
        return [f"1555{500_000 + n:07d}@s.whatsapp.net" for n in range(MEMBERS)]

    @cached_property
    def vocabulary(self) -> list[str]:
        """Words by rank, frequent ones short."""
        draw = random.Random(self.seed)
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            long = 1 + len(words).bit_length() // 4
            script = draw.random()
            count = draw.randint(1, long)
            if script < 0.84:
                word = "".join(draw.choices(SYLLABLES, k=count))
            elif script < 0.90:
                word = "".join(draw.choices(SYLLABLES, k=count)) + draw.choice(ACCENTED)
            elif script < 0.94:
                word = "".join(draw.choices(CYRILLIC, k=count + 1))
            elif script < 0.96:
                word = "".join(draw.choices(ARABIC, k=count + 1))
            elif script < 0.98:
                word = "".join(draw.choices(HAN, k=draw.randint(1, 3)))
            else:
                word = "".join(draw.choices(EMOJI, k=draw.randint(1, 2)))
            words[word] = None
        return list(words)

    @property
    def common(self) -> str:
        """The most frequent word of Latin letters."""
        return next(word for word in self.vocabulary if word.isascii() and len(word) > 1)

    @cached_property
    def pool(self) -> list[str]:
        """Running text that messages are cut out of."""
        weights = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))
        return random.Random(self.seed).choices(self.vocabulary, cum_weights=weights, k=POOL)

    def places(self, draw: random.Random, count: int) -> Iterator[tuple[int, int]]:
        """(chat, time) of each message, in the order in which they came."""
        link = END - int(SPAN * LIVE_PART)
        live: list[int] = []
        for number, chat in enumerate(self.chats):
            size = max(2, round(count * chat.part))
            past = size - round(size * LIVE_PART)
            for at in sorted((draw.randrange(END - SPAN, link) for _ in range(past)), reverse=True):
                yield number, at
            live += [draw.randrange(link, END) * CHATS + number for _ in range(size - past)]
        for place in sorted(live):
            yield place % CHATS, place // CHATS

    def rows(self, count: int, seed: int) -> Iterator[Row]:
        """About `count` rows of the table messages without their seq; another seed makes other messages."""
        draw = random.Random(f"{self.seed} {seed}")
        pool, chats, members = self.pool, self.chats, self.members
        word = len(" ".join(pool)) / len(pool)
        centre = log(MEAN_LENGTH) - SPREAD**2 / 2
        kinds = [(kind, mime) for kind, mime, weight in MEDIA for _ in range(weight)]
        rare = RARE_PER_MILLION / 1_000_000
        unseen = 3  # rare words still to come in the biggest chat
        heard: list[tuple[int, str]] = [(-1, "")]
        for row, (number, at) in enumerate(self.places(draw, count)):
            chat = chats[number]
            dice = draw.random()
            own = dice < OWN_PART
            sender = OWN if own else draw.choice(members) if chat.is_group else chat.jid
            length = min(draw.lognormvariate(centre, SPREAD), LONGEST)
            start = draw.randrange(POOL - 300)
            text: str | None = " ".join(pool[start : start + max(1, round((length + 1) / word))])
            if (unseen and number == 0 and draw.random() < 0.01) or draw.random() < rare:
                text, unseen = f"{text} {RARE}", max(0, unseen - 1)
            id_ = f"AC{draw.getrandbits(120):030X}" if dice < ANDROID_PART else f"3A{draw.getrandbits(72):018X}"
            if draw.random() < TWICE_PART:
                elsewhere, there = draw.choice(heard)
                id_ = there if elsewhere not in (-1, number) else id_
            if row % 100 == 0:
                heard.append((number, id_))
            if draw.random() >= MEDIA_PART:
                yield chat.jid, id_, sender, int(own), at, "text", text, *NO_MEDIA, _payload(text or "", b"")
                continue
            kind, mime = draw.choice(kinds)
            caption = text if kind in ("image", "video") and draw.random() < CAPTIONS else None
            key = draw.randbytes(96)
            size = draw.randrange(4_000, 4_000_000)
            path = (
                f"/o1/v/t24/f2/m2{draw.getrandbits(64):016X}/{id_}?ccb=9-4&oh=01_Q5Aa{draw.getrandbits(96):024x}&oe=66"
            )
            name = f"{pool[start]}-{size}.pdf" if kind == "document" else None
            seconds = size // 20_000 if kind in ("voice", "video") else None
            payload = _payload(caption or "", key + path.encode() + mime.encode())
            yield (
                chat.jid,
                id_,
                sender,
                int(own),
                at,
                kind,
                caption,
                mime,
                name,
                size,
                path,
                key[:32],
                key[32:64],
                key[64:],
                seconds,
                payload,
            )

    def people(self) -> Iterator[tuple[str, Row]]:
        """(table, row without seq) of names and of a second address for each direct chat."""
        draw = random.Random(self.seed)
        names = [word for word in self.vocabulary if word.isascii()]
        directs = [chat.jid for chat in self.chats if not chat.is_group]
        for number, jid in enumerate(directs):
            yield "jid_aliases (alias, canonical, seq)", (f"2{number:014d}@lid", jid)
        for jid in [*directs, *self.members]:
            full = f"{draw.choice(names).title()} {draw.choice(names).title()}"
            yield "contacts (jid, full_name, push_name, seq)", (jid, full, full.split(maxsplit=1)[0])
        for chat in self.chats:
            if chat.is_group:
                name = " ".join(draw.choices(names, k=3)).title()
                yield "chats (jid, kind, name, seq)", (chat.jid, "group", name)


NO_MEDIA = (None,) * 8


def _payload(text: str, media: bytes) -> bytes:
    """A waE2E.Message: a conversation, or a field with as many bytes as an image message has."""
    said = text.encode()
    return _field(1, said) if not media else _field(3, _field(3, said) + _field(1, media))


def _field(number: int, value: bytes) -> bytes:
    size, head = len(value), bytes([number << 3 | 2])
    return head + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + value


def write_history(path: Path, origin: str, messages: Iterator[Row], people: Iterable[tuple[str, Row]] = ()) -> int:
    """Make a baileys_temp.db of these rows; gives the number of messages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000")
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
        database.execute("PRAGMA user_version = 1")
        database.execute("INSERT INTO meta VALUES ('origin', ?)", (origin,))
        database.execute("BEGIN")
        seq = 0
        for seq, (table, row) in enumerate(people, 1):
            marks = ", ".join("?" * (len(row) + 1))
            database.execute(f"INSERT INTO {table} VALUES ({marks})", (*row, seq))
        marks = ", ".join("?" * 17)
        database.executemany(
            f"INSERT OR IGNORE INTO messages ({COLUMNS}) VALUES ({marks})",
            ((*row, at) for at, row in enumerate(messages, seq + 1)),
        )
        database.execute("COMMIT")
        (count,) = database.execute("SELECT count(*) FROM messages").fetchone()
    return int(count)
