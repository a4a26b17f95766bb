"""Arrows go down only: each module imports its own floor and those below."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import HOUSE

ROOT = HOUSE / "unified-mcp"
FLOORS = (
    ("main",),
    ("cli",),
    ("doors",),
    ("server",),
    ("hybrid",),
    ("flagship",),
    ("group_course",),
    ("house",),
    ("imports", "routing", "sync"),
    ("backends",),
    ("safety",),
    ("tools",),
    ("settings",),
    ("errors", "version"),
)
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
SHELF_IMPORTS = {"tools.declaration", "tools.vocabulary", "tools.results", "errors", "__future__"}
TOOLING = {"arguments", "catalogue", "declaration", "results", "schema", "vocabulary"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            yield node.module or ""


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_its_own_floor_and_those_below(path: Path) -> None:
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imports(path):
        there = name.split(".")[0]
        if there in FLOOR:
            assert FLOOR[there] > FLOOR[here] or there == here, f"{here} must not import {name}"


def test_every_module_has_its_floor() -> None:
    assert {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in modules()} == set(FLOOR)


def test_a_tool_shelf_imports_only_the_words_it_is_made_of() -> None:
    for path in sorted((ROOT / "tools").glob("*.py")):
        if path.stem not in TOOLING | {"__init__"}:
            assert set(imports(path)) <= SHELF_IMPORTS, path.name


def test_serving_imports_no_other_command() -> None:
    code = "import sys, cli.serve; print(sorted(name for name in sys.modules if name.startswith('cli.')))"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "['cli.serve']"
