"""A newcomer's first minutes: a fresh clone in a clean home, the README's two commands, then a client on the entry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from mcp import Client, StdioServerParameters

from settings import HOUSE
from tools.catalogue import CATALOGUE

PROGRAMS = ("git", "make", "go", "node", "npm")
NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS")
UV = os.environ.get("UV") or shutil.which("uv") or str(HOUSE / ".tools" / "bin" / "uv")


@dataclass(frozen=True)
class Newcomer:
    """A clone and a home in which nothing was ever done."""

    checkout: Path
    home: Path
    environment: dict[str, str]

    def run(self, *words: str, **environment: str) -> str:
        """What a command says; it must succeed."""
        done = subprocess.run(
            words,
            cwd=self.checkout,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def newcomer(built: None, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Nothing is shared with the machine but the programs, the way to the network, and the package managers' caches and
    registries (uv's, Go's modules and compiled packages, npm's): what would only be downloaded and compiled again.
    """
    folder = tmp_path_factory.mktemp("newcomer")
    checkout, home = folder / "whatsapp-mcp", folder / "home"
    home.mkdir()
    subprocess.run(("git", "clone", "--quiet", "--no-hardlinks", str(HOUSE), str(checkout)), check=True, timeout=60)
    found = {name: shutil.which(name) for name in PROGRAMS}
    assert None not in found.values(), found
    folders = [
        str(Path(program).parent) for program in (UV, sys.base_prefix + "/bin/python3", *found.values()) if program
    ]
    environment = {
        "HOME": str(home),
        "PATH": os.pathsep.join(dict.fromkeys([*folders, "/usr/bin", "/bin"])),
        **{name: os.environ[name] for name in NETWORK if name in os.environ},
        "UV_CACHE_DIR": _says(UV, "cache", "dir"),
        "GOCACHE": _says("go", "env", "GOCACHE"),
        "GOMODCACHE": _says("go", "env", "GOMODCACHE"),
        "GOPROXY": _says("go", "env", "GOPROXY"),
        "npm_config_cache": _says("npm", "config", "get", "cache"),
        "npm_config_registry": _says("npm", "config", "get", "registry"),
        "npm_config_prefer_offline": "true",
    }
    return Newcomer(checkout, home, environment)


def _says(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_make_demo_sets_everything_up_and_shows_it(newcomer: Newcomer) -> None:
    assert not (newcomer.checkout / ".venv").exists()
    assert "Everything worked." in newcomer.run("make", "demo")


def test_build_leaves_alone_what_is_fresh(newcomer: Newcomer) -> None:
    before = built_at(newcomer.checkout)
    newcomer.run(UV, "run", "whatsapp-mcp", "build")
    assert built_at(newcomer.checkout) == before


def test_a_second_build_waits_for_the_first(newcomer: Newcomer) -> None:
    with FileLock(newcomer.checkout / "build" / ".lock") as first:
        second = subprocess.Popen(
            (UV, "run", "--quiet", "whatsapp-mcp", "build"),
            cwd=newcomer.checkout,
            env=newcomer.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stderr is not None
        assert "waiting for another build" in second.stderr.readline()
        first.release()
        assert second.communicate(timeout=60)[1] == ""
    assert second.returncode == 0


def built_at(checkout: Path) -> dict[str, int]:
    """When each program was made of new sources; Go touches its own in any case."""
    names = ("build/whatsapp-bridge.stamp", "build/emulator.stamp", "baileys-bridge/dist/main.js")
    return {name: (checkout / name).stat().st_mtime_ns for name in names}


def test_make_docs_draws_nothing_new(newcomer: Newcomer) -> None:
    assert newcomer.run("make", "docs") == ""


# All of it would be this run once more: pytest itself is told to take one file.
def test_make_test_runs_in_the_clone(newcomer: Newcomer) -> None:
    said = newcomer.run("make", "test", PYTEST_ADDOPTS="tests/unit/test_settings.py")
    assert " passed" in said
    assert "failed" not in said


async def test_the_entry_that_config_writes_is_started_by_a_client(newcomer: Newcomer) -> None:
    printed = json.loads(newcomer.run(UV, "run", "whatsapp-mcp", "config", "json"))
    newcomer.run(UV, "run", "whatsapp-mcp", "config", "claude", "--write")
    file = newcomer.home / ".config" / "Claude" / "claude_desktop_config.json"
    if sys.platform == "darwin":
        file = newcomer.home / "Library" / "Application Support" / "Claude" / "claude_desktop_config.json"
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written == printed
    entry = written["mcpServers"]["whatsapp"]
    assert Path(entry["command"]).is_absolute()
    assert str(newcomer.checkout / "unified-mcp") in entry["args"]
    # A desktop program knows neither the shell's PATH nor its folder.
    environment = {**newcomer.environment, "PATH": "/usr/bin:/bin", **entry.get("env", {})}
    server = StdioServerParameters(command=entry["command"], args=entry["args"], env=environment, cwd=newcomer.home)
    async with Client(server, mode="legacy") as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == list(CATALOGUE)


def test_all_that_leaves_the_clone_as_git_knows_it(newcomer: Newcomer) -> None:
    assert newcomer.run("git", "status", "--porcelain") == ""
