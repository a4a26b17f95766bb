"""The ways to start it that the README names: the entry's command, the script, a built wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from cli.entry import entry
from settings import HOUSE
from tools.catalogue import CATALOGUE

UV = os.environ.get("UV") or shutil.which("uv") or str(HOUSE / ".tools" / "bin" / "uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([UV, "build", "--quiet", "--out-dir", str(folder), str(HOUSE)], check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    root = HOUSE / "unified-mcp"
    ours = {str(path.relative_to(root)) for path in root.rglob("*.py")}
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if name.endswith(".py")} == ours


# Trap 20: a range of versions resolves to one that was never tried as soon as the lock file is not there.
def test_an_install_without_the_lock_file_takes_the_versions_that_were_tested(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    said = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    # What follows is when it is needed: `; extra == "voice"`.
    needed = [requirement.partition(";")[0].strip() for requirement in said]
    locked = set(re.findall(r"^(\S+==\S+)", (HOUSE / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    assert needed
    assert set(needed) <= locked


async def listed(command: str, *arguments: str, where: Path) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    server = StdioServerParameters(command=command, args=list(arguments), env=environment, cwd=where)
    async with Client(server, mode="legacy") as client:
        return [tool.name for tool in (await client.list_tools()).tools]


# Trap 20: this way of starting it knows no lock file.
async def test_a_built_wheel_serves(wheel: Path, tmp_path: Path) -> None:
    names = await listed(UV, "tool", "run", "--quiet", "--from", str(wheel), "whatsapp-mcp", where=tmp_path)
    assert names == list(CATALOGUE)


async def test_the_entry_of_claude_desktop_serves_from_any_folder(tmp_path: Path) -> None:
    here = entry()
    assert await listed(here.command, *here.arguments, where=tmp_path) == list(CATALOGUE)


async def test_the_script_serves() -> None:
    assert await listed(UV, "run", "--quiet", "whatsapp-mcp", "serve", where=HOUSE) == list(CATALOGUE)
