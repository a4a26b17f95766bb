"""The demo is the first thing a newcomer sees: it works, and it leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from settings import HOUSE


def test_the_demo_shows_the_whole_way_and_leaves_nothing_running(built: None, tmp_path: Path) -> None:
    code, said = kept_until_the_end(tmp_path)
    assert code == 0, said[-3000:]
    assert "Everything worked." in said
    # With --keep there are entries that attach a client to it.
    entry = json.loads(said.partition("with:\n\n")[2].partition("\n\nLet a contact speak")[0])
    assert str(tmp_path) in entry["mcpServers"]["whatsapp"]["env"]["WHATSAPP_MCP_MESSAGES_DB"]
    for tool in ("backend_status", "list_chats", "query_synced_messages", "sync_history_to_database", "send_message"):
        assert f"{tool}(" in said
    assert "mark_community_as_read_with_history(" in said
    shown = {timeless(line) for line in said.splitlines()}
    assert [line for line in transcript() if timeless(line) not in shown] == []
    assert not [line for line in running() if str(tmp_path) in line]


def kept_until_the_end(folder: Path) -> tuple[int, str]:
    """The code and words of a demo that stays up, and that Ctrl-C ends once all is said."""
    words = [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "demo", "--keep", "--folder", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        watch = threading.Timer(240, process.kill)
        watch.start()
        try:
            assert process.stdout
            said = ""
            for line in process.stdout:
                said += line
                if "Ctrl-C ends it." in line:
                    process.send_signal(signal.SIGINT)
            return process.wait(), said
        finally:
            watch.cancel()
            process.kill()


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
