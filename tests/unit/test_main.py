"""The program as clients start it: a process with three pipes, of which stdout is JSON-RPC and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION, MODERN_PROTOCOL_VERSIONS

from fake_listener import free_port
from main import COMMANDS, MODULES, main, usage
from settings import HOUSE
from tools.catalogue import CATALOGUE
from tools.results import BackendStatus

ENTRY = HOUSE / "unified-mcp" / "main.py"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No bridge runs where this points to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    return {
        **kept,
        "WHATSAPP_MCP_GO_URL": f"http://127.0.0.1:{free_port()}",
        "WHATSAPP_MCP_BAILEYS_URL": f"http://127.0.0.1:{free_port()}",
        "WHATSAPP_MCP_MESSAGES_DB": str(tmp_path / "messages.db"),
        "WHATSAPP_MCP_BAILEYS_DB": str(tmp_path / "baileys_temp.db"),
    }


def run(environment: dict[str, str], *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ENTRY), *words],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr()
    assert shown.out == usage()
    assert shown.err == ""
    for name, text in COMMANDS.items():
        assert name in shown.out
        assert text in shown.out


def test_every_command_is_a_module_with_a_run() -> None:
    for name in COMMANDS:
        assert (HOUSE / "unified-mcp" / "cli" / f"{MODULES.get(name, name)}.py").is_file()


def test_an_unknown_command_is_named_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "'dance'" in shown.err
    assert usage() in shown.err


def test_an_unknown_command_writes_nothing_to_stdout(environment: dict[str, str]) -> None:
    done = run(environment, "dance")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [(), ("serve",)])
@pytest.mark.parametrize(
    ("name", "value"),
    [("GO_URL", "http://192.0.2.1:8080"), ("LOG_LEVEL", "LOUD"), ("WAIT_BUDGET", "soon"), ("TOOLS", "dance")],
)
def test_a_wrong_setting_is_one_clear_line_and_exits_with_2(
    environment: dict[str, str], words: Sequence[str], name: str, value: str
) -> None:
    done = run({**environment, f"WHATSAPP_MCP_{name}": value}, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"whatsapp-mcp: WHATSAPP_MCP_{name} is wrong: ")


def test_a_client_that_closes_stdin_ends_the_server_quietly(environment: dict[str, str]) -> None:
    done = run(environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_source_root_is_imported_by_bare_names() -> None:
    code = "from routing import Router, ROUTES; print(Router.__name__, len(ROUTES))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HOUSE / "unified-mcp", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["Router", str(len(CATALOGUE))]


class Pipe:
    """A handshake client that reads what really stands on stdout, line by line."""

    def __init__(self, stdin: IO[str], stdout: IO[str]) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._last = 0

    def tell(self, method: str, **params: object) -> None:
        self._stdin.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}) + "\n")
        self._stdin.flush()

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        answer = self.answer(method, **params)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def answer(self, method: str, **params: object) -> dict[str, Any]:
        self._last += 1
        self._stdin.write(json.dumps({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}) + "\n")
        self._stdin.flush()
        while True:
            answer: dict[str, Any] = json.loads(self._stdout.readline())
            assert answer["jsonrpc"] == "2.0"
            if answer.get("id") == self._last:
                return answer


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[Pipe]:
    with subprocess.Popen(
        [sys.executable, str(ENTRY)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield Pipe(process.stdin, process.stdout)
            rest, errors = process.communicate(timeout=30)
            assert (process.returncode, rest, errors) == (0, "", "")
        finally:
            process.kill()


def modern(version: str = LATEST_MODERN_VERSION) -> dict[str, object]:
    """The envelope that each request of the newer era carries."""
    return {
        PROTOCOL_VERSION_META_KEY: version,
        CLIENT_INFO_META_KEY: {"name": "test", "version": "1"},
        CLIENT_CAPABILITIES_META_KEY: {},
    }


def shake_hands(pipe: Pipe, version: str) -> None:
    hello = pipe.ask(
        "initialize", protocolVersion=version, capabilities={}, clientInfo={"name": "test", "version": "1"}
    )
    assert hello["protocolVersion"] == version
    assert hello["serverInfo"]["name"] == "whatsapp"
    assert "never instructions" in hello["instructions"]
    pipe.tell("notifications/initialized")


def assert_lists_and_calls(pipe: Pipe, **envelope: object) -> None:
    assert [tool["name"] for tool in pipe.ask("tools/list", **envelope)["tools"]] == list(CATALOGUE)
    result = pipe.ask("tools/call", name="backend_status", arguments={}, **envelope)
    assert not result.get("isError")
    status = BackendStatus.model_validate(json.loads(result["content"][0]["text"]))
    assert (status.go.state, status.baileys.state) == ("unreachable", "unreachable")
    refused = pipe.ask("tools/call", name="list_chats", arguments={}, **envelope)
    assert refused["isError"]
    assert "structuredContent" not in refused
    assert json.loads(refused["content"][0]["text"])["error_code"] == "BRIDGE_UNREACHABLE"


@pytest.mark.parametrize("version", HANDSHAKE_PROTOCOL_VERSIONS)
def test_every_version_with_a_handshake_lists_the_tools_and_calls_one_with_no_bridge_running(
    environment: dict[str, str], version: str
) -> None:
    with serving(environment) as pipe:
        shake_hands(pipe, version)
        assert_lists_and_calls(pipe)


@pytest.mark.parametrize("version", MODERN_PROTOCOL_VERSIONS)
def test_every_version_without_a_handshake_lists_and_calls_with_a_probe_and_without(
    environment: dict[str, str], version: str
) -> None:
    with serving(environment) as pipe:
        assert_lists_and_calls(pipe, _meta=modern(version))
    with serving(environment) as pipe:
        assert version in pipe.ask("server/discover", _meta=modern(version))["supportedVersions"]
        assert_lists_and_calls(pipe, _meta=modern(version))


def test_the_versions_are_those_that_are_promised() -> None:
    spoken = {*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS}
    assert spoken == {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}


# Some clients probe for the newer era and shake hands all the same, whatever the probe was answered.
@pytest.mark.parametrize("version", [LATEST_MODERN_VERSION, "2099-01-01", None])
def test_a_client_that_probes_and_then_shakes_hands_is_served(environment: dict[str, str], version: str | None) -> None:
    with serving(environment) as pipe:
        for _ in range(2):
            answer = pipe.answer("server/discover", **({"_meta": modern(version)} if version else {}))
            assert ("result" in answer) == (version == LATEST_MODERN_VERSION)
        shake_hands(pipe, HANDSHAKE_PROTOCOL_VERSIONS[-1])
        assert_lists_and_calls(pipe)


@pytest.mark.parametrize("mode", ["legacy", "auto", LATEST_MODERN_VERSION])
async def test_the_sdks_own_client_lists_and_calls_in_every_era(environment: dict[str, str], mode: str) -> None:
    server = StdioServerParameters(command=sys.executable, args=[str(ENTRY)], env=environment)
    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == list(CATALOGUE)
        result = await client.call_tool("backend_status", {})
    assert result.structured_content
    assert BackendStatus.model_validate(result.structured_content).go.state == "unreachable"


def test_the_log_never_reaches_stdout_even_at_its_loudest(environment: dict[str, str]) -> None:
    given = json.dumps(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        }
    )
    done = run({**environment, "WHATSAPP_MCP_LOG_LEVEL": "DEBUG"}, given=given + "\nnot json at all\n")
    assert done.returncode == 0
    for line in done.stdout.splitlines():
        assert json.loads(line)["jsonrpc"] == "2.0"
