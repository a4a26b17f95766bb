"""Lint, types and the tests that live beside the Go and TypeScript code, run by the one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.build import NODE_DIRECTORY
from settings import HOUSE

GO_MODULES = pytest.mark.parametrize("module", ["whatsapp-bridge", "tests/emulator"])
LINTER = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"

pytestmark = pytest.mark.timeout(1200)


def run(*command: str, where: Path = HOUSE, **environment: str) -> None:
    program = shutil.which(command[0]) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=where,
        env={**os.environ, "CGO_ENABLED": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{(done.stdout + done.stderr)[-6000:]}"


def test_python_is_formatted_and_linted() -> None:
    run(sys.executable, "-m", "ruff", "format", "--check", ".")
    run(sys.executable, "-m", "ruff", "check", ".")


def test_python_types_are_strict() -> None:
    run(sys.executable, "-m", "mypy")


@GO_MODULES
def test_go_is_vetted_and_tested(built: None, module: str) -> None:
    run("go", "vet", "./...", where=HOUSE / module)
    run("go", "test", "./...", where=HOUSE / module)


@GO_MODULES
def test_go_is_linted(built: None, module: str) -> None:
    binary = HOUSE / ".tools" / "bin" / "golangci-lint"
    if not binary.exists():
        run("go", "install", LINTER, GOBIN=str(binary.parent), GOFLAGS="-buildvcs=false")
    run(str(binary), "run", "--config", str(HOUSE / ".golangci.yml"), "./...", where=HOUSE / module)


def test_typescript_is_linted_typed_and_tested(built: None) -> None:
    run("npm", "run", "--silent", "lint", where=NODE_DIRECTORY)
    run("npm", "test", "--silent", where=NODE_DIRECTORY)
