"""What the demo prints: a conversation that a person enjoys reading, with the time of each call."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Iterable

WIDTH = 96
INDENT = 10


class Transcript:
    """Writes to stdout; colours only where a terminal shows them."""

    def __init__(self) -> None:
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._started = time.monotonic()

    def heading(self, title: str, below: str) -> None:
        """The first two lines."""
        self._write(f"\n{self._paint('1;32', title)}\n{self._paint('2', below)}\n")

    def act(self, what: str, seconds: float | None = None) -> None:
        """Something that happens on the stage."""
        self._row(self._paint("36", "stage".ljust(INDENT)), what, seconds)

    def ask(self, question: str) -> None:
        """What a person asks."""
        self._write(f"\n{self._paint('1', 'you'.ljust(INDENT))}{self._paint('1', question)}\n")

    def call(self, text: str, seconds: float) -> None:
        """The tool that answers."""
        self._row(self._paint("33", "tool".ljust(INDENT)), self._paint("33", text), seconds, hidden=9)

    def lines(self, lines: Iterable[str]) -> None:
        """The answer, line by line."""
        for line in lines:
            for part in textwrap.wrap(line, WIDTH - INDENT, subsequent_indent="  ") or [""]:
                self._write(f"{' ' * INDENT}{part}\n")

    def end(self, text: str) -> None:
        """The last line."""
        self._write(
            f"\n{self._paint('1;32', text)} {self._paint('2', f'({time.monotonic() - self._started:.1f} s)')}\n"
        )

    def plain(self, text: str) -> None:
        """Text as it is."""
        self._write(f"{text}\n")

    def _row(self, label: str, text: str, seconds: float | None, hidden: int = 0) -> None:
        timing = "" if seconds is None else _duration(seconds)
        room = WIDTH - INDENT - len(timing) + (hidden if self._colours else 0)
        self._write(f"{label}{text.ljust(room)}{self._paint('2', timing)}\n")

    def _paint(self, style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self._colours else text

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
