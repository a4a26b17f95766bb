"""The commands that start the two bridges: on the stage of demo and tests, and every day."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.build import BAILEYS_BRIDGE, GO_BRIDGE
from cli.ffmpeg import find_ffmpeg


def whatsapp_command(store: Path, token_file: Path, listen: str, emulator: str | None) -> list[str]:
    """The Go bridge; `listen` and `emulator` are HOST:PORT."""
    command = [str(GO_BRIDGE), "--listen", listen, "--store", str(store), "--token-file", str(token_file)]
    # The limits protect an account at WhatsApp, and the emulator restricts nobody.
    command += [] if emulator is None else ["--number-checks-per-minute", "0"]
    ffmpeg = find_ffmpeg()
    command += [] if ffmpeg is None else ["--ffmpeg", ffmpeg]
    return command + _at(emulator)


def baileys_command(store: Path, token_file: Path, listen: str, emulator: str | None) -> list[str]:
    """The Baileys bridge; it is started in its own folder."""
    node = shutil.which("node") or "node"
    command = [node, str(BAILEYS_BRIDGE), "--listen", listen, "--store", str(store), "--token-file", str(token_file)]
    return command + _at(emulator)


def _at(emulator: str | None) -> list[str]:
    return [] if emulator is None else ["--emulator", f"ws://{emulator}"]
