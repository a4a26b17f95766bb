"""The MCP Inspector's CLI over stdio: a client in TypeScript that is not ours, and checks answers by their schemas."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.build import install_packages
from errors import Code
from fake_listener import free_port
from settings import HOUSE
from tools.catalogue import CATALOGUE

FOLDER = HOUSE / "tests" / "inspector"
TOOL_FAILED = 5
"""What its CLI exits with where a tool answers with an error."""
Inspect = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def inspector() -> Path:
    install_packages(FOLDER, "the MCP Inspector", lambda _: None)
    return FOLDER / "node_modules" / ".bin" / "mcp-inspector"


@pytest.fixture
def inspect(inspector: Path, tmp_path: Path) -> Inspect:
    """Run one method against a server without bridges."""
    settings = {
        "GO_URL": f"http://127.0.0.1:{free_port()}",
        "BAILEYS_URL": f"http://127.0.0.1:{free_port()}",
        "MESSAGES_DB": str(tmp_path / "messages.db"),
        "BAILEYS_DB": str(tmp_path / "baileys_temp.db"),
    }
    given = [word for name, value in settings.items() for word in ("-e", f"WHATSAPP_MCP_{name}={value}")]

    def run(*words: str, exit_code: int = 0) -> dict[str, Any]:
        program = shutil.which(str(inspector)) or str(inspector)
        entry = str(HOUSE / "unified-mcp" / "main.py")
        done = subprocess.run(
            [program, "--cli", *given, sys.executable, entry, *words],
            env={**os.environ, "HOME": str(tmp_path)},  # it keeps a folder of its own there
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


def test_it_lists_every_tool_with_both_schemas(inspect: Inspect) -> None:
    tools = inspect("--method", "tools/list")["tools"]
    assert [tool["name"] for tool in tools] == list(CATALOGUE)
    assert all(tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object" for tool in tools)


def test_it_calls_one_and_takes_its_structured_answer(inspect: Inspect) -> None:
    answer = inspect("--method", "tools/call", "--tool-name", "backend_status")
    assert answer["structuredContent"]["go"]["state"] == "unreachable"


# A TypeScript client holds structured content against the result's schema even where the call failed.
def test_it_shows_an_error_as_the_model_reads_it(inspect: Inspect) -> None:
    answer = inspect(
        "--method", "tools/call", "--tool-name", "list_chats", "--tool-arg", "limit=5", exit_code=TOOL_FAILED
    )
    assert answer["isError"]
    assert "structuredContent" not in answer
    assert json.loads(answer["content"][0]["text"])["error_code"] == Code.BRIDGE_UNREACHABLE
