"""docs/performance.md: the figures with the machine they were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from driver import versions
from figures import Part, markdown
from settings import HOUSE

PAGE = HOUSE / "docs" / "performance.md"


def draw(parts: Sequence[Part], *, full: bool, seed: int, only: str | None = None) -> None:
    """Write the page; where one part alone was measured, put its tables into the page that is there."""
    if only not in (None, "store"):
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), parts, only), encoding="utf-8")
        return
    PAGE.write_text(
        f"""<!-- Drawn by `make bench` with --write; not edited by hand. -->

# Performance

Measured on {_today()} by `make bench ARGS="{"--full --write" if full else "--write"}"`, seed {seed}.

- Machine: {_machine()}.
- Versions: {_versions()}.
- Data: `tests/bench/world.py`, 500 chats of Zipf size (the biggest holds 4.9 %), log-normal lengths with a mean of 55
  characters, 30,000 words of Zipf frequency in several scripts, 15 % media with keys, three years; 70 % of the rows
  come in the order of history, 30 % in that of time. Every row carries its payload, as the Baileys bridge keeps it.
- Questions go over stdio through the orchestrator to the Go bridge and back (`tests/bench/client.py`). The merge is
  `whatsapp-mcp sync`. Live messages are stored by the Go package itself, each at its time whether or not those before
  it are done (`whatsapp-bridge/store/driver_test.go`).
- The phone is the emulator's (`tests/bench/phone.py`): a history comes in the chunks and with the encryption of a real
  one, with as much work for the emulator, on the same cores, as for the bridges.

{markdown(parts)}""",
        encoding="utf-8",
    )


def renewed(page: str, parts: Sequence[Part], only: str | None) -> str:
    """The page with these parts in place of those of the same title, or behind the others."""
    head, *sections = page.split("\n## ")
    told = {section.split("\n", 1)[0]: section.rstrip("\n") for section in sections}
    measured = f'Measured on {_today()} by `make bench ARGS="--only {only} --write"` on {_machine()}.'
    for part in parts:
        table = markdown([part]).removeprefix(f"## {part.title}\n")
        told[part.title] = f"{part.title}\n\n{measured}\n{table}".rstrip("\n")
    return "\n\n## ".join([head.rstrip("\n"), *told.values()]) + "\n"


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _machine() -> str:
    cores = os.cpu_count()
    return f"{cores} cores ({_processor()}), {_memory()}, {platform.system()} {platform.release().split('-')[0]}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1024**3:.0f} GiB of memory"
    except (ValueError, OSError, AttributeError):
        return "memory not told"


def _versions() -> str:
    known = {
        "Python": platform.python_version(),
        "its SQLite": sqlite3.sqlite_version,
        "mcp": importlib.metadata.version("mcp"),
        **versions(),
    }
    return ", ".join(f"{name} {version}" for name, version in known.items())
