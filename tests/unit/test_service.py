"""What a service is drawn as on each system, and the commands that would put it to work: none is run here."""

from __future__ import annotations

import plistlib
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cli.service import LABEL, Machine, run

TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


class Shell:
    """Keeps the commands that it was given, and ends each with the code that was set."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.refuses = ""

    def __call__(self, command: Sequence[str]) -> int:
        self.ran.append(tuple(command))
        return 1 if self.refuses and self.refuses in command else 0


@pytest.fixture
def shell() -> Shell:
    return Shell()


def machine(platform: str, home: Path, shell: Shell, **environment: str) -> Machine:
    return Machine(
        platform=platform,
        home=home,
        environment={"PATH": "/opt/node/bin:/usr/bin", "OTHER": "no", **environment},
        user=501,
        python="/opt/a house/.venv/bin/python",
        house=Path("/opt/a house"),
        run=shell,
    )


COMMAND = ["/opt/a house/.venv/bin/python", "/opt/a house/unified-mcp/main.py", "up", "--foreground"]


def test_systemd_gets_a_user_unit_that_starts_up_in_the_foreground(tmp_path: Path, shell: Shell) -> None:
    here = machine(
        "linux", tmp_path, shell, WHATSAPP_MCP_GO_URL="http://127.0.0.1:9", WHATSAPP_MCP_FFMPEG='/a "50%" $x'
    )
    assert run(["install"], here) == 0
    unit = tmp_path / ".config" / "systemd" / "user" / "whatsapp-mcp.service"
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert "ExecStart=" + " ".join(f'"{word}"' for word in COMMAND) in lines
    assert 'Environment="PATH=/opt/node/bin:/usr/bin"' in lines
    assert 'Environment="WHATSAPP_MCP_GO_URL=http://127.0.0.1:9"' in lines
    assert 'Environment="WHATSAPP_MCP_FFMPEG=/a \\"50%%\\" $x"' in lines
    assert not [line for line in lines if "OTHER" in line]
    assert {"Restart=on-failure", "UMask=0077", "WantedBy=default.target"} <= set(lines)
    assert unit.stat().st_mode & 0o777 == 0o600
    assert shell.ran == [
        ("systemctl", "--user", "daemon-reload"),
        ("systemctl", "--user", "enable", "--now", "whatsapp-mcp.service"),
    ]


def test_systemd_expands_nothing_in_a_command(tmp_path: Path, shell: Shell) -> None:
    run(["install"], replace(machine("linux", tmp_path, shell), house=Path("/opt/$HOME/100%")))
    text = (tmp_path / ".config" / "systemd" / "user" / "whatsapp-mcp.service").read_text(encoding="utf-8")
    assert '"/opt/$$HOME/100%%/unified-mcp/main.py"' in text


def test_systemd_units_lie_where_the_session_looks_for_them(tmp_path: Path, shell: Shell) -> None:
    run(["install"], machine("linux", tmp_path, shell, XDG_CONFIG_HOME=str(tmp_path / "xdg")))
    assert (tmp_path / "xdg" / "systemd" / "user" / "whatsapp-mcp.service").is_file()


def test_launchd_gets_an_agent(tmp_path: Path, shell: Shell) -> None:
    assert run(["install"], machine("darwin", tmp_path, shell, WHATSAPP_MCP_LOG_LEVEL="INFO")) == 0
    path = tmp_path / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    agent = plistlib.loads(path.read_bytes())
    assert agent["ProgramArguments"] == COMMAND
    assert agent["EnvironmentVariables"] == {"PATH": "/opt/node/bin:/usr/bin", "WHATSAPP_MCP_LOG_LEVEL": "INFO"}
    assert (agent["RunAtLoad"], agent["KeepAlive"]) == (True, {"SuccessfulExit": False})
    assert shell.ran == [("launchctl", "bootstrap", "gui/501", str(path))]


def test_windows_gets_a_task_at_log_on(tmp_path: Path, shell: Shell) -> None:
    here = machine("win32", tmp_path, shell, LOCALAPPDATA=str(tmp_path / "Local"), WHATSAPP_MCP_FFMPEG="C:\\50% & more")
    assert run(["install"], here) == 0
    folder = tmp_path / "Local" / "whatsapp-mcp"
    task = ET.fromstring((folder / "service.xml").read_text(encoding="utf-8"))
    assert task.findtext(f"{TASK}Actions/{TASK}Exec/{TASK}Command") == str(folder / "service.cmd")
    assert task.find(f"{TASK}Triggers/{TASK}LogonTrigger") is not None
    assert task.findtext(f"{TASK}Settings/{TASK}ExecutionTimeLimit") == "PT0S"
    script = (folder / "service.cmd").read_bytes().decode().split("\r\n")
    assert 'set "WHATSAPP_MCP_FFMPEG=C:\\50%% & more"' in script
    assert " ".join(f'"{word}"' for word in COMMAND) in script
    assert shell.ran == [
        ("schtasks", "/Create", "/F", "/TN", "whatsapp-mcp", "/XML", str(folder / "service.xml")),
        ("schtasks", "/Run", "/TN", "whatsapp-mcp"),
    ]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_what_was_installed_is_shown_and_taken_away_whole(
    tmp_path: Path, shell: Shell, platform: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = machine(platform, tmp_path, shell)
    assert run(["status"], here) == 1
    assert shell.ran == []
    run(["install"], here)
    shell.ran.clear()
    assert run(["status"], here) == 0
    assert len(shell.ran) == 1
    assert run(["uninstall"], here) == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any({"disable", "bootout", "/Delete"} & set(command) for command in shell.ran)
    shell.ran.clear()
    assert run(["uninstall"], here) == 0
    assert shell.ran == []
    assert "It was not installed." in capsys.readouterr().out


def test_a_system_that_refuses_is_named_with_its_command(
    tmp_path: Path, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.refuses = "enable"
    assert run(["install"], machine("linux", tmp_path, shell)) == 1
    assert "`systemctl --user enable --now whatsapp-mcp.service` ended with code 1" in capsys.readouterr().err


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_no_secret_is_written_into_a_service(
    tmp_path: Path, shell: Shell, platform: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = machine(platform, tmp_path, shell, WHATSAPP_MCP_TOKEN="5ec2e7", WHATSAPP_MCP_HTTP_TOKEN="5ec2e7")
    run(["install"], here)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"5ec2e7" not in path.read_bytes()
    assert "WHATSAPP_MCP_TOKEN is not written" in capsys.readouterr().err
