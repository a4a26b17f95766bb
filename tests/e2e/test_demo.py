"""The demo is the first thing a newcomer sees: it works, and it leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from settings import HOUSE


def test_the_demo_shows_the_whole_way_and_leaves_nothing_running(built: None, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "demo", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Everything worked." in done.stdout
    for tool in ("backend_status", "list_chats", "query_synced_messages", "sync_history_to_database", "send_message"):
        assert f"{tool}(" in done.stdout
    assert "mark_community_as_read_with_history(" in done.stdout
    shown = {timeless(line) for line in done.stdout.splitlines()}
    assert [line for line in transcript() if timeless(line) not in shown] == []
    assert not [line for line in running() if str(tmp_path) in line]


def transcript() -> list[str]:
    """What the README shows of the demo."""
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    return readme.partition("```text\n")[2].partition("```")[0].splitlines()


def timeless(line: str) -> str:
    """A line without what was measured."""
    return re.sub(r"\s*\d+(\.\d+)? m?s\b", "", line).rstrip()


def running() -> list[str]:
    lines = []
    for process in Path("/proc").iterdir() if Path("/proc").is_dir() else []:
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                lines.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return lines


def test_a_step_that_fails_says_which_and_exits_1(built: None, tmp_path: Path) -> None:
    (tmp_path / "whatsapp").write_text("a file where the store's folder should be")
    done = subprocess.run(
        [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "demo", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "whatsapp-bridge did not start" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [line for line in running() if str(tmp_path) in line]
