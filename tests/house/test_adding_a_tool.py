"""docs/adding-a-tool.md is followed in a copy of the tree: the blocks of the page are the tool."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from interface import INTERFACE
from settings import HOUSE
from tools.catalogue import CATALOGUE

PAGE = HOUSE / "docs" / "adding-a-tool.md"
BLOCK = re.compile(r"^ *```python\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
NAME = "send_question"
LEFT_OUT = (".*", "node_modules", "build", "dist", "__pycache__", "*.egg-info", "store", "*.db*")
"""What was built, and the stores, which may be somebody's."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with the tool of the page: declared, drawn, and with its case and its name for the tests."""
    house = tmp_path_factory.mktemp("copy") / "whatsapp-mcp"
    shutil.copytree(HOUSE, house, ignore=shutil.ignore_patterns(*LEFT_OUT))
    declaration, case = (textwrap.dedent(block) for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    append(house / "unified-mcp" / "tools" / "messaging.py", declaration)
    append(house / "tests" / "support" / "wire_cases" / "messaging.py", case)
    interface = house / "tests" / "support" / "interface.py"
    last = f'"{INTERFACE["messaging"][-1]}",\n'
    text = interface.read_text(encoding="utf-8")
    assert text.count(last) == 1
    interface.write_text(text.replace(last, f'{last}        "{NAME}",\n'), encoding="utf-8")
    run(house, str(house / "unified-mcp" / "main.py"), "docs")
    return house


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n\n{text}")


def run(house: Path, *words: str) -> str:
    done = subprocess.run([sys.executable, *words], cwd=house, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_the_drawings_hold_it(copy: Path) -> None:
    contract = json.loads((copy / "whatsapp-bridge" / "openapi.json").read_text(encoding="utf-8"))
    assert "post" in contract["paths"]["/api/messages/question"]
    assert f"\n### {NAME}\n" in (copy / "API_REFERENCE.md").read_text(encoding="utf-8")
    assert NAME in (copy / "docs" / "BACKEND_ROUTING.md").read_text(encoding="utf-8")
    assert (copy / "tests" / "unit" / "snapshots" / f"{NAME}.json").is_file()


async def test_a_client_is_offered_it(copy: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    entry = str(copy / "unified-mcp" / "main.py")
    server = StdioServerParameters(command=sys.executable, args=[entry], env=environment)
    async with Client(server, mode="legacy") as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
    assert [name for name in names if name not in CATALOGUE] == [NAME]


def test_the_tests_of_every_tool_hold_for_it(copy: Path) -> None:
    files = ("tests/unit/test_catalogue.py", "tests/unit/test_tools_on_the_wire.py")
    said = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", NAME, *files)
    assert int(re.findall(r"^(\d+) passed", said, re.MULTILINE)[0]) > 10
