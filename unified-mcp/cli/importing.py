"""`whatsapp-mcp import lharries PATH`: takes over the messages of another server, from the shell."""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from backends.go import GoBridge
from cli.progress import following
from cli.sync import sentence
from errors import Code, WhatsAppError
from imports import PeerStore
from settings import Settings, load_settings
from sync import Merger
from tools.results import MergeReport


class ImportReport(MergeReport):
    """What an import did. Whose file it is was told by its columns."""

    server: str
    calls_left_out: int


async def _import(settings: Settings, path: Path, number: str | None) -> ImportReport:
    async with GoBridge(settings) as go:
        peer = PeerStore(path, _own((await go.status()).jid, number))
        merger = Merger(go, peer)
        try:
            with following("importing") as progress:
                report = await merger.merge(seconds=math.inf, report=progress)
        finally:
            await merger.close()
    return ImportReport(**report.model_dump(), server=peer.server, calls_left_out=peer.calls)


def _own(linked: str | None, number: str | None) -> str | None:
    """Who signs the messages that the file's owner sent."""
    given = f"{number}@s.whatsapp.net" if number else None
    if linked and given and linked != given:
        raise WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"The Go bridge is linked as {linked}, and --own says {given}.",
            details={"argument": "own"},
            resolution="A file of another account belongs into a store of its own. Otherwise leave --own away.",
        )
    return linked or given


def _number(text: str) -> str:
    digits = re.sub(r"[\s+().-]", "", text)
    if not re.fullmatch(r"[1-9][0-9]{6,14}", digits):
        raise argparse.ArgumentTypeError(f"{text!r} is no phone number with its country code, such as +15550100")
    return digits


def run(arguments: Sequence[str]) -> int:
    """Import a file, however long it takes; 1 with the error's text when it fails, 2 when it is called wrongly."""
    parser = argparse.ArgumentParser(
        prog="whatsapp-mcp import",
        description="Take over the messages.db of another server: lharries/whatsapp-mcp, verygoodplugins/whatsapp-mcp, "
        "or a fork that added columns. The file is only read, and best while the other server is stopped. A second "
        "run takes what came since; one that was killed is gone on with.",
    )
    parser.add_argument("server", choices=("lharries", "verygoodplugins"), help="the columns tell which of them it is")
    parser.add_argument("path", metavar="PATH", type=Path, help="its messages.db; whatsapp.db beside it gives names")
    parser.add_argument(
        "--own", metavar="NUMBER", type=_number, help="the owner's number, where the Go bridge is not linked yet"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    report = asyncio.run(_import(load_settings(), options.path, options.own))
    if options.json:
        sys.stdout.write(report.model_dump_json(exclude_none=True) + "\n")
    else:
        left_out = f"; {report.calls_left_out} calls left out" if report.calls_left_out else ""
        sys.stdout.write(f"{sentence(report)}{left_out}\n")
    return 0
