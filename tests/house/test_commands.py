"""Every command that a document names is run by a test: here, where it is quick, or by the one that is named here."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from main import COMMANDS
from markdown import Document, documents
from settings import HOUSE

ALL = {document.name: document for document in documents()}
EACH = pytest.mark.parametrize("document", ALL.values(), ids=list(ALL))
WORDS = r"((?: +(?![#|&(])[^\s`]+)*)"
COMMAND = re.compile(rf"whatsapp-mcp ([a-z]+){WORDS}")
SHORT = re.compile(rf"^({'|'.join(COMMANDS)}){WORDS}$")
MAKE = re.compile(r"\bmake ([a-z]+)\b(?! [a-z])")
OURS = re.compile(r"^(?:npm|npx|go run|uv run \S|\.ci/run)")

CLONE, DAILY, PAIR, UP = (f"tests/e2e/test_{name}.py" for name in ("clone", "daily", "pair", "up"))
RUN_ELSEWHERE = {
    "whatsapp-mcp audit": f"{DAILY}::test_what_a_client_did_is_told_without_what_it_said",
    "whatsapp-mcp build": f"{CLONE}::test_build_leaves_alone_what_is_fresh",
    "whatsapp-mcp demo": f"{CLONE}::test_make_demo_sets_everything_up_and_shows_it",
    "whatsapp-mcp demo --keep": "tests/e2e/test_demo.py::test_the_demo_shows_the_whole_way_and_leaves_nothing_running",
    "whatsapp-mcp docs": f"{CLONE}::test_make_docs_draws_nothing_new",
    "whatsapp-mcp doctor": f"{DAILY}::test_the_doctor_finds_nothing_wrong_with_a_system_that_works",
    "whatsapp-mcp down": f"{UP}::test_down_stops_everything_and_says_when_there_was_nothing",
    "whatsapp-mcp import lharries PATH": (
        "tests/integration/test_import.py::test_what_was_imported_is_found_and_one_person_is_one_chat"
    ),
    "whatsapp-mcp pair": f"{PAIR}::test_both_bridges_are_linked_from_the_page_in_a_browser",
    "whatsapp-mcp pair --phone NUMBER": f"{PAIR}::test_both_bridges_are_linked_by_codes_typed_on_the_phone",
    "whatsapp-mcp pair --terminal": f"{PAIR}::test_both_bridges_are_linked_from_the_terminal",
    "whatsapp-mcp serve --http": "tests/unit/test_http.py::test_a_client_of_either_era_lists_and_calls",
    "whatsapp-mcp stats": f"{DAILY}::test_the_picture_shows_what_the_tool_counts",
    "whatsapp-mcp stats --html PATH": f"{DAILY}::test_the_page_of_it_is_drawn_in_a_browser_and_loads_nothing",
    "whatsapp-mcp sync": f"{DAILY}::test_sync_merges_from_the_shell",
    "whatsapp-mcp up": f"{UP}::test_status_knows_both_processes_and_that_nothing_is_linked_yet",
    "make browser": "tests/house/test_commands.py::test_make_browser_leaves_a_browser_alone_that_is_there",
    "make bench": "tests/house/test_commands.py::test_make_bench_starts",
    "make demo": f"{CLONE}::test_make_demo_sets_everything_up_and_shows_it",
    "make docs": f"{CLONE}::test_make_docs_draws_nothing_new",
    "make fuzz": "tests/house/test_fuzz.py::test_it_is_read_or_refused_but_breaks_nothing",
    "make record": "tests/e2e/test_answers.py::test_a_page_of_examples_is_answered_as_it_stands",
    "make soak": "tests/soak/test_kills.py::test_what_was_acknowledged_survives_a_kill_at_any_moment_exactly_once",
    "make test": f"{CLONE}::test_make_test_runs_in_the_clone",
    "uv run pytest": f"{CLONE}::test_make_test_runs_in_the_clone",
    ".ci/run": f"{CLONE}::test_make_test_runs_in_the_clone",
    "go run .": "tests/e2e/test_by_hand.py::test_both_bridges_start_by_hand",
    "npm ci --ignore-scripts": f"{CLONE}::test_make_demo_sets_everything_up_and_shows_it",
    "npm ci --ignore-scripts && npm run build": f"{CLONE}::test_make_demo_sets_everything_up_and_shows_it",
    "npm start": "tests/e2e/test_by_hand.py::test_both_bridges_start_by_hand",
}
"""Commands that build, wait for a phone or stay, each with the test that runs it or what it stands for."""
RUN_HERE = {
    "whatsapp-mcp config claude --write",
    "whatsapp-mcp config cursor --write",
    "whatsapp-mcp config json",
    "whatsapp-mcp service install",
    "whatsapp-mcp status",
}


def lines(document: Document) -> list[str]:
    """What stands in backticks, and the lines of the shell blocks without their remarks."""
    blocks = (block for language, block in document.blocks if language in ("", "bash"))
    return [*document.inline, *(line.partition("#")[0].strip() for block in blocks for line in block.splitlines())]


def named(document: Document) -> set[str]:
    """Every command of ours in a document, as it is typed in the checkout."""
    found = set[str]()
    for line in lines(document):
        full = [f"whatsapp-mcp {command}{rest}" for command, rest in COMMAND.findall(line)]
        short = [f"whatsapp-mcp {command}{rest}" for command, rest in SHORT.findall(line) if rest]
        made = [f"make {target}" for target in MAKE.findall(line)]
        found |= {*full, *short, *made}
        if OURS.match(line) and not full:
            found.add(line)
    return found


def all_named() -> set[str]:
    """The commands of all documents."""
    return {command for document in ALL.values() for command in named(document)}


def test_every_command_of_the_documents_is_run_by_a_test() -> None:
    assert all_named() == {*RUN_ELSEWHERE, *RUN_HERE}


@pytest.mark.parametrize("test", sorted(set(RUN_ELSEWHERE.values())))
def test_the_test_that_is_named_for_a_command_exists(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((HOUSE / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@cache
def help_of(command: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@EACH
def test_a_command_that_a_document_names_exists_with_its_options(document: Document) -> None:
    for text in named(document):
        if not text.startswith("whatsapp-mcp "):
            continue
        _, command, *words = text.split()
        assert command in COMMANDS, f"{document.name}: {text}"
        for word in words:
            option = word.strip("[]").partition("=")[0]
            if option.startswith("-"):
                assert option in help_of(command), f"{document.name}: {text}"


def test_every_command_is_documented() -> None:
    assert set(COMMANDS) == {text.split()[1] for text in all_named() if text.startswith("whatsapp-mcp ")}


@pytest.fixture
def scratch(tmp_path: Path) -> dict[str, str]:
    """A home of its own, no bridge, and programs in front of PATH that keep what they were asked for."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("systemctl", "launchctl", "schtasks", "chromium"):
        program = programs / name
        program.write_text(f'#!/bin/sh\necho "{name} $@" >> "{tmp_path}/asked"\n', encoding="utf-8")
        program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    return {
        **kept,
        **{name: str(tmp_path) for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME")},
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "WHATSAPP_MCP_MESSAGES_DB": str(tmp_path / "store" / "messages.db"),
        "WHATSAPP_MCP_BAILEYS_DB": str(tmp_path / "baileys_temp.db"),
        "WHATSAPP_MCP_GO_URL": "http://127.0.0.1:9",
        "WHATSAPP_MCP_BAILEYS_URL": "http://127.0.0.1:9",
    }


def run(*words: str, environment: dict[str, str], where: Path = HOUSE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=where, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("command", sorted(RUN_HERE))
def test_a_quick_command_of_the_documents_runs(command: str, scratch: dict[str, str], tmp_path: Path) -> None:
    words = command.split()[1:]
    done = run(sys.executable, str(HOUSE / "unified-mcp" / "main.py"), *words, environment=scratch, where=tmp_path)
    # No bridge runs, which status says by 1.
    assert done.returncode == (1 if words == ["status"] else 0), done.stderr
    assert done.stdout
    assert "Traceback" not in done.stderr
    if words[0] == "service":
        asked = (tmp_path / "asked").read_text(encoding="utf-8")
        assert "whatsapp-mcp" in asked


def test_make_browser_leaves_a_browser_alone_that_is_there(scratch: dict[str, str], tmp_path: Path) -> None:
    done = run("make", "browser", environment=scratch)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "asked").exists()


def test_make_bench_starts(scratch: dict[str, str]) -> None:
    assert shutil.which("make")
    done = run("make", "bench", "ARGS=--help", environment={**scratch, "HOME": os.environ["HOME"]})
    assert done.returncode == 0, done.stderr
    assert "--full" in done.stdout
