"""`whatsapp-mcp doctor`: what is wrong is found and named with its cure, and nothing else is."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import JsonValue

from backends.operations import BridgeStatus, Integrity
from cli.checks.finding import Finding
from errors import Code
from fake_bridge import TOKEN, FakeBridge, refusing
from fake_listener import FakeListener, free_port, http, proving
from main import main
from settings import HOUSE, Settings
from temp_rows import TempRows

Shown = pytest.CaptureFixture[str]
Look = Callable[[], dict[str, list[Finding]]]
TOOLS = {"go": "go1.26.1", "node": "v20.20.0", "npm": "11.1.0", "uv": "uv 0.13.9", "ffmpeg": "ffmpeg"}


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def status(name: str, **more: object) -> BridgeStatus:
    given = {
        "bridge": name,
        "version": "0.1.0",
        "state": "connected",
        "since": ago(hours=3),
        "logged_in": True,
        "jid": "15550100199@s.whatsapp.net",
        "last_event_at": ago(minutes=5),
        "queue_depth": 0,
        "messages": 7,
        "chats": 2,
        "sqlite_version": "3.54.1",
        "emulated": False,
        **more,
    }
    return BridgeStatus.model_validate(given)


def chat(last: str) -> dict[str, JsonValue]:
    row: JsonValue = {
        "jid": "15550101@s.whatsapp.net",
        "name": "Ann",
        "kind": "direct",
        "unread_count": 0,
        "last_message_at": last,
    }
    return {"chats": [row], "total": 1}


@pytest.fixture(autouse=True)
def machine(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with every tool, a home without clients, and stores that are closed to others."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, version in TOOLS.items():
        tool(tools, name, version)
    home = tmp_path / "home"
    home.mkdir()
    tmp_path.chmod(0o700)
    settings.token_path.chmod(0o600)
    settings.token_path.rename(tmp_path / "bridge.token")
    for name, value in {
        "HOME": home,
        "PATH": tools,
        "WHATSAPP_MCP_GO_URL": settings.go_url,
        "WHATSAPP_MCP_BAILEYS_URL": settings.baileys_url,
        "WHATSAPP_MCP_MESSAGES_DB": settings.messages_db,
        "WHATSAPP_MCP_BAILEYS_DB": settings.baileys_db,
    }.items():
        monkeypatch.setenv(name, str(value))
    for name in ("UV", "XDG_CONFIG_HOME", "WHATSAPP_MCP_FFMPEG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def tool(folder: Path, name: str, version: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho {version}\n", encoding="ascii")
    file.chmod(0o755)


@pytest.fixture
def running(go: FakeBridge, baileys: FakeBridge) -> tuple[FakeBridge, FakeBridge]:
    """Both bridges, well."""
    go.on("GET", "/api/status", status(go.name, last_stored_at=ago(minutes=6)))
    go.on("GET", "/api/chats", chat(ago(minutes=6)))
    go.on("GET", "/api/integrity", Integrity(state="sound", problems=[], seconds=0.1))
    baileys.on("GET", "/api/status", status(baileys.name))
    return go, baileys


@pytest.fixture
def look(capsys: Shown) -> Look:
    """The findings by their check; the exit code fits them."""

    def look() -> dict[str, list[Finding]]:
        code = main(["doctor", "--json"])
        shown = capsys.readouterr()
        report = json.loads(shown.out)
        found: dict[str, list[Finding]] = {}
        for row in report["findings"]:
            finding = Finding.model_validate(row)
            found.setdefault(finding.check, []).append(finding)
            assert finding.cure or finding.severity in ("fine", "note"), finding
        assert code == {"fine": 0, "note": 0, "warning": 1, "error": 2}[report["severity"]]
        assert shown.err == ""
        assert TOKEN not in shown.out
        return found

    return look


def only(found: dict[str, list[Finding]], check: str) -> Finding:
    (finding,) = found[check]
    return finding


def severities(found: dict[str, list[Finding]], *, but: str = " build") -> set[str]:
    """What was found; whether this very checkout is built is not the test's business."""
    return {finding.severity for check, rows in found.items() for finding in rows if not check.endswith(but)}


def test_when_all_is_well_nothing_is_found(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, capsys: Shown
) -> None:
    assert main(["config", "claude", "--write"]) == 0
    capsys.readouterr()
    (machine / "messages.db").write_bytes(b"")
    (machine / "messages.db").chmod(0o600)
    found = look()
    assert severities(found) == {"fine"}
    assert only(found, "go").message == "Go 1.26"
    assert only(found, "whatsapp-bridge link").message == "linked to the number that ends in 0199, and connected"
    assert "last stored 6 minutes ago" in only(found, "whatsapp-bridge events").message
    assert only(found, "messages.db integrity").message.startswith("sound")


def test_a_machine_on_which_nothing_was_started_yet_is_told_the_first_step(
    go: FakeBridge, baileys: FakeBridge, machine: Path, look: Look, capsys: Shown
) -> None:
    go.down = baileys.down = True
    (machine / "bridge.token").unlink()
    found = look()
    assert only(found, "whatsapp-bridge").severity == "error"
    assert "whatsapp-bridge" in str(only(found, "whatsapp-bridge").cure)
    for check in ("baileys-bridge", "token", "store", "clients"):
        assert only(found, check).severity == "note"
    assert main(["doctor"]) == 2
    shown = capsys.readouterr().out
    for rows in found.values():
        for finding in rows:
            assert f"{finding.check}: {finding.message}" in shown
            assert finding.cure is None or f"-> {finding.cure}" in shown
    assert "\x1b" not in shown
    assert "1 error" in shown.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [("node", "v18.0.0", "this is 18.0"), ("npm", None, "npm is not there"), ("go", "devel", "unknown version")],
)
def test_a_toolchain_that_is_missing_or_old_is_named(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, name: str, version: str | None, said: str
) -> None:
    (machine / "tools" / name).unlink() if version is None else tool(machine / "tools", name, version)
    finding = only(look(), name)
    assert finding.severity in ("warning", "error")
    assert said in finding.message
    assert "https://" in str(finding.cure)


def test_without_uv_or_ffmpeg_it_is_said_what_that_means(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "tools" / "uv").unlink()
    monkeypatch.setenv("WHATSAPP_MCP_FFMPEG", str(machine / "no-ffmpeg"))
    found = look()
    assert only(found, "uv").severity == "warning"
    assert "no-ffmpeg" in only(found, "ffmpeg").message


@pytest.mark.parametrize(
    ("state", "of_go", "of_baileys"),
    [
        ("not_paired", "error", "warning"),
        ("logged_out", "error", "warning"),
        ("replaced", "error", "warning"),
        ("client_outdated", "error", "warning"),
        ("temporarily_banned", "error", "warning"),
        ("passkey_required", "error", "warning"),
        ("connecting", "warning", "warning"),
    ],
)
def test_a_link_that_does_not_stand_is_found_with_the_bridges_own_cure(
    running: tuple[FakeBridge, FakeBridge], look: Look, state: str, of_go: str, of_baileys: str
) -> None:
    for bridge in running:
        more = {"logged_in": False, "jid": None, "reason": "the phone said so", "resolution": "Link it again."}
        bridge.on("GET", "/api/status", status(bridge.name, state=state, **more))
    found = look()
    for bridge, severity in zip(running, (of_go, of_baileys), strict=True):
        finding = only(found, f"{bridge.name} link")
        assert finding.severity == severity
        assert state.replace("_", " ") in finding.message
        assert "the phone said so" in finding.message
        assert finding.cure == "Link it again."


def test_a_bridge_that_hears_nothing_for_a_day_is_found(running: tuple[FakeBridge, FakeBridge], look: Look) -> None:
    go, baileys = running
    go.on("GET", "/api/status", status(go.name, last_event_at=ago(hours=30), since=ago(days=3)))
    baileys.on("GET", "/api/status", status(baileys.name, last_event_at=None, since=ago(days=2)))
    found = look()
    for bridge in running:
        assert only(found, f"{bridge.name} events").severity == "warning"
        assert "phone" in str(only(found, f"{bridge.name} events").cure)


def test_a_clock_that_is_behind_is_found_by_messages_of_the_future(
    running: tuple[FakeBridge, FakeBridge], look: Look
) -> None:
    running[0].on("GET", "/api/chats", chat(ago(hours=-2)))
    finding = only(look(), "whatsapp-bridge clock")
    assert finding.severity == "warning"
    assert "1 hour in the future" in finding.message


def test_a_bridge_of_another_version_is_found(running: tuple[FakeBridge, FakeBridge], look: Look) -> None:
    running[1].on("GET", "/api/status", status("baileys-bridge", version="0.0.9"))
    finding = only(look(), "baileys-bridge version")
    assert (finding.severity, "0.0.9" in finding.message) == ("warning", True)


def test_an_emulated_bridge_says_so(running: tuple[FakeBridge, FakeBridge], look: Look) -> None:
    running[0].on("GET", "/api/status", status("whatsapp-bridge", emulated=True))
    assert [row.severity for row in look()["whatsapp-bridge"]] == ["fine", "note"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
@pytest.mark.parametrize("name", ["messages.db", "messages.db-wal", "whatsapp.db", "bridge.token"])
def test_a_file_that_others_could_open_is_found(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, name: str
) -> None:
    file = machine / name
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.touch(mode=0o600)
    assert only(look(), "modes").severity == "fine"
    file.chmod(0o640)
    finding = only(look(), "modes")
    assert finding.severity == "error"
    assert f"{file} (0640)" in finding.message
    assert finding.cure == f"chmod go-rwx {file}"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_what_a_person_puts_into_the_closed_media_folder_may_have_any_mode(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look
) -> None:
    file = machine / "media" / "photo.jpg"
    file.parent.mkdir(mode=0o700)
    file.touch(mode=0o644)
    assert only(look(), "modes").severity == "fine"
    file.parent.chmod(0o755)
    finding = only(look(), "modes")
    assert (finding.severity, str(file) in finding.message) == ("error", True)


def test_an_open_folder_and_many_open_files_are_one_finding(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look
) -> None:
    media = machine / "media"
    media.mkdir(mode=0o755)
    media.chmod(0o755)
    for number in range(20):
        (media / str(number)).touch()
    finding = only(look(), "modes")
    assert "21 files and folders" in finding.message
    subprocess.run(str(finding.cure), shell=True, check=True, env={"PATH": "/usr/bin:/bin"})
    assert only(look(), "modes").severity == "fine"


@pytest.mark.parametrize("content", ["", "not a token", "5e" * 31])
def test_a_token_that_is_none_is_found(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, content: str
) -> None:
    (machine / "bridge.token").write_text(content, encoding="ascii")
    found = look()
    assert only(found, "token").severity == ("error" if content else "note")
    assert severities(found) >= {"error"}


def test_little_room_on_the_disk_is_found(
    running: tuple[FakeBridge, FakeBridge], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, severity in ((500 << 20, "warning"), (1 << 20, "error")):
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr("cli.checks.files.shutil.disk_usage", lambda _, usage=usage: usage)
        assert only(look(), "disk").severity == severity


@pytest.mark.parametrize(
    ("found", "severity", "said"),
    [
        (Integrity(state="damaged", problems=["row 5 missing from index"], seconds=1), "error", "row 5 missing"),
        (Integrity(state="unfinished", problems=[], seconds=20), "note", "not all was seen"),
    ],
)
def test_what_the_bridge_says_of_its_file_is_passed_on(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, found: Integrity, severity: str, said: str
) -> None:
    (machine / "messages.db").touch(mode=0o600)
    running[0].on("GET", "/api/integrity", found)
    finding = only(look(), "messages.db integrity")
    assert (finding.severity, said in finding.message) == (severity, True)
    assert running[0].seen[-1].query == {"seconds": "30"}


def database(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
        opened.executemany("INSERT INTO notes (text) VALUES (?)", [("x" * 500,)] * 100)
        opened.execute(f"PRAGMA user_version = {version}")
        opened.commit()
    path.chmod(0o600)


@pytest.mark.parametrize("name", ["messages.db", "baileys_temp.db"])
def test_a_database_of_a_newer_version_or_no_database_is_found(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, name: str
) -> None:
    database(machine / name, 1)
    assert only(look(), f"{name} schema").severity == "fine"
    database_of_tomorrow = machine / "tomorrow.db"
    database(database_of_tomorrow, 99)
    database_of_tomorrow.replace(machine / name)
    finding = only(look(), f"{name} schema")
    assert (finding.severity, "schema 99" in finding.message) == ("error", True)
    (machine / name).write_bytes(b"x" * 5000)
    assert only(look(), f"{name} schema").severity == "error"


def test_a_damaged_baileys_temp_db_is_found_and_a_sound_one_left_as_it_is(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look
) -> None:
    path = machine / "baileys_temp.db"
    TempRows(path)
    path.chmod(0o600)
    assert only(look(), "baileys_temp.db integrity").severity == "fine"
    path.unlink()
    database(path, 1)
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])
    finding = only(look(), "baileys_temp.db integrity")
    assert finding.severity == "error"
    assert "temporary" in str(finding.cure)


def test_nobody_opens_messages_db_for_it(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(machine / "messages.db", 1)
    opened: list[str] = []
    sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "sqlite3.connect" else None)
    look()
    assert not [path for path in opened if "messages.db" in path]


ENTRY: dict[str, Any] = {
    "command": sys.executable,
    "args": ["--directory", str(HOUSE / "unified-mcp"), "run", "main.py"],
}


@pytest.mark.parametrize(
    ("entry", "severity", "said"),
    [
        (ENTRY, "fine", "the entry 'whatsapp'"),
        ({"url": "http://127.0.0.1:8082/mcp"}, "fine", "the entry 'whatsapp'"),
        ({**ENTRY, "command": "uv"}, "warning", "spawn uv ENOENT"),
        ({**ENTRY, "command": "no-such-uv"}, "error", "not on PATH"),
        ({**ENTRY, "command": "/nowhere/uv"}, "error", "/nowhere/uv"),
        ({"args": []}, "error", "no command"),
        ({**ENTRY, "args": ["--directory", "unified-mcp", "run", "main.py"]}, "error", "not absolute"),
        ({**ENTRY, "args": ["--directory=/nowhere/unified-mcp", "run"]}, "error", "no main.py"),
        ({**ENTRY, "env": {"WHATSAPP_MCP_TOOLSET": "core"}}, "warning", "WHATSAPP_MCP_TOOLSET,"),
        ({**ENTRY, "env": {"WHATSAPP_MCP_TOKEN": TOKEN}}, "warning", "token itself"),
    ],
)
def test_an_entry_that_starts_nothing_is_found(
    running: tuple[FakeBridge, FakeBridge],
    machine: Path,
    look: Look,
    entry: dict[str, Any],
    severity: str,
    said: str,
) -> None:
    file = machine / "home" / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"mcpServers": {"other": {"command": "x"}, "whatsapp": entry}}), encoding="utf-8")
    finding = only(look(), "cursor")
    assert (finding.severity, said in finding.message) == (severity, True), finding


def test_an_entry_of_another_checkout_and_under_another_name_is_found(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look
) -> None:
    other = machine / "old" / "unified-mcp"
    other.mkdir(parents=True)
    (other / "main.py").touch()
    file = machine / "home" / ".cursor" / "mcp.json"
    file.parent.mkdir()
    entry = {**ENTRY, "args": ["--directory", str(other), "run", "main.py"]}
    file.write_text(json.dumps({"mcpServers": {"wa": entry}}), encoding="utf-8")
    finding = only(look(), "cursor")
    assert (finding.severity, "another checkout" in finding.message) == ("warning", True)
    assert "--name wa" in str(finding.cure)


def test_a_client_whose_file_is_no_json_starts_nothing_and_one_without_entry_is_told_how(
    running: tuple[FakeBridge, FakeBridge], machine: Path, look: Look
) -> None:
    file = machine / "home" / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text('{"mcpServers": {},}', encoding="utf-8")
    assert only(look(), "cursor").severity == "error"
    file.write_text('{"mcpServers": {}}', encoding="utf-8")
    finding = only(look(), "cursor")
    assert (finding.severity, finding.cure) == ("note", "whatsapp-mcp config cursor --write")


def test_a_wrong_setting_is_found_and_the_rest_is_looked_at(
    running: tuple[FakeBridge, FakeBridge], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSAPP_MCP_GO_URL", "http://192.0.2.1:8080")
    found = look()
    assert "WHATSAPP_MCP_GO_URL" in only(found, "settings").message
    assert {"go", "clients"} <= set(found)


def test_a_check_that_fails_is_a_finding_and_ends_nothing(
    running: tuple[FakeBridge, FakeBridge], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise OSError("the disk is on fire")

    monkeypatch.setattr("cli.checks.files.shutil.disk_usage", broken)
    running[1].on("GET", "/api/status", refusing(Code.INTERNAL))
    found = look()
    assert "the disk is on fire" in only(found, "files").message
    assert only(found, "baileys-bridge").severity == "error"
    assert only(found, "whatsapp-bridge").severity == "fine"


# What really has a port, as a process sees it.


async def examined(settings: Settings, machine: Path, port: int) -> dict[str, list[Finding]]:
    """The command as a process, the Go bridge's port being this one."""
    environment = {**os.environ, "WHATSAPP_MCP_GO_URL": f"http://127.0.0.1:{port}"}
    environment["WHATSAPP_MCP_BAILEYS_URL"] = f"http://127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "doctor", "--json"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 2
    found: dict[str, list[Finding]] = {}
    for row in json.loads(out)["findings"]:
        found.setdefault(row["check"], []).append(Finding.model_validate(row))
    return found


async def test_a_squatter_on_the_port_learns_nothing_and_is_named(settings: Settings, machine: Path) -> None:
    port = free_port()
    squatter = FakeListener(lambda _: http({"hello": "world"}))
    async with squatter.listening(port):
        found = await examined(settings, machine, port)
    finding = only(found, "whatsapp-bridge port")
    assert finding.severity == "error"
    assert "Another program" in finding.message
    assert str(port) in str(finding.cure)
    assert TOKEN.encode() not in squatter.bytes_heard


async def test_a_bridge_of_another_store_is_told_from_a_squatter(settings: Settings, machine: Path) -> None:
    port = free_port()
    sign = http({"status": "ok", "bridge": "whatsapp-bridge", "version": "0.1.0", "proof": "0" * 64})
    async with FakeListener(lambda _: sign).listening(port):
        finding = only(await examined(settings, machine, port), "whatsapp-bridge port")
    assert "another store" in finding.message
    assert "WHATSAPP_MCP_MESSAGES_DB" in str(finding.cure)


async def test_a_bridge_that_listens_elsewhere_is_found_by_its_lock(settings: Settings, machine: Path) -> None:
    port = free_port()
    answer = http(status("whatsapp-bridge").model_dump(mode="json", exclude_none=True))
    lock = {"pid": 4711, "listen": f"127.0.0.1:{port}", "started_at": ago(hours=1)}
    (machine / "bridge.lock").write_text(json.dumps(lock), encoding="ascii")
    (machine / "bridge.lock").chmod(0o600)
    talk = proving(TOKEN, "whatsapp-bridge", port, lambda _: answer)
    async with FakeListener(talk).listening(port):
        finding = only(await examined(settings, machine, free_port()), "whatsapp-bridge")
    assert "pid 4711" in finding.message
    assert f"WHATSAPP_MCP_GO_URL=http://127.0.0.1:{port}" in str(finding.cure)
    # The text of a lock outlives its process.
    gone = only(await examined(settings, machine, free_port()), "whatsapp-bridge")
    assert "not running" in gone.message
