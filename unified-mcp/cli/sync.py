"""`whatsapp-mcp sync`: the merge of baileys_temp.db into messages.db, from the shell."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace

from cli.progress import following
from house import open_house
from hybrid import sync_history_to_database
from settings import Settings, load_settings
from tools.results import MergeReport


async def _merge(settings: Settings, chat: str | None) -> MergeReport:
    async with open_house(settings) as house:
        with following("merging") as progress:
            followed = replace(house, report=progress)
            while True:
                report = await sync_history_to_database(followed, chat_jid=chat)
                if report.status != "running":
                    return report


def sentence(report: MergeReport) -> str:
    """The report in one line."""
    return (
        f"{report.read} rows read, {report.inserted} new, {report.filled} filled, {report.duplicates} known, "
        f"{report.conflicts} conflicts, {report.refused} refused, in {report.seconds:.1f} s"
    )


def run(arguments: Sequence[str]) -> int:
    """Merge what waits, however long it takes; 1 with the error's text when it fails."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp sync", description=__doc__)
    parser.add_argument("--chat", metavar="JID", help="say afterwards what messages.db holds of this chat")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    report = asyncio.run(_merge(load_settings(), options.chat))
    if options.json:
        sys.stdout.write(report.model_dump_json(exclude_none=True) + "\n")
    else:
        sys.stdout.write(f"{sentence(report)}\n")
        if report.note:
            sys.stdout.write(f"{report.note}\n")
    return 0
