"""`whatsapp-mcp docs`: draw what is drawn from catalogue, registry, settings, answers and lock; `--check` compares."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cli.answers import read_pages
from cli.codes import draw_go_codes, draw_ts_codes
from cli.configuration import draw_configuration
from cli.examples import draw_page
from cli.openapi import draw_openapi
from cli.reference import draw_reference, draw_routing, draw_snapshot
from cli.troubles import draw_errors, draw_troubles
from settings import HOUSE
from tools.catalogue import CATALOGUE
from tools.declaration import Backend
from version import VERSION

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
CONSTRAINTS = re.compile(r"^constraint-dependencies = \[.*?\]$", re.MULTILINE | re.DOTALL)


def drawings(house: Path = HOUSE) -> Iterator[tuple[Path, str]]:
    """Every drawn file with the text it must have."""
    for backend, folder in ((Backend.GO, "whatsapp-bridge"), (Backend.BAILEYS, "baileys-bridge")):
        drawn = draw_openapi(backend, VERSION)
        yield house / folder / "openapi.json", json.dumps(drawn, indent=2, ensure_ascii=False) + "\n"
    yield house / "whatsapp-bridge" / "fault" / "codes.go", draw_go_codes()
    yield house / "baileys-bridge" / "src" / "codes.ts", draw_ts_codes()
    yield house / "API_REFERENCE.md", draw_reference()
    yield house / "docs" / "BACKEND_ROUTING.md", draw_routing()
    yield house / "docs" / "ERROR_HANDLING.md", draw_errors()
    yield house / "docs" / "configuration.md", draw_configuration()
    for page in read_pages():
        yield house / "docs" / "examples" / f"{page.name}.md", draw_page(page)
    troubles = house / "TROUBLESHOOTING.md"
    yield troubles, draw_troubles(troubles.read_text(encoding="utf-8"))
    for tool in CATALOGUE.values():
        yield house / "tests" / "unit" / "snapshots" / f"{tool.name}.json", draw_snapshot(tool)
    project = house / "pyproject.toml"
    lock = (house / "requirements.lock").read_text(encoding="utf-8")
    yield project, CONSTRAINTS.sub(lambda _: constraints(lock), project.read_text(encoding="utf-8"))


def constraints(lock: str) -> str:
    """The pins of requirements.lock, so that a plain `uv run` resolves to the same versions."""
    rows = "".join(f'    "{name}=={version}",\n' for name, version in sorted(PIN.findall(lock)))
    return f"constraint-dependencies = [\n{rows}]"


def stale(house: Path = HOUSE) -> list[Path]:
    """The drawn files that differ from what would be drawn now, or that nothing draws any more."""
    expected = dict(drawings(house))
    differing = [
        path for path, text in expected.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    snapshots = (house / "tests" / "unit" / "snapshots").glob("*.json")
    return differing + [path for path in snapshots if path not in expected]


def run(arguments: Sequence[str]) -> int:
    """Draw, or compare; 1 when something is stale."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    options = parser.parse_args(arguments)
    if not (HOUSE / "requirements.lock").is_file():
        sys.stderr.write("whatsapp-mcp docs: drawn in a checkout, and this is an installed package\n")
        return 1
    old = stale()
    if options.check:
        for path in old:
            sys.stderr.write(f"stale: {path.relative_to(HOUSE)} (run `make docs`)\n")
        return 1 if old else 0
    texts = dict(drawings())
    for path in old:
        if path in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
        else:
            path.unlink()
        sys.stdout.write(f"drawn: {path.relative_to(HOUSE)}\n")
    return 0
