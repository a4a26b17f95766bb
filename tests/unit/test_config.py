"""`whatsapp-mcp config`: the entry for this machine, and what becomes of a client's file."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.clients import CLIENTS
from cli.entry import find_uv
from main import main
from settings import HOUSE

Shown = pytest.CaptureFixture[str]
OTHERS = {
    "globalShortcut": "Ctrl+Space",
    "mcpServers": {"files": {"command": "/usr/bin/files", "args": ["--root", "/srv/Zoë"], "disabled": True}},
    "list": [1, 2.5, None, {"deep": "ü"}],
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with a uv."""
    home = tmp_path / "home"
    uv = home / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", str(uv.parent))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("UV", raising=False)
    return home


@pytest.fixture
def file(home: Path) -> Path:
    """Cursor's file, with other things in it."""
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(json.dumps(OTHERS, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")
    file.chmod(0o640)
    return file


def loaded(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8-sig"))


def backups(file: Path) -> list[Path]:
    return sorted(file.parent.glob(f"{file.name}.backup-*"))


def wanted(home: Path) -> dict[str, object]:
    return {
        "command": str(home / "bin" / "uv"),
        "args": ["--directory", str(HOUSE / "unified-mcp"), "run", "main.py"],
    }


def test_without_write_the_entry_is_only_printed(home: Path, capsys: Shown) -> None:
    for client in ("claude", "cursor", "json"):
        assert main(["config", client]) == 0
        shown = capsys.readouterr()
        assert json.loads(shown.out) == {"mcpServers": {"whatsapp": wanted(home)}}
        assert ("--write" in shown.err) == (client != "json")
    assert list(home.rglob("*.json")) == []


def test_write_makes_the_file_of_each_client_for_its_owner_alone(home: Path, capsys: Shown) -> None:
    places = {"cursor": home / ".cursor" / "mcp.json"}
    places["claude"] = CLIENTS["claude"].files(sys.platform, os.environ, home)[0]
    for client, place in places.items():
        assert main(["config", client, "--write"]) == 0
        assert loaded(place) == {"mcpServers": {"whatsapp": wanted(home)}}
        assert str(place) in capsys.readouterr().out
        assert backups(place) == []
        if os.name == "posix":
            assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_everything_else_in_the_file_stays_and_the_old_file_lies_beside_it(home: Path, file: Path) -> None:
    before = file.read_bytes()
    assert main(["config", "cursor", "--write"]) == 0
    assert loaded(file) == {**OTHERS, "mcpServers": {**OTHERS["mcpServers"], "whatsapp": wanted(home)}}  # type: ignore[dict-item]
    assert list(loaded(file)) == list(OTHERS)
    (backup,) = backups(file)
    assert backup.read_bytes() == before
    for path in (file, backup):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    # Its form too: four spaces, and letters as they were.
    assert file.read_text(encoding="utf-8").startswith('{\n    "globalShortcut"')
    assert "Zoë" in file.read_text(encoding="utf-8")
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, backup.name]


def test_a_second_write_changes_nothing(file: Path, capsys: Shown) -> None:
    assert main(["config", "cursor", "--write"]) == 0
    before, stamp = file.read_bytes(), file.stat().st_mtime_ns
    assert main(["config", "cursor", "--write"]) == 0
    assert "already" in capsys.readouterr().out
    assert (file.read_bytes(), file.stat().st_mtime_ns, len(backups(file))) == (before, stamp, 1)


def test_what_an_older_entry_says_besides_stays(home: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {
        "command": "uv",
        "args": ["run"],
        "autoApprove": ["list_chats"],
        "env": {"LANG": "C", "WHATSAPP_MCP_TOOLS": "x"},
    }
    file.write_text(json.dumps({"mcpServers": {"whatsapp": old}}), encoding="utf-8")
    monkeypatch.setenv("WHATSAPP_MCP_TOOLS", "list_chats,send_message")
    assert main(["config", "cursor", "--write"]) == 0
    environment = {"LANG": "C", "WHATSAPP_MCP_TOOLS": "list_chats,send_message"}
    entry = {**wanted(home), "autoApprove": ["list_chats"], "env": environment}
    assert loaded(file)["mcpServers"]["whatsapp"] == entry


def test_an_entry_over_http_becomes_one_that_is_started(home: Path, file: Path) -> None:
    old = {"url": "http://127.0.0.1:8082/mcp", "type": "http", "headers": {"Authorization": "x"}, "note": "mine"}
    file.write_text(json.dumps({"mcpServers": {"whatsapp": old}}), encoding="utf-8")
    assert main(["config", "cursor", "--write"]) == 0
    assert loaded(file)["mcpServers"]["whatsapp"] == {**wanted(home), "note": "mine"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"mcpServers": {},}', "line 1, column 1"),
        (b'{\n  // mine\n  "mcpServers": {}\n}', "line 2, column 3"),
        (b"[]", "no JSON object"),
        (b'{"mcpServers": []}', "mcpServers"),
        (b'{"mcpServers": {"whatsapp": "uv"}}', "'whatsapp'"),
        (b'{"mcpServers": {"a": {}, "a": {}}}', "twice"),
        (b'{"size": NaN}', "NaN"),
        (b"\xff\xfe{\x00}\x00", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_what_is_not_understood_is_refused_and_left_as_it_is(
    file: Path, capsys: Shown, content: bytes, said: str
) -> None:
    file.write_bytes(content)
    assert main(["config", "cursor", "--write"]) == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert str(file) in shown.err
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert file.read_bytes() == content
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_empty_object(home: Path, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert main(["config", "cursor", "--write"]) == 0
    assert loaded(file) == {"mcpServers": {"whatsapp": wanted(home)}}


def test_line_ends_a_byte_order_mark_and_halves_of_characters_stay(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{\r\n\t"a": "\\ud83d",\r\n\t"b": 1\r\n}\r\n')
    assert main(["config", "cursor", "--write"]) == 0
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf{")
    assert loaded(file)["a"] == "\ud83d"
    file.write_bytes(b'{\r\n\t"b": 1\r\n}\r\n')
    assert main(["config", "cursor", "--write"]) == 0
    assert file.read_bytes().startswith(b'{\r\n\t"b": 1,\r\n\t"mcpServers"')
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")


def test_a_link_stays_a_link_and_what_it_leads_to_is_written(home: Path, file: Path) -> None:
    real = home / "dotfiles" / "cursor.json"
    real.parent.mkdir()
    file.rename(real)
    file.symlink_to(real)
    assert main(["config", "cursor", "--write"]) == 0
    assert file.is_symlink()
    assert "whatsapp" in loaded(real)["mcpServers"]
    assert len(backups(real)) == 1


def test_a_file_or_folder_that_is_not_writable_is_named(home: Path, capsys: Shown) -> None:
    (home / ".cursor").write_text("a file where the folder should be")
    assert main(["config", "cursor", "--write"]) == 1
    assert ".cursor" in capsys.readouterr().err
    assert main(["config", "cursor", "--write", "--file", str(home)]) == 1
    assert str(home) in capsys.readouterr().err


def test_the_settings_of_the_shell_go_along_and_its_secrets_do_not(
    home: Path, tmp_path: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "GO_URL": "http://127.0.0.1:9000",
        "MESSAGES_DB": "store/messages.db",
        "TOKEN": "5e" * 32,
        "HTTP_TOKEN": "secret",
        "READ_ONLY": "1",
        "TOOLSETS": "",
    }.items():
        monkeypatch.setenv(f"WHATSAPP_MCP_{name}", value)
    assert main(["config", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["mcpServers"]["whatsapp"]["env"] == {
        "WHATSAPP_MCP_GO_URL": "http://127.0.0.1:9000",
        "WHATSAPP_MCP_MESSAGES_DB": str(tmp_path / "store" / "messages.db"),
        "WHATSAPP_MCP_READ_ONLY": "1",
    }
    monkeypatch.setenv("WHATSAPP_MCP_GO_URL", "http://192.0.2.1:1")
    assert main(["config", "cursor", "--write"]) == 1
    assert "WHATSAPP_MCP_GO_URL" in capsys.readouterr().err
    assert not (home / ".cursor").exists()


def test_a_name_that_clients_would_cut_is_refused(capsys: Shown) -> None:
    for name in ("x" * 26, "a b", ""):
        with pytest.raises(SystemExit):
            main(["config", "cursor", "--name", name])
        assert "25 letters" in capsys.readouterr().err
    assert main(["config", "json", "--name", "wa-work"]) == 0
    assert "wa-work" in json.loads(capsys.readouterr().out)["mcpServers"]
    with pytest.raises(SystemExit):
        main(["config", "json", "--write"])


def test_without_uv_nothing_is_written(home: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    assert main(["config", "cursor", "--write"]) == 1
    assert "uv is not found" in capsys.readouterr().err
    assert not (home / ".cursor").exists()


def test_the_link_to_uv_is_named_rather_than_the_file_of_one_version(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cellar = home / "Cellar" / "uv" / "1.0" / "uv"
    cellar.parent.mkdir(parents=True)
    (home / "bin" / "uv").rename(cellar)
    (home / "bin" / "uv").symlink_to(cellar)
    monkeypatch.setenv("UV", str(cellar))
    assert find_uv() == str(home / "bin" / "uv")
    other = shutil.copy(cellar, home / "other-uv")
    monkeypatch.setenv("UV", str(other))
    assert find_uv() == str(other)


def test_the_places_of_each_system(tmp_path: Path) -> None:
    home = tmp_path / "people" / "ann"
    claude, cursor = CLIENTS["claude"], CLIENTS["cursor"]
    name = "claude_desktop_config.json"
    assert claude.files("darwin", {}, home) == [home / "Library" / "Application Support" / "Claude" / name]
    assert claude.files("linux", {}, home) == [home / ".config" / "Claude" / name]
    assert claude.files("linux", {"XDG_CONFIG_HOME": "/etc/xdg"}, home) == [Path("/etc/xdg/Claude") / name]
    roaming, local = home / "AppData" / "Roaming", home / "AppData" / "Local"
    assert claude.files("win32", {"APPDATA": str(roaming)}, home) == [roaming / "Claude" / name]
    packaged = local / "Packages" / "Claude_abc" / "LocalCache" / "Roaming"
    packaged.mkdir(parents=True)
    assert claude.files("win32", {}, home) == [packaged / "Claude" / name, roaming / "Claude" / name]
    for system in ("darwin", "linux", "win32"):
        assert cursor.files(system, {}, home) == [home / ".cursor" / "mcp.json"]


def test_the_command_itself_writes_and_is_quick_to_refuse(home: Path, file: Path) -> None:
    command = [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "config", "cursor", "--write"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert loaded(file)["mcpServers"]["whatsapp"] == wanted(home)
