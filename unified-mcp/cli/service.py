"""`whatsapp-mcp service`: start both bridges with this user's session, by systemd, launchd or Windows' scheduler."""

from __future__ import annotations

import argparse
import os
import plistlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from settings import HOUSE, load_settings

NAME = "whatsapp-mcp"
LABEL = "local.whatsapp-mcp.bridges"
PREFIX = "WHATSAPP_MCP_"
SECRETS = ("WHATSAPP_MCP_TOKEN", "WHATSAPP_MCP_HTTP_TOKEN")
"""Never written into a unit, which others may read. The files that they can be in instead are."""
Runner = Callable[[Sequence[str]], int]


def _run(command: Sequence[str]) -> int:
    try:
        return subprocess.run(command, check=False).returncode
    except FileNotFoundError:
        return 127


@dataclass(frozen=True)
class Machine:
    """What a service is drawn from: this machine, or the one that a test describes."""

    platform: str = sys.platform
    home: Path = field(default_factory=Path.home)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    user: int = field(default_factory=lambda: os.getuid() if sys.platform != "win32" else 0)
    python: str = sys.executable
    house: Path = HOUSE
    run: Runner = _run

    @property
    def command(self) -> tuple[str, ...]:
        """What the service starts, with absolute paths."""
        return self.python, str(self.house / "unified-mcp" / "main.py"), "up", "--foreground"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of this shell, and its PATH, by which node is found."""
        kept = {name: value for name, value in self.environment.items() if name.startswith(PREFIX) and value}
        for name in SECRETS:
            kept.pop(name, None)
        return {"PATH": self.environment.get("PATH", os.defpath), **dict(sorted(kept.items()))}


@dataclass(frozen=True)
class Service:
    """Its files, and the commands that put it to work, take it away, and show it."""

    files: Mapping[Path, str]
    install: Sequence[Sequence[str]]
    uninstall: Sequence[Sequence[str]]
    status: Sequence[str]
    hint: str


def draw(machine: Machine) -> Service:
    """The service of the machine's system."""
    if machine.platform == "darwin":
        return _launchd(machine)
    if machine.platform == "win32":
        return _scheduler(machine)
    return _systemd(machine)


def _systemd(machine: Machine) -> Service:
    folder = Path(machine.environment.get("XDG_CONFIG_HOME") or machine.home / ".config")
    unit = f"{NAME}.service"
    settings = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in machine.settings.items())
    # Of a command, unlike a setting, variables are expanded too.
    command = " ".join(_quoted(word).replace("$", "$$") for word in machine.command)
    # `down` ends it with code 0, and then it stays down.
    text = (
        "[Unit]\nDescription=WhatsApp bridges for MCP\nStartLimitIntervalSec=0\n\n"
        f"[Service]\nType=exec\nExecStart={command}\n{settings}Restart=on-failure\nRestartSec=10\nUMask=0077\n"
        "NoNewPrivileges=yes\n\n[Install]\nWantedBy=default.target\n"
    )
    control = ("systemctl", "--user")
    return Service(
        {folder / "systemd" / "user" / unit: text},
        [(*control, "daemon-reload"), (*control, "enable", "--now", unit)],
        [(*control, "disable", "--now", unit), (*control, "daemon-reload")],
        (*control, "status", "--no-pager", unit),
        "It runs while you are logged in; `loginctl enable-linger` lets it run without.",
    )


def _quoted(text: str) -> str:
    """A word of a unit, in which a percent sign would be expanded."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


def _launchd(machine: Machine) -> Service:
    path = machine.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    text = plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(machine.command),
            "EnvironmentVariables": machine.settings,
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "Umask": 0o077,
            "ProcessType": "Background",
        }
    ).decode()
    domain = f"gui/{machine.user}"
    return Service(
        {path: text},
        [("launchctl", "bootstrap", domain, str(path))],
        [("launchctl", "bootout", f"{domain}/{LABEL}")],
        ("launchctl", "print", f"{domain}/{LABEL}"),
        "It runs while you are logged in.",
    )


def _scheduler(machine: Machine) -> Service:
    folder = Path(machine.environment.get("LOCALAPPDATA") or machine.home / "AppData" / "Local") / NAME
    script, task = folder / "service.cmd", folder / "service.xml"
    # In a script of cmd a percent sign is doubled; nothing else is special between quotation marks.
    settings = "".join(f'set "{name}={value}"\n' for name, value in machine.settings.items()).replace("%", "%%")
    command = " ".join(f'"{word}"' for word in machine.command).replace("%", "%%")
    xml = (
        '<?xml version="1.0"?>\n'
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        "  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>\n"
        '  <Principals><Principal id="Author"><LogonType>InteractiveToken</LogonType>'
        "<RunLevel>LeastPrivilege</RunLevel></Principal></Principals>\n"
        "  <Settings>\n"
        "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n"
        "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n"
        "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n"
        "    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\n"
        "    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>\n"
        "  </Settings>\n"
        f'  <Actions Context="Author"><Exec><Command>{escape(str(script))}</Command></Exec></Actions>\n'
        "</Task>\n"
    )
    return Service(
        {script: f"@echo off\nchcp 65001 >nul\n{settings}{command}\n", task: xml},
        [("schtasks", "/Create", "/F", "/TN", NAME, "/XML", str(task)), ("schtasks", "/Run", "/TN", NAME)],
        [("schtasks", "/End", "/TN", NAME), ("schtasks", "/Delete", "/F", "/TN", NAME)],
        ("schtasks", "/Query", "/V", "/FO", "LIST", "/TN", NAME),
        "It runs while you are logged in.",
    )


def run(arguments: Sequence[str], machine: Machine | None = None) -> int:
    """Install, uninstall or show; 1 where the system refuses, with its own words above."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp service", description=__doc__)
    parser.add_argument("action", choices=("install", "uninstall", "status"))
    action = parser.parse_args(arguments).action
    machine = machine or Machine()
    service = draw(machine)
    if action == "status":
        installed = all(path.is_file() for path in service.files)
        sys.stdout.write("installed\n" if installed else "not installed: `whatsapp-mcp service install`\n")
        return machine.run(service.status) if installed else 1
    return _install(machine, service) if action == "install" else _uninstall(machine, service)


def _install(machine: Machine, service: Service) -> int:
    load_settings()  # a wrong one is refused here, and not at every start
    for name in SECRETS:
        if machine.environment.get(name):
            sys.stderr.write(f"{name} is not written into the service: put it into the file of {name}_FILE.\n")
    for path, text in service.files.items():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\r\n" if path.suffix == ".cmd" else "\n")
        path.chmod(0o600)
        sys.stdout.write(f"wrote {path}\n")
    for command in service.install:
        code = machine.run(command)
        if code != 0:
            sys.stderr.write(f"whatsapp-mcp service: `{' '.join(command)}` ended with code {code}.\n")
            return 1
    sys.stdout.write(f"Installed and started. {service.hint} `whatsapp-mcp status` shows the bridges.\n")
    return 0


def _uninstall(machine: Machine, service: Service) -> int:
    present = [path for path in service.files if path.exists()]
    if not present:
        sys.stdout.write("It was not installed.\n")
        return 0
    disable, *rest = service.uninstall
    failed = [command for command in (disable,) if machine.run(command) != 0]
    for path in present:
        path.unlink()
        sys.stdout.write(f"removed {path}\n")
    failed += [command for command in rest if machine.run(command) != 0]
    for command in failed:
        sys.stderr.write(f"whatsapp-mcp service: `{' '.join(command)}` failed.\n")
    return 1 if failed else 0
