"""The programs that bridges and server are built and run with."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from cli.build import BAILEYS_BRIDGE, GO, GO_BRIDGE, NODE, NPM, BuildError, Toolchain, is_fresh
from cli.checks.finding import Finding, error, fine, note, warning
from cli.entry import find_uv
from cli.ffmpeg import find_ffmpeg
from settings import HOUSE


def check_toolchains() -> Iterator[Finding]:
    """Go, Node.js, npm, Python, uv and ffmpeg, and whether what they made is of this checkout."""
    if not (HOUSE / "whatsapp-bridge" / "go.mod").is_file():
        yield note("checkout", "This is an installed package: the bridges are built from a checkout of the repository.")
    else:
        yield _toolchain("go", GO, needed=not GO_BRIDGE.is_file())
        yield _toolchain("node", NODE, needed=False)
        yield _toolchain("npm", NPM, needed=False)
        yield _built("whatsapp-bridge", GO_BRIDGE)
        yield _built("baileys-bridge", BAILEYS_BRIDGE)
    yield fine("python", f"Python {platform.python_version()}")
    uv = find_uv()
    if uv is None:
        yield warning(
            "uv", "uv is not on PATH, and clients start the server by it.", "Install it: https://docs.astral.sh/uv/"
        )
    else:
        yield fine("uv", uv)
    yield _ffmpeg()


def _toolchain(check: str, toolchain: Toolchain, *, needed: bool) -> Finding:
    try:
        return fine(check, f"{toolchain.name} {toolchain.check()}")
    except BuildError as problem:
        cure = f"Install it: {toolchain.where}"
        said = str(problem).removesuffix(f": {toolchain.where}") + "."
        return error(check, said, cure) if needed else warning(check, said, cure)


def _built(check: str, program: Path) -> Finding:
    name = program.relative_to(HOUSE)
    if not program.is_file():
        return note(f"{check} build", f"{name} is not built.", "whatsapp-mcp build")
    if not is_fresh(program):
        return warning(
            f"{check} build",
            f"{name} was built from other sources than those of this checkout.",
            "whatsapp-mcp build, then start the bridge again",
        )
    return fine(f"{check} build", f"{name} is of this checkout")


def _ffmpeg() -> Finding:
    given = os.environ.get("WHATSAPP_MCP_FFMPEG")
    if given and shutil.which(given) is None:
        return warning("ffmpeg", f"WHATSAPP_MCP_FFMPEG names {given}, and that is no program.", "Correct or remove it.")
    found = find_ffmpeg()
    if found is None:
        return note(
            "ffmpeg",
            "There is no ffmpeg: voice notes can be sent from .ogg files with Opus alone.",
            "Install ffmpeg, or the extra: uv sync --extra voice",
        )
    return fine("ffmpeg", found)
