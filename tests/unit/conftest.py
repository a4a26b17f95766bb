"""Both bridges faked, and settings that point at them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
import respx
from mcp import Client

from backends.go import GoBridge
from backends.pages import PAGE
from backends.temp_store import TempStore
from fake_bridge import TOKEN, FakeBridge
from fake_store import FakeStore
from holding import held
from merging import Merging
from server import build_server
from settings import Settings
from sync import Merger
from temp_rows import TempRows
from tools.schema import listed_arguments, listed_result


@pytest.fixture
def wire() -> Iterator[respx.MockRouter]:
    """Nothing leaves the process; a request that no fake takes is an error."""
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def go(wire: respx.MockRouter) -> Iterator[FakeBridge]:
    bridge = FakeBridge("whatsapp-bridge", 18080)
    bridge.mount(wire)
    yield bridge
    assert not bridge.breaches


@pytest.fixture
def baileys(wire: respx.MockRouter) -> Iterator[FakeBridge]:
    bridge = FakeBridge("baileys-bridge", 18081)
    bridge.mount(wire)
    yield bridge
    assert not bridge.breaches


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a test's own folder; the environment of the machine plays no part."""
    token_file = tmp_path / "bridge.token"
    token_file.write_text(TOKEN + "\n", encoding="ascii")
    return Settings(
        go_url="http://127.0.0.1:18080",
        baileys_url="http://127.0.0.1:18081",
        messages_db=tmp_path / "messages.db",
        baileys_db=tmp_path / "baileys_temp.db",
        token_file=token_file,
        wait_budget=30,
    )


SCHEMAS_ONCE = {"listed_arguments": cache(listed_arguments), "listed_result": cache(listed_result)}


@pytest.fixture(autouse=True)
def schemas_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing the schemas is most of what a server's start costs, and hundreds are started here."""
    for name, draw in SCHEMAS_ONCE.items():
        monkeypatch.setattr(f"server.{name}", lambda model, draw=draw: deepcopy(draw(model)))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "TOKEN",
        "TOKEN_FILE",
        "GO_URL",
        "BAILEYS_URL",
        "MESSAGES_DB",
        "BAILEYS_DB",
        "WAIT_BUDGET",
        "TOOLSETS",
        "TOOLS",
        "READ_ONLY",
        "HTTP_TOKEN",
        "HTTP_TOKEN_FILE",
        "HTTP_HOSTS",
        "AUDIT_FOLDER",
        "CONFIRM",
        "LOG_LEVEL",
    ):
        monkeypatch.delenv(f"WHATSAPP_MCP_{name}", raising=False)


@pytest_asyncio.fixture
async def client(settings: Settings, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """An MCP client of the server, in the era that the test asks for."""
    async with held(Client(build_server(settings), mode=getattr(request, "param", "legacy"))) as client:
        yield client


@pytest.fixture
def rows(settings: Settings) -> TempRows:
    return TempRows(settings.baileys_db)


@pytest.fixture
def store(go: FakeBridge) -> FakeStore:
    store = FakeStore()
    store.mount(go)
    return store


@pytest_asyncio.fixture
async def paged(settings: Settings, store: FakeStore) -> AsyncIterator[Merging]:
    """Makes a merger with pages of so many rows; each is a process of its own."""
    mergers: list[Merger] = []
    async with GoBridge(settings) as go:

        def make(page: int) -> Merger:
            mergers.append(Merger(go, TempStore(settings.baileys_db, page)))
            return mergers[-1]

        yield make
        for merger in mergers:
            await merger.close()


@pytest_asyncio.fixture
async def merger(paged: Merging) -> Merger:
    return paged(PAGE)
