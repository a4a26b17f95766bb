"""`whatsapp-mcp stats`: a picture of what is stored, in the terminal and as one page."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cli.picture import Picture, clean, every_month, headline, look, reach
from cli.stats_page import page
from settings import load_settings

MONTHS_SHOWN = 24
"""In the terminal; the page shows them all."""
NAME = 24
BLOCKS = " ▏▎▍▌▋▊▉█"


def _bar(value: int, most: int, width: int) -> str:
    eighths = round(value / most * width * 8) if most else 0
    eighths = max(eighths, 1) if value else 0
    return (BLOCKS[-1] * (eighths // 8) + BLOCKS[eighths % 8]).rstrip()


def _rows(title: str, rows: Sequence[tuple[str, int, str]], width: int) -> list[str]:
    if not rows:
        return []
    label = max(_wide(name) for name, _, _ in rows)
    most = max(count for _, count, _ in rows)
    figures = len(f"{most:,}")
    room = max(10, min(40, width - label - figures - 4 - max(len(more) for _, _, more in rows)))
    lines = ["", title]
    for name, count, more in rows:
        bar = _bar(count, most, room)
        lines.append(f"  {name}{' ' * (label - _wide(name))} {count:>{figures},} {bar:<{room}} {more}".rstrip())
    return lines


def _wide(text: str) -> int:
    """How many columns a terminal gives it."""
    marks = sum(unicodedata.combining(letter) != 0 for letter in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(letter) in "FW" for letter in text)


def _short(name: str) -> str:
    shown = clean(name) or "(no name)"
    while _wide(shown) > NAME:
        shown = shown[:-2] + "…"
    return shown


def drawn(picture: Picture, width: int) -> str:
    """The picture for a terminal of so many columns."""
    counts = picture.counts
    months = every_month(counts.by_month)
    older = months[:-MONTHS_SHOWN]
    by_month = [(month.month, month.messages, "") for month in months[-MONTHS_SHOWN:]]
    if older:
        by_month.insert(0, ("before", sum(month.messages for month in older), ""))
    chats = [(_short(chat.chat_name), chat.messages, reach(picture, chat)) for chat in counts.busiest_chats]
    hours = sorted(counts.busiest_hours, key=lambda hour: hour.hour)
    lines = [
        *headline(picture),
        *_rows("By month", by_month, width),
        *_rows("Busiest chats", chats, width),
        *_rows("By kind", [(clean(kind.kind), kind.messages, "") for kind in counts.by_kind[:10]], width),
        *_rows("By hour of the day", [(f"{hour.hour:02}h", hour.messages, "") for hour in hours], width),
    ]
    return "\n".join(lines) + "\n"


def save(path: Path, text: str) -> None:
    """Write the page at once, readable for its owner alone: it names people."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise


def run(arguments: Sequence[str]) -> int:
    """Show it; 1 with the error's text when that fails."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp stats", description=__doc__)
    parser.add_argument("--html", metavar="PATH", type=Path, help="write one page, which loads nothing from anywhere")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    picture = asyncio.run(look(load_settings()))
    if options.html is not None:
        try:
            save(options.html.absolute(), page(picture))
        except OSError as error:
            sys.stderr.write(f"whatsapp-mcp stats: {options.html} cannot be written ({error.strerror})\n")
            return 1
        sys.stderr.write(f"The page is {options.html.absolute()}\n")
    if options.json:
        sys.stdout.write(picture.counts.model_dump_json(exclude_none=True) + "\n")
    elif options.html is None:
        sys.stdout.write(drawn(picture, shutil.get_terminal_size((100, 24)).columns))
    return 0
