"""The commands that start the two bridges: on the stage of demo and tests, and every day."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.build import BAILEYS_BRIDGE, GO_BRIDGE
from cli.ffmpeg import find_ffmpeg

CHECK_LIMIT = "--number-checks-per-minute"
SEND_LIMITS = ("--sends-per-minute", "--sends-per-hour")
CONTACT_LIMITS = ("--first-contacts-per-hour", "--first-contacts-per-day")


def whatsapp_command(store: Path, token_file: Path, listen: str, emulator: str | None) -> list[str]:
    """The Go bridge; `listen` and `emulator` are HOST:PORT."""
    command = [str(GO_BRIDGE), "--listen", listen, "--store", str(store), "--token-file", str(token_file)]
    command += [] if emulator is None else _unlimited(CHECK_LIMIT, *SEND_LIMITS, *CONTACT_LIMITS)
    ffmpeg = find_ffmpeg()
    command += [] if ffmpeg is None else ["--ffmpeg", ffmpeg]
    return command + _at(emulator)


def baileys_command(store: Path, token_file: Path, listen: str, emulator: str | None) -> list[str]:
    """The Baileys bridge; it is started in its own folder."""
    node = shutil.which("node") or "node"
    command = [node, str(BAILEYS_BRIDGE), "--listen", listen, "--store", str(store), "--token-file", str(token_file)]
    command += [] if emulator is None else _unlimited(*SEND_LIMITS)
    return command + _at(emulator)


def _unlimited(*limits: str) -> list[str]:
    """The limits protect an account at WhatsApp, and the emulator restricts nobody."""
    return [word for limit in limits for word in (limit, "0")]


def _at(emulator: str | None) -> list[str]:
    return [] if emulator is None else ["--emulator", f"ws://{emulator}"]
