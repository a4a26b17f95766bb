"""`whatsapp-mcp status`: the supervisor, both processes, and where each link to WhatsApp stands."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from backends.baileys import BaileysBridge
from backends.bridge import Bridge
from backends.go import GoBridge
from backends.operations import BridgeStatus
from cli.roster import Entry, Roster, running
from cli.supervisor import Plan
from errors import WhatsAppError
from settings import load_settings


class Link(BaseModel):
    """A bridge: its process where the supervisor has it, and its own word, or why it does not answer."""

    model_config = ConfigDict(frozen=True)

    name: str
    process: Entry | None = None
    status: BridgeStatus | None = None
    problem: str | None = None


class Report(BaseModel):
    """Everything. `supervisor` is None where the bridges were started by hand, or not at all."""

    model_config = ConfigDict(frozen=True)

    supervisor: Roster | None = None
    bridges: tuple[Link, ...]

    @property
    def sound(self) -> bool:
        """Whether both bridges are linked and connected."""
        return all(link.status is not None and link.status.logged_in for link in self.bridges)


async def look(plan: Plan) -> Report:
    """Ask everything at once."""
    roster = running(plan.folder)
    processes = {} if roster is None else {entry.name: entry for entry in roster.bridges}
    async with GoBridge(plan.settings) as go, BaileysBridge(plan.settings) as baileys:
        links = await asyncio.gather(*(_ask(bridge, processes.get(bridge.name)) for bridge in (go, baileys)))
    return Report(supervisor=roster, bridges=tuple(links))


async def _ask(bridge: Bridge, process: Entry | None) -> Link:
    try:
        return Link(name=bridge.name, process=process, status=await bridge.status())
    except WhatsAppError as error:
        return Link(name=bridge.name, process=process, problem=error.message)


def lines(report: Report) -> list[str]:
    """The report for a person."""
    roster = report.supervisor
    said = ["supervisor       " + ("not running" if roster is None else f"pid {roster.pid}, since {roster.since}")]
    for link in report.bridges:
        said.append(f"{link.name:<17}{_process(link)}; {_state(link)}")
        if link.status is not None and link.status.resolution:
            said.append(f"{'':<17}{link.status.resolution}")
        if link.process is not None and link.process.reason and link.process.restarts:
            said.append(f"{'':<17}its last end: {link.process.reason}")
    if roster is None:
        said.append("`whatsapp-mcp up` starts both bridges and keeps them running.")
    return said


def _process(link: Link) -> str:
    process = link.process
    if process is None:
        return "not running" if link.status is None else "started by hand"
    restarts = "" if process.restarts == 0 else f", restarts: {process.restarts}"
    return f"{process.state}{f', pid {process.pid}' if process.pid else ''}{restarts}"


def _state(link: Link) -> str:
    status = link.status
    if status is None:
        return link.problem or "it does not answer"
    account = f" as {status.push_name or status.jid}" if status.jid else ""
    heard = f", last heard {status.last_event_at}" if status.last_event_at else ""
    reason = f" ({status.reason})" if status.reason else ""
    return f"{status.state}{account}{reason}, {status.messages} messages{heard}"


def run(arguments: Sequence[str]) -> int:
    """Say how everything is; 0 when both bridges are connected, 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog="whatsapp-mcp status", description=__doc__, epilog="Exit code 0: both are connected; 1: not both."
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    report = asyncio.run(look(Plan(load_settings())))
    text = report.model_dump_json(indent=2, exclude_none=True) if options.json else "\n".join(lines(report))
    sys.stdout.write(f"{text}\n")
    return 0 if report.sound else 1
