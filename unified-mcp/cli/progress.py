"""How far long work is: a bar where a terminal shows stderr, plain lines elsewhere, and nothing on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sync import Progress

PLAIN_SECONDS = 10.0
"""How often a line is written where no bar can be drawn: a log is read afterwards."""


def _draws() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def following(what: str) -> Iterator[Progress]:
    """What long work reports its progress to; the bar is gone when it ends."""
    if not _draws():
        yield _Lines(what).report
    else:
        # Its import costs what a quick command would take as a whole.
        from rich.console import Console  # noqa: PLC0415 - as above
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.progress import Progress as Bars  # noqa: PLC0415

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[said]}", markup=False),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=Console(file=sys.stderr), transient=True) as bars:
            task = bars.add_task(what, total=None, said="")

            async def report(done: float, total: float | None, message: str) -> None:
                bars.update(task, completed=done, total=total, said=message)

            yield report


class _Lines:
    def __init__(self, what: str) -> None:
        self._what = what
        self._last = time.monotonic()

    async def report(self, done: float, total: float | None, message: str) -> None:
        """A line, where the last one is old enough."""
        if time.monotonic() - self._last >= PLAIN_SECONDS:
            self._last = time.monotonic()
            share = f" ({done / total:.0%})" if total else ""
            sys.stderr.write(f"{self._what}: {message}{share}\n")


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """What work in steps says each of them to; the one that goes on has a spinner and a clock."""
    if not _draws():

        def write(text: str) -> None:
            sys.stderr.write(f"{text}\n")

        yield write
    else:
        from rich.console import Console  # noqa: PLC0415 - as above
        from rich.progress import Progress as Bars  # noqa: PLC0415
        from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=Console(file=sys.stderr)) as bars:
            tasks: list[TaskID] = []

            def say(text: str) -> None:
                for task in tasks:
                    bars.update(task, completed=1)
                tasks.append(bars.add_task(text, total=1))

            yield say
            for task in tasks:
                bars.update(task, completed=1)
