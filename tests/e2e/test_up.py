"""up, status and down as a person gives them: both real bridges under the real supervisor."""

from __future__ import annotations

import signal
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from daily import Daily, machine, until
from holding import held

BRIDGES = ("whatsapp-bridge", "baileys-bridge")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daily]:
    """A machine on which `up` was called once."""
    async with held(machine(tmp_path_factory.mktemp("up"))) as daily:
        done = daily.up()
        assert done.returncode == 0, done.stdout + done.stderr
        for name in BRIDGES:
            assert f"{name} listens on 127.0.0.1:" in done.stdout
        yield daily


def test_status_knows_both_processes_and_that_nothing_is_linked_yet(here: Daily) -> None:
    report = here.report()
    assert report.supervisor is not None
    assert psutil.pid_exists(report.supervisor.pid)
    for link, name in zip(report.bridges, BRIDGES, strict=True):
        assert link.name == name
        assert link.process is not None
        assert link.process.state == "running"
        assert link.process.listen == here.environment[
            "WHATSAPP_MCP_GO_URL" if name == "whatsapp-bridge" else "WHATSAPP_MCP_BAILEYS_URL"
        ].removeprefix("http://")
        assert link.status is not None
        assert (link.status.state, link.status.emulated) == ("not_paired", True)
    said = here.run("status")
    assert said.returncode == 1
    assert f"supervisor       pid {report.supervisor.pid}, since {report.supervisor.since}" in said.stdout
    assert "not_paired" in said.stdout


def test_a_second_up_says_that_it_already_runs(here: Daily) -> None:
    before = here.roster()
    for words in ((), ("--foreground",)):
        again = here.run("up", "--emulator", here.emulated.listen, *words)
        assert again.returncode == 1
        assert f"It already runs (pid {before.pid}, since {before.since})" in again.stderr
        assert "whatsapp-mcp down" in again.stderr
        assert "Traceback" not in again.stderr
    assert here.roster().bridges == before.bridges


@pytest.mark.parametrize("name", BRIDGES)
def test_a_bridge_that_is_killed_comes_back(here: Daily, name: str) -> None:
    before = here.entry(name)
    assert before.pid is not None
    psutil.Process(before.pid).kill()
    after = until(lambda: here.entry(name), lambda entry: entry.state == "running" and entry.pid != before.pid)
    assert after.restarts == before.restarts + 1
    assert after.exit_code == -signal.SIGKILL
    (link,) = (link for link in here.report().bridges if link.name == name)
    assert link.status is not None


def test_the_logs_are_private_files_that_show_no_code(here: Daily) -> None:
    for name in (*BRIDGES, "supervisor"):
        log = here.store / "logs" / f"{name}.log"
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
        text = log.read_text(encoding="utf-8")
        assert text
        assert "█" not in text
        assert "▄" not in text


def test_bridges_whose_supervisor_was_killed_are_ended_by_the_next_up_and_started_anew(here: Daily) -> None:
    before = here.roster()
    psutil.Process(before.pid).kill()
    assert here.report().supervisor is None
    again = here.up()
    assert again.returncode == 0, again.stdout + again.stderr
    after = here.roster()
    assert after.pid != before.pid
    assert all(entry.state == "running" for entry in after.bridges)
    old = {entry.pid for entry in before.bridges if entry.pid is not None}
    assert not [pid for pid in old if psutil.pid_exists(pid) and "bridge" in " ".join(psutil.Process(pid).cmdline())]


def test_down_stops_everything_and_says_when_there_was_nothing(here: Daily) -> None:
    before = here.roster()
    done = here.run("down")
    assert (done.returncode, done.stdout) == (0, "Stopped.\n")
    assert not [pid for pid in (before.pid, *(entry.pid for entry in before.bridges)) if pid and psutil.pid_exists(pid)]
    done = here.run("down")
    assert (done.returncode, done.stdout) == (0, "Nothing ran.\n")
    said = here.run("status")
    assert said.returncode == 1
    assert "supervisor       not running" in said.stdout
    assert "whatsapp-mcp up" in said.stdout


@pytest.mark.symptom("The port is in use")
def test_a_port_in_use_says_by_whom_and_what_to_do(here: Daily, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        elsewhere = {"WHATSAPP_MCP_MESSAGES_DB": str(tmp_path / "messages.db")}
        done = here.up(WHATSAPP_MCP_GO_URL=f"http://127.0.0.1:{port}", **elsewhere)
    assert done.returncode == 1
    assert f"Port {port}, where the whatsapp-bridge is to listen, is in use by" in done.stderr
    assert f"pid {psutil.Process().pid}" in done.stderr
    assert "WHATSAPP_MCP_GO_URL" in done.stderr
    mended = here.up(**elsewhere)
    try:
        assert mended.returncode == 0, mended.stdout + mended.stderr
    finally:
        assert here.run("down", **elsewhere).stdout == "Stopped.\n"


@pytest.mark.symptom("Another bridge holds this store")
def test_a_store_that_another_bridge_holds_is_left_alone(here: Daily) -> None:
    started = here.up()
    assert started.returncode == 0, started.stdout + started.stderr
    pid = here.entry("whatsapp-bridge").pid
    # Its own lock and roster gone, what runs there is a bridge that somebody started by hand.
    for name in ("supervisor.lock", "supervisor.json"):
        (here.store / name).rename(here.store / f"{name}.away")
    try:
        done = here.up()
    finally:
        for name in ("supervisor.lock", "supervisor.json"):
            (here.store / f"{name}.away").replace(here.store / name)
    assert done.returncode == 1
    assert f"A whatsapp-bridge already runs on {here.store} (pid {pid}, on 127.0.0.1:" in done.stderr
    assert here.entry("whatsapp-bridge").pid == pid
    assert here.run("down").returncode == 0
    mended = here.up()
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert here.entry("whatsapp-bridge").pid != pid
