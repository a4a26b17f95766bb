"""Long work shows how far it is: a bar where a terminal shows stderr, plain lines elsewhere, and stdout stays clean."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.progress import following, steps
from fake_bridge import FakeBridge
from fake_store import FakeStore
from main import main
from merging import every_table
from settings import Settings
from temp_rows import TempRows

Shown = pytest.CaptureFixture[str]


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """stderr is a terminal; afterwards the list holds what it was written."""
    shown: list[str] = []
    master, slave = os.openpty()
    monkeypatch.setenv("TERM", "xterm-256color")
    with os.fdopen(slave, "w", encoding="utf-8", buffering=1) as stderr, os.fdopen(master, "rb", 0) as screen:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", stderr)
            yield shown
        os.set_blocking(master, False)
        content = b""
        try:
            while part := screen.read(65_536):
                content += part
        except BlockingIOError:
            pass
        shown.append(content.decode(errors="replace"))


@pytest.fixture
def waiting(
    settings: Settings, store: FakeStore, rows: TempRows, monkeypatch: pytest.MonkeyPatch, go: FakeBridge
) -> None:
    """Rows wait to be merged, and the command finds both bridges."""
    monkeypatch.setenv("WHATSAPP_MCP_GO_URL", settings.go_url)
    monkeypatch.setenv("WHATSAPP_MCP_BAILEYS_URL", settings.baileys_url)
    monkeypatch.setenv("WHATSAPP_MCP_BAILEYS_DB", str(settings.baileys_db))
    monkeypatch.setenv("WHATSAPP_MCP_TOKEN_FILE", str(settings.token_path))
    for n in range(30):
        rows.chunk(*every_table(n))


def test_a_merge_in_a_terminal_shows_a_bar_that_goes_away(
    waiting: None, monkeypatch: pytest.MonkeyPatch, capsys: Shown
) -> None:
    with terminal(monkeypatch) as shown:
        assert main(["sync"]) == 0
    assert "merging" in shown[0]
    assert "30 messages read, 30 new" in shown[0]
    assert "100%" in shown[0]
    assert "\x1b[2K" in shown[0]
    assert capsys.readouterr().out.startswith("30 rows read, 30 new, ")


def test_a_merge_elsewhere_says_its_report_and_nothing_more(waiting: None, capsys: Shown) -> None:
    assert main(["sync"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.count("\n") == 1


async def test_lines_come_rarely_and_say_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("cli.progress.time.monotonic", lambda: clock[0])
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    with following("merging") as progress:
        for clock[0] in (1.0, 9.0, 11.0, 12.0, 22.0):
            await progress(clock[0], 50, f"{clock[0]:.0f} read")
        clock[0] = 40.0
        await progress(40, None, "40 read")
    assert stderr.getvalue() == "merging: 11 read (22%)\nmerging: 22 read (44%)\nmerging: 40 read\n"


def fail_at(step: str) -> None:
    with steps() as say:
        say(step)
        raise OSError("the disk is full")


def test_steps_are_lines_or_rows_with_a_clock(monkeypatch: pytest.MonkeyPatch, capsys: Shown) -> None:
    with steps() as say:
        say("building [the] bridge")
        say("compiling")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "building [the] bridge\ncompiling\n")
    with terminal(monkeypatch) as screen, steps() as say:
        say("building [the] bridge")
        say("compiling")
    assert screen[0].count("✓") >= 2
    assert "building [the] bridge" in screen[0]
    assert "0:00:00" in screen[0]
    with terminal(monkeypatch) as screen, pytest.raises(OSError, match="full"):
        fail_at("compiling")
    assert "✗ compiling" in screen[0]
    assert capsys.readouterr().out == ""


def test_a_terminal_that_can_only_write_lines_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown:
        monkeypatch.setenv("TERM", "dumb")
        with steps() as say:
            say("building")
    assert shown == ["building\r\n"]
