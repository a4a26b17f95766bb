"""The cures of TROUBLESHOOTING.md for a client's entry: it is broken, started as a client starts it, and mended."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from cli.clients import CLIENTS, ConfigError
from cli.config import write
from cli.entry import Entry
from command import command
from doctor import findings
from safety.policy import CORE
from tools.catalogue import CATALOGUE

Object = dict[str, Any]
SECONDS = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which no client was ever set up; a desktop program's PATH leads to it, where there is no uv."""
    return tmp_path


async def written(home: Path, **settings: str) -> Object:
    """The entry that `whatsapp-mcp config cursor --write` puts into the client's file, as a client reads it."""
    done = await command("config", "cursor", "--write", environment={"HOME": str(home), **settings})
    assert done.code == 0, done.err
    entry: Object = json.loads(file_of(home).read_text(encoding="utf-8"))["mcpServers"]["whatsapp"]
    return entry


def file_of(home: Path) -> Path:
    return home / ".cursor" / "mcp.json"


def put(home: Path, entry: Object) -> None:
    """What a person wrote into the client's file by hand."""
    file = file_of(home)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"mcpServers": {"whatsapp": entry}}), encoding="utf-8")


def environment_of(home: Path, entry: Object) -> Mapping[str, str]:
    """What a desktop program gives the server: nothing of a shell's, least of all its PATH."""
    shells = {"PATH", "UV", "VIRTUAL_ENV"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    return {
        **{name: text for name, text in kept.items() if name not in shells},
        "PATH": str(home),
        **entry.get("env", {}),
    }


async def spawn(home: Path, entry: Object) -> asyncio.subprocess.Process:
    """The entry's command as it stands, its three streams open."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        entry["command"], *entry["args"], env=environment_of(home, entry), stdin=pipe, stdout=pipe, stderr=pipe
    )


async def tools(home: Path, entry: Object) -> list[str]:
    """What the client shows; no bridge runs."""
    server = StdioServerParameters(
        command=entry["command"], args=entry["args"], env=dict(environment_of(home, entry)), cwd=home
    )
    async with Client(server, mode="legacy") as client:
        return [tool.name for tool in (await client.list_tools()).tools]


@pytest.mark.symptom("spawn uv ENOENT")
async def test_a_bare_uv_is_not_found_by_a_desktop_program_and_the_written_path_is(home: Path) -> None:
    good = await written(home)
    bare = {**good, "command": "uv"}
    put(home, bare)
    with pytest.raises(FileNotFoundError, match="'uv'"):
        await spawn(home, bare)
    # A terminal does know uv, as a desktop program does not.
    known = os.pathsep.join((str(Path(good["command"]).parent), os.environ["PATH"]))
    _, found = await findings({"HOME": str(home), "PATH": known})
    assert "spawn uv ENOENT" in found["cursor"]["message"]
    assert "whatsapp-mcp config cursor --write" in found["cursor"]["cure"]
    assert Path(good["command"]).is_absolute()
    assert await written(home) == good
    assert await tools(home, good) == list(CATALOGUE)


@pytest.mark.symptom("The client says server disconnected")
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"env": {"WHATSAPP_MCP_GO_URL": "http://192.0.2.1:8080"}}, "WHATSAPP_MCP_GO_URL is wrong"),
        ({"args": ["--directory", "/nowhere/unified-mcp", "run", "main.py"]}, "No such file or directory"),
    ],
    ids=["setting", "path"],
)
async def test_what_ended_the_server_stands_on_stderr_and_once_mended_it_waits_silently(
    home: Path, broken: Object, said: str
) -> None:
    good = await written(home)
    process = await spawn(home, {**good, **broken})
    # Nothing is sent to it, and stdin stays open: a server that works would wait.
    await asyncio.wait_for(process.wait(), SECONDS)
    out, err = await process.communicate()
    assert (process.returncode != 0, out) == (True, b"")
    assert said in err.decode()
    mended = await spawn(home, good)
    assert mended.stdin
    assert mended.stdout
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    hello = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client}
    mended.stdin.write((json.dumps(hello) + "\n").encode())
    answer = json.loads(await asyncio.wait_for(mended.stdout.readline(), SECONDS))
    assert answer["result"]["serverInfo"]
    mended.stdin.close()
    rest, err = await asyncio.wait_for(mended.communicate(), SECONDS)
    assert (rest, err) == (b"", b"")


@pytest.mark.symptom("The client shows too few tools, or warns of too many")
async def test_the_entrys_env_tells_how_many_tools_there_are_and_core_are_those_of_every_day(home: Path) -> None:
    assert len(await tools(home, await written(home))) == len(CATALOGUE) > 40
    few = await written(home, WHATSAPP_MCP_TOOLS="list_chats", WHATSAPP_MCP_READ_ONLY="1")
    assert few["env"] == {"WHATSAPP_MCP_TOOLS": "list_chats", "WHATSAPP_MCP_READ_ONLY": "1"}
    assert await tools(home, few) == ["list_chats"]
    del few["env"]
    put(home, few)
    core = await written(home, WHATSAPP_MCP_TOOLSETS="core")
    assert core["env"] == {"WHATSAPP_MCP_TOOLSETS": "core"}
    shown = await tools(home, core)
    assert (set(shown), len(shown) < 40) == (set(CORE), True)


UV, FOLDER = r"C:\Users\ann\bin\uv.exe", r"C:\Users\ann\whatsapp-mcp\unified-mcp"


@pytest.mark.symptom("Paths on Windows")
async def test_a_single_backslash_spoils_the_file_or_the_path_and_both_spellings_of_the_cure_are_read(
    home: Path,
) -> None:
    file, cursor = file_of(home), CLIENTS["cursor"]
    wanted = Entry(UV, ("--directory", FOLDER, "run", "main.py"), {})
    file.parent.mkdir()

    def by_hand(command: str, folder: str) -> None:
        file.write_text(
            f'{{"mcpServers": {{"whatsapp": {{"command": "{command}", "args": ["--directory", "{folder}"]}}}}}}',
            encoding="utf-8",
        )

    async def report() -> str:
        _, found = await findings({"HOME": str(home)})
        assert found["cursor"]["severity"] == "error"
        return str(found["cursor"]["message"])

    by_hand(UV, FOLDER)
    assert "not valid JSON (line 1" in await report()
    with pytest.raises(ConfigError, match="left as it is"):
        write(cursor, file, "whatsapp", wanted)
    # What is an escape by chance is read, as another path.
    by_hand(r"C:\tools\node\uv.exe".replace("\\u", "\\\\u"), FOLDER.replace("\\", "/"))
    assert loaded(file)["command"] == "C:\tools\node\\uv.exe"
    assert "JSON" not in await report()
    for spelled in ("\\\\", "/"):
        by_hand(UV.replace("\\", spelled), FOLDER.replace("\\", spelled))
        read = loaded(file)
        assert PureWindowsPath(read["command"]) == PureWindowsPath(UV)
        assert PureWindowsPath(read["args"][1]) == PureWindowsPath(FOLDER)
    write(cursor, file, "whatsapp", wanted)
    assert loaded(file) == {"command": UV, "args": ["--directory", FOLDER, "run", "main.py"]}


def loaded(file: Path) -> Object:
    entry: Object = json.loads(file.read_text(encoding="utf-8"))["mcpServers"]["whatsapp"]
    return entry
