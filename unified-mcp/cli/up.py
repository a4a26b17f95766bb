"""`whatsapp-mcp up`: start both bridges in the background and keep them running."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cli.build import BAILEYS_BRIDGE, GO_BRIDGE, BuildError, build_bridges
from cli.roster import Roster, end_orphans, lock, running
from cli.supervisor import Plan, UpError, already, supervise
from settings import HOUSE, load_settings

READY_SECONDS = 60.0


def start(plan: Plan) -> Roster:
    """Start the supervisor in a process of its own and wait until both bridges listen or one cannot."""
    if plan.folder.is_dir():
        with lock(plan.folder):
            end_orphans(plan.folder)
    plan.check()
    command = [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "up", "--foreground"]
    command += [] if plan.emulator is None else ["--emulator", plan.emulator]
    null = subprocess.DEVNULL
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    process = subprocess.Popen(
        command, stdin=null, stdout=null, stderr=null, start_new_session=True, creationflags=flags
    )
    ends = time.monotonic() + READY_SECONDS
    while process.poll() is None:
        roster = Roster.read(plan.folder)
        if roster is not None and roster.pid == process.pid:
            settled = all(entry.state in {"running", "failed"} or entry.restarts > 0 for entry in roster.bridges)
            if settled or time.monotonic() > ends:
                return roster
        time.sleep(0.05)
    raise UpError(f"The supervisor ended with code {process.returncode}: {last_line(plan.logs / 'supervisor.log')}")


def last_line(log: Path) -> str:
    """The end of a log."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return f"it wrote no {log}"
    return next((line for line in reversed(lines) if line.strip()), "")


def _report(roster: Roster) -> int:
    sound = True
    for entry in roster.bridges:
        if entry.state == "running":
            sys.stdout.write(f"{entry.name} listens on {entry.listen}, pid {entry.pid}\n")
        else:
            sound = False
            sys.stdout.write(f"{entry.name} is {entry.state}: {entry.reason or 'it is not ready yet'}\n")
            sys.stdout.write(f"  its log: {entry.log}\n")
    sys.stdout.write("Next: `whatsapp-mcp pair` links them, `status` looks at them, `down` stops them.\n")
    return 0 if sound else 1


def run(arguments: Sequence[str]) -> int:
    """Bring both bridges up; 1 with one clear line where something is in the way, and when they run already."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp up", description=__doc__)
    parser.add_argument("--foreground", action="store_true", help="stay in this terminal; what a service starts")
    parser.add_argument("--emulator", metavar="HOST:PORT", help="for tests: an emulated WhatsApp on loopback")
    options = parser.parse_args(arguments)
    try:
        plan = Plan(load_settings(), options.emulator)
        if options.foreground:
            supervise(plan)
            return 0
        if running(plan.folder) is not None:
            raise UpError(already(plan))
        _build()
        return _report(start(plan))
    except (UpError, BuildError) as error:
        sys.stderr.write(f"whatsapp-mcp up: {error}\n")
    return 1


def _build() -> None:
    """Bring both programs up to date; where that cannot be done, what was built before is good enough."""

    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    try:
        build_bridges(say)
    except BuildError as error:
        if not (GO_BRIDGE.is_file() and BAILEYS_BRIDGE.is_file()):
            raise
        say(f"starting what was built before: {error}")
