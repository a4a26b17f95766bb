"""How far long work is: a bar where a terminal shows stderr, plain lines elsewhere, and nothing on stdout.

Drawn by hand: where rich is installed, httpx imports it, and every start of the server would pay for the bar.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sync import Progress

PLAIN_SECONDS = 10.0
"""How often a line is written where no bar can be drawn: a log is read afterwards."""
WIDTH = 30
AGAIN = "\r\x1b[2K"
"""Back to the line's beginning, and the line away."""


def _draws() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _clock(since: float) -> str:
    return str(timedelta(seconds=int(time.monotonic() - since)))


@contextmanager
def following(what: str) -> Iterator[Progress]:
    """What long work reports its progress to; the bar is gone when it ends."""
    started = time.monotonic()
    draws = _draws()
    last = started

    async def report(done: float, total: float | None, message: str) -> None:
        nonlocal last
        share = min(done / total, 1.0) if total else None
        if draws:
            columns = shutil.get_terminal_size().columns - 1
            _write(AGAIN + f"{what} {_bar(share)} {message} {_clock(started)}"[:columns])
        elif time.monotonic() - last >= PLAIN_SECONDS:
            last = time.monotonic()
            _write(f"{what}: {message}{'' if share is None else f' ({share:.0%})'}\n")

    try:
        yield report
    finally:
        if draws:
            _write(AGAIN)


def _bar(share: float | None) -> str:
    if share is None:
        return ""
    filled = int(share * WIDTH)
    return f"{'━' * filled}{' ' * (WIDTH - filled)} {share:4.0%}"


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """What work in steps says each of them to; in a terminal with what became of it, and how long it took."""
    if not _draws():
        yield lambda text: _write(f"{text}\n")
        return
    going: tuple[str, float] | None = None

    def say(text: str) -> None:
        end("✓")
        nonlocal going
        going = (text, time.monotonic())
        _write(f"… {text}"[: shutil.get_terminal_size().columns - 1])

    def end(mark: str) -> None:
        if going is not None:
            _write(f"{AGAIN}{mark} {going[0]} {_clock(going[1])}\n")

    try:
        yield say
    except BaseException:
        end("✗")
        raise
    end("✓")
