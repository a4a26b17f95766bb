"""The server by streamable HTTP: a real process, and who may come in."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types.version import LATEST_MODERN_VERSION

from doors.http import Address, security
from doors.keeper import load_token
from errors import Code, WhatsAppError
from fake_listener import free_port
from settings import HOUSE, Settings
from tools.catalogue import CATALOGUE
from tools.results import BackendStatus

TOKEN = "5e" * 32
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True)
class Served:
    """A process that listens."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def post(self, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {TOKEN}", **ACCEPT, **headers}
        return httpx.post(self.url, json=HELLO, headers=given, timeout=30)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    given = {
        "GO_URL": f"http://127.0.0.1:{free_port()}",
        "BAILEYS_URL": f"http://127.0.0.1:{free_port()}",
        "MESSAGES_DB": str(folder / "messages.db"),
        "BAILEYS_DB": str(folder / "baileys_temp.db"),
        **settings,
    }
    return {**kept, **{f"WHATSAPP_MCP_{name}": value for name, value in given.items()}}


def command(*words: str) -> list[str]:
    return [sys.executable, str(HOUSE / "unified-mcp" / "main.py"), "serve", "--http", *words]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    port = free_port()
    with subprocess.Popen(
        command(f"127.0.0.1:{port}"),
        env=environment(folder, **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        try:
            said = process.stderr.readline()
            assert f"http://127.0.0.1:{port}/mcp" in said
            assert TOKEN not in said
            yield Served(port)
            process.send_signal(signal.SIGTERM)
            rest, errors = process.communicate(timeout=30)
            assert (rest, "Traceback" in errors, TOKEN in errors) == ("", False, False)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), HTTP_TOKEN=TOKEN) as listening:
        yield listening


@asynccontextmanager
async def connected(served: Served, token: str, mode: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(served.url, http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ["legacy", "auto", LATEST_MODERN_VERSION])
async def test_a_client_of_either_era_lists_and_calls(served: Served, mode: str) -> None:
    async with connected(served, TOKEN, mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == list(CATALOGUE)
        result = await client.call_tool("backend_status", {})
    assert BackendStatus.model_validate(result.structured_content).go.state == "unreachable"


def test_two_clients_are_served_beside_each_other(served: Served) -> None:
    assert served.post().headers["mcp-session-id"] != served.post().headers["mcp-session-id"]


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}0", f"Basic {TOKEN}", TOKEN, "Bearer \xff"],
)
@pytest.mark.parametrize("path", ["/mcp", "/", "/health", "/mcp/../mcp"])
def test_without_the_token_everything_is_401(served: Served, shown: str, path: str) -> None:
    url = f"http://127.0.0.1:{served.port}{path}"
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        headers = [(b"authorization", shown.encode("latin-1"))] if shown else []
        answer = httpx.request(method, url, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error_code"] == "ACCESS_DENIED"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_scheme_may_be_written_in_any_case(served: Served) -> None:
    assert served.post(Authorization=f"bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("era", [{}, {"MCP-Protocol-Version": LATEST_MODERN_VERSION}], ids=["legacy", "modern"])
def test_a_name_that_was_rebound_to_loopback_is_refused(served: Served, era: dict[str, str]) -> None:
    for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1:1", f"127.0.0.1.evil.example:{served.port}"):
        assert served.post(Host=host, **era).status_code == 421
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert served.post(Host=f"{host}:{served.port}", **era).status_code != 421


@pytest.mark.parametrize("era", [{}, {"MCP-Protocol-Version": LATEST_MODERN_VERSION}], ids=["legacy", "modern"])
def test_a_web_page_is_refused_even_with_the_token(served: Served, era: dict[str, str]) -> None:
    for origin in ("https://example.com", "null", f"http://127.0.0.1:{served.port}", "http://localhost:3000"):
        answer = served.post(Origin=origin, **era)
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_only_json_is_read(served: Served) -> None:
    assert served.post(**{"Content-Type": "text/plain"}).status_code == 400


async def test_a_token_is_made_at_the_first_start_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    tokens = []
    for _ in range(2):
        with serving(folder) as served:
            file = folder / "http.token"
            tokens.append(file.read_text(encoding="ascii").strip())
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            async with connected(served, tokens[-1], "legacy") as client:
                assert (await client.list_tools()).tools
    assert len(tokens[0]) == 64
    assert tokens[0] == tokens[1]
    assert [path.name for path in folder.iterdir()] == ["http.token"]


def refused(folder: Path, *words: str, **settings: str) -> str:
    done = subprocess.run(
        command(*words), env=environment(folder, **settings), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("whatsapp-mcp: ")
    return done.stderr


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_token_ends_the_start(tmp_path: Path, empty: str) -> None:
    assert "HTTP_TOKEN is empty" in refused(tmp_path, HTTP_TOKEN=empty)
    file = tmp_path / "http.token"
    file.write_text(empty, encoding="ascii")
    assert f"{file} is empty" in refused(tmp_path)


def test_an_address_that_is_taken_or_is_none_ends_the_start(tmp_path: Path, served: Served) -> None:
    assert "cannot be listened on" in refused(tmp_path, f"127.0.0.1:{served.port}", HTTP_TOKEN=TOKEN)
    assert "is not HOST:PORT" in refused(tmp_path, "somewhere", HTTP_TOKEN=TOKEN)
    assert "HTTP_HOSTS is missing" in refused(tmp_path, "0.0.0.0:0", HTTP_TOKEN=TOKEN)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"two words"], ids=["a directory", "no text", "a space"])
def test_a_token_that_cannot_be_used_is_an_error_that_names_its_file(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(WhatsAppError, match=str(file)) as caught:
        load_token(Settings(http_token_file=file))
    assert caught.value.code is Code.ACCESS_DENIED


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN, encoding="ascii")
    file.chmod(0o644)
    assert load_token(Settings(http_token_file=file)) == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "address", "loopback"),
    [
        ("127.0.0.1:8082", Address("127.0.0.1", 8082), True),
        ("localhost:0", Address("localhost", 0), True),
        ("[::1]:8082", Address("::1", 8082), True),
        ("192.0.2.1:80", Address("192.0.2.1", 80), False),
        ("nas.local:80", Address("nas.local", 80), False),
    ],
)
def test_an_address_is_read(text: str, address: Address, loopback: bool) -> None:
    read = Address.read(text)
    assert (read, read.loopback, str(read)) == (address, loopback, text)


@pytest.mark.parametrize("text", ["", ":8082", "8082", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "a@b:1", "h:1/x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(WhatsAppError, match="is not HOST:PORT"):
        Address.read(text)


def test_every_address_of_the_machine_needs_the_names_that_clients_call() -> None:
    everywhere = Address("0.0.0.0", 8082)
    allowed = security(Settings(http_hosts=("nas.local:8082",)), everywhere).allowed_hosts
    assert "nas.local:8082" in allowed
    assert "0.0.0.0:8082" not in allowed
    with pytest.raises(WhatsAppError, match="HTTP_HOSTS"):
        security(Settings(), everywhere)
