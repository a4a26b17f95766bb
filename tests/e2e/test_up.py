"""up, status and down as a person gives them: both real bridges under the real supervisor."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest
import pytest_asyncio

from cli.stage import Program, whatsapp_program
from daily import Daily, machine, until
from fake_listener import free_port
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
def test_a_port_in_use_says_by_whom_and_another_one_mends_it(here: Daily) -> None:
    here.run("down")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = here.up(WHATSAPP_MCP_GO_URL=f"http://127.0.0.1:{port}")
        assert done.returncode == 1
        assert f"Port {port}, where the whatsapp-bridge is to listen, is in use by" in done.stderr
        assert f"pid {psutil.Process().pid}" in done.stderr
        assert "WHATSAPP_MCP_GO_URL" in done.stderr
        free = {"WHATSAPP_MCP_GO_URL": f"http://127.0.0.1:{free_port()}"}
        started = here.up(**free)
        assert started.returncode == 0, started.stdout + started.stderr
        entry = json.loads(here.run("config", "json", **free).stdout)["mcpServers"]["whatsapp"]
        with httpx.Client(trust_env=False) as client:
            answer = client.get(f"{entry['env']['WHATSAPP_MCP_GO_URL']}/health").json()
        assert answer["bridge"] == "whatsapp-bridge"
    here.run("down")
    # That program has ended, and its port may be taken.
    plain = whatsapp_program(here.folder, here.emulated.listen, f"127.0.0.1:{port}")
    with by_hand(plain) as ready:
        assert ready["listen"] == f"127.0.0.1:{port}"


@contextmanager
def by_hand(program: Program) -> Iterator[dict[str, str]]:
    """What a bridge that a person started in a terminal says when it is ready."""
    with subprocess.Popen(program.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@pytest.mark.symptom("Another bridge holds this store")
def test_a_store_that_another_bridge_holds_is_left_alone_until_that_one_is_down(here: Daily) -> None:
    here.run("down")
    started = here.up()
    assert started.returncode == 0, started.stdout + started.stderr
    pid = here.entry("whatsapp-bridge").pid
    assert f"pid {pid}" in here.run("status").stdout
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
    second = whatsapp_program(here.folder, here.emulated.listen)
    refused = subprocess.run(second.command, capture_output=True, text=True, timeout=30, check=False)
    assert (refused.returncode, f"pid {pid}, listening on" in refused.stderr) == (1, True)
    assert here.run("down").returncode == 0
    with by_hand(second) as ready:
        assert ready["bridge"] == "whatsapp-bridge"
