"""`whatsapp-mcp doctor`: look for what is wrong on this machine, and say what mends it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence

from backends.baileys import BaileysBridge
from backends.go import GoBridge
from cli.checks.bridges import BridgeCheck
from cli.checks.clients import check_clients
from cli.checks.databases import SECONDS, check_integrity, check_schemas
from cli.checks.files import check_files, check_token
from cli.checks.finding import SEVERITIES, Finding, Severity, error
from cli.checks.toolchains import check_toolchains
from errors import WhatsAppError
from settings import Settings, load_settings

DEEP_SECONDS = 240
MARKS: dict[Severity, tuple[str, str]] = {
    "fine": ("ok", "32"),
    "note": ("note", "36"),
    "warning": ("warning", "33"),
    "error": ("ERROR", "1;31"),
}
EXIT: dict[Severity, int] = {"fine": 0, "note": 0, "warning": 1, "error": 2}


async def examine(seconds: int) -> AsyncIterator[Finding]:
    """Every finding, as it is made."""
    for finding in _walled("toolchains", check_toolchains()):
        yield finding
    try:
        settings = load_settings()
    except WhatsAppError as problem:
        yield error("settings", problem.message, problem.resolution)
    else:
        for name, findings in (
            ("token", check_token(settings)),
            ("files", check_files(settings)),
            ("schemas", check_schemas(settings)),
        ):
            for finding in _walled(name, findings):
                yield finding
        async for finding in _bridges(settings, seconds):
            yield finding
    for finding in _walled("clients", check_clients()):
        yield finding


async def _bridges(settings: Settings, seconds: int) -> AsyncIterator[Finding]:
    async with GoBridge(settings) as go, BaileysBridge(settings) as baileys:
        checks = BridgeCheck(go, settings), BridgeCheck(baileys, settings)
        for check in checks:
            async for finding in _awaited(check.bridge.name, check.run()):
                yield finding
        looked = check_integrity(settings, go, seconds, running=checks[0].status is not None)
        async for finding in _awaited("integrity", looked):
            yield finding


def _walled(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """A check that fails is a finding itself, and the others go on."""
    try:
        yield from findings
    except Exception as problem:
        yield _failed(name, problem)


async def _awaited(name: str, findings: AsyncIterator[Finding]) -> AsyncIterator[Finding]:
    try:
        async for finding in findings:
            yield finding
    except Exception as problem:
        yield _failed(name, problem)


def _failed(name: str, problem: Exception) -> Finding:
    if isinstance(problem, WhatsAppError):
        return error(name, problem.message, problem.resolution)
    said = f"This check itself failed: {type(problem).__name__}: {problem}"
    return error(name, said, "Report it, with this line.")


def worst(findings: Sequence[Finding]) -> Severity:
    """The gravest severity."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="fine")


def summary(findings: Sequence[Finding]) -> str:
    """How many of what, in one line."""
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in SEVERITIES}
    if worst(findings) in ("fine", "note"):
        return "Nothing is wrong."
    said = ((counts["error"], "error"), (counts["warning"], "warning"))
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in said if count]
    return ", ".join(parts) + "."


def _row(finding: Finding, colours: bool) -> str:
    mark, style = MARKS[finding.severity]
    shown = f"\033[{style}m{mark:<8}\033[0m" if colours else f"{mark:<8}"
    cure = f"\n{' ' * 8}-> {finding.cure}" if finding.cure else ""
    return f"{shown}{finding.check}: {finding.message}{cure}\n"


async def _examine(seconds: int, *, as_json: bool) -> list[Finding]:
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    found = []
    async for finding in examine(seconds):
        found.append(finding)
        if not as_json:
            sys.stdout.write(_row(finding, colours))
            sys.stdout.flush()
    return found


def run(arguments: Sequence[str]) -> int:
    """Look at everything; 0 when nothing is wrong, 1 with warnings, 2 with errors."""
    parser = argparse.ArgumentParser(
        prog="whatsapp-mcp doctor",
        description="Look for what is wrong on this machine, and say what mends it. Nothing is changed. The exit code "
        "is 0 when nothing is wrong, 1 with warnings, 2 with errors.",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(
        "--deep", action="store_true", help=f"look at large databases for {DEEP_SECONDS} s instead of {SECONDS} s"
    )
    options = parser.parse_args(arguments)
    found = asyncio.run(_examine(DEEP_SECONDS if options.deep else SECONDS, as_json=options.json))
    if options.json:
        rows = [finding.model_dump(mode="json", exclude_none=True) for finding in found]
        sys.stdout.write(json.dumps({"severity": worst(found), "findings": rows}, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(f"\n{summary(found)}\n")
    return EXIT[worst(found)]
