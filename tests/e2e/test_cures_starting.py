"""The cures of TROUBLESHOOTING.md for bridges that do not start or are not believed; none of them is linked."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from mcp import Client

from caller import Caller
from cli.build import GO_BRIDGE, NODE_DIRECTORY
from cli.demo import WORLD
from cli.programs import baileys_command, whatsapp_command
from cli.stage import NOBODY, Program, StageError, emulator_program, whatsapp_program
from doctor import findings
from errors import Code
from fake_listener import FakeListener, free_port, http
from holding import held
from restart import restart
from server import build_server
from settings import HOUSE, Settings
from tools.results import BackendStatus, ChatList

pytestmark = pytest.mark.asyncio(loop_scope="module")

STORE = HOUSE / "whatsapp-bridge" / "store"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """So that not even an unlinked bridge asks WhatsApp."""
    program = emulator_program(tmp_path_factory.mktemp("starting"), WORLD)
    await program.start()
    yield program
    await program.stop()


@asynccontextmanager
async def calling(settings: Settings) -> AsyncIterator[Caller]:
    async with held(Client(build_server(settings), mode="legacy")) as client:
        yield Caller(client)


@pytest.mark.symptom("Something else answers at the bridge's port")
async def test_a_squatter_is_told_nothing_and_after_its_end_the_bridge_names_itself(
    emulator: Program, tmp_path: Path
) -> None:
    port = free_port()
    health = f"http://127.0.0.1:{port}/health"
    bridge = whatsapp_program(tmp_path, emulator.listen, f"127.0.0.1:{port}")
    store = tmp_path / "whatsapp"
    settings = Settings(
        go_url=f"http://127.0.0.1:{port}", baileys_url=f"http://{NOBODY}", messages_db=store / "messages.db"
    )
    # The bridge ran here before, so there is a token that somebody could be after.
    await bridge.start()
    await bridge.stop()
    squatter = FakeListener(lambda _: http({"hello": "world"}))
    async with calling(settings) as caller:
        async with squatter.listening(port):
            assert "bridge" not in await curl(health)
            code, envelope = await caller.refused("send_message", recipient="+1 555 0101", message="a secret")
            assert (code, str(port) in str(envelope["details"])) == (Code.BRIDGE_UNTRUSTED, True)
        token = settings.read_token()
        assert token is not None
        for secret in (token, "a secret"):
            assert secret.encode() not in squatter.bytes_heard
        await bridge.start()
        try:
            assert (await curl(health))["bridge"] == "whatsapp-bridge"
            assert (await caller.refused("send_message", recipient="+1 555 0101", message="hi"))[0] is Code.NOT_PAIRED
        finally:
            await bridge.stop()


async def curl(url: str) -> dict[str, str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer: dict[str, str] = (await client.get(url)).json()
        return answer


@pytest.mark.symptom("The token does not match")
async def test_two_token_files_are_named_and_one_for_all_is_enough(emulator: Program, tmp_path: Path) -> None:
    token, store = tmp_path / "elsewhere" / "bridge.token", tmp_path / "whatsapp"
    go = Program("whatsapp-bridge", whatsapp_command(store, token, "127.0.0.1:0", emulator.listen), tmp_path)
    await go.start()
    baileys = Program(
        "baileys-bridge",
        baileys_command(tmp_path / "baileys", token, "127.0.0.1:0", emulator.listen),
        tmp_path,
        where=NODE_DIRECTORY,
    )
    try:
        (store / "bridge.token").write_text("5e" * 32, encoding="ascii")
        given = {
            "go_url": f"http://{go.listen}",
            "baileys_url": f"http://{NOBODY}",
            "messages_db": store / "messages.db",
        }
        async with calling(Settings.model_validate(given)) as caller:
            code, envelope = await caller.refused("list_chats")
        assert code is Code.BRIDGE_UNTRUSTED
        assert str(store / "bridge.token") in str(envelope["resolution"])
        async with calling(Settings.model_validate({**given, "token_file": token})) as caller:
            assert (await caller.ask(ChatList, "list_chats")).chats == []
        await go.stop()
        token.write_text("not a token", encoding="ascii")
        with pytest.raises(StageError, match="does not hold a token"):
            await restart(go)
        token.unlink()
        await restart(go)
        await baileys.start()
        both = Settings.model_validate({**given, "token_file": token, "baileys_url": f"http://{baileys.listen}"})
        async with calling(both) as caller:
            status = await caller.ask(BackendStatus, "backend_status")
        assert (status.go.state, status.baileys.state) == ("not_paired", "not_paired")
    finally:
        await baileys.stop()
        await go.stop()


@pytest.mark.symptom("The database was made by a newer version")
async def test_a_store_of_a_newer_checkout_is_left_alone_until_this_one_is_updated(
    emulator: Program, tmp_path: Path
) -> None:
    known = max(int(file.name.partition("_")[0]) for file in (STORE / "upgrades").glob("*.sql"))
    plain = whatsapp_program(tmp_path, emulator.listen)
    program = str(newer(tmp_path, known + 1))
    updated = Program(plain.name, [program if part == str(GO_BRIDGE) else part for part in plain.command], plain.folder)
    for one in (plain, updated):  # an older file is brought up at the start
        await one.start()
        await one.stop()
    with pytest.raises(StageError, match=rf"schema {known + 1}, expected {known}\b"):
        await plain.start()
    here = {"HOME": str(tmp_path), "WHATSAPP_MCP_MESSAGES_DB": str(tmp_path / "whatsapp" / "messages.db")}
    code, found = await findings({**here, "WHATSAPP_MCP_GO_URL": f"http://{NOBODY}"})
    schema = found["messages.db schema"]
    assert (code, schema["severity"]) == (2, "error")
    assert f"schema {known + 1}, and this version knows {known}" in schema["message"]
    assert "Update this checkout" in schema["cure"]
    await updated.start()
    await updated.stop()


def newer(folder: Path, number: int) -> Path:
    """The Go bridge of tomorrow, built: its store has one upgrade more than this checkout's."""
    upgrade, plan, program = folder / "tomorrow.sql", folder / "overlay.json", folder / "newer-bridge"
    upgrade.write_text("CREATE TABLE tomorrow (id INTEGER PRIMARY KEY) STRICT;\n", encoding="utf-8")
    more = STORE / "upgrades" / f"{number:04}_tomorrow.sql"
    plan.write_text(json.dumps({"Replace": {str(more): str(upgrade)}}), encoding="utf-8")
    command = ("go", "build", "-C", str(HOUSE / "whatsapp-bridge"), "-overlay", str(plan), "-o", str(program), ".")
    subprocess.run(command, check=True, env={**os.environ, "CGO_ENABLED": "0"}, timeout=250)
    return program
