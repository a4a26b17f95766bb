"""A folder that must not be written, a full disk and a damaged file: each gives its error, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from mcp import Client

from backends.baileys import BaileysBridge
from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Emulated
from cli.stage import Program, StageError, baileys_program, emulator_program, link, until, whatsapp_program
from restart import restart
from server import build_server
from settings import HOUSE, Settings
from temp_rows import TempRows, message
from tools.results import MessageList

ANN = "15550120@s.whatsapp.net"
ROWS = 3000
# Root may write where modes forbid it, unless it gives that up.
BOUND_BY_MODES = ("setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override")
AS_A_USER = BOUND_BY_MODES if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


async def sync(settings: Settings, prefix: Sequence[str] = ()) -> tuple[int | None, str]:
    """Exit code of `whatsapp-mcp sync` and what it said."""
    process = await asyncio.create_subprocess_exec(
        *prefix,
        sys.executable,
        str(HOUSE / "unified-mcp" / "main.py"),
        "sync",
        env={
            **os.environ,
            "WHATSAPP_MCP_GO_URL": settings.go_url,
            "WHATSAPP_MCP_MESSAGES_DB": str(settings.messages_db),
            "WHATSAPP_MCP_BAILEYS_DB": str(settings.baileys_db),
            "WHATSAPP_MCP_TOKEN_FILE": str(settings.token_path),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def numbers(settings: Settings) -> list[int]:
    """The numbers of Ann's stored messages."""
    found: list[int] = []
    cursor: dict[str, str] = {}
    async with Client(build_server(settings), mode="legacy") as client:
        while True:
            page = await Caller(client).ask(
                MessageList, "query_synced_messages", chat_jid=ANN, limit=200, sort="oldest", **cursor
            )
            found += [int(hit.id.removeprefix("3EB0"), 16) for hit in page.messages]
            if page.next_cursor is None:
                return found
            cursor = {"cursor": page.next_cursor}


def fill(rows: TempRows, more: str = "") -> None:
    rows.add("messages", *(message(ANN, n, f"line {n} {more}") for n in range(ROWS)))


async def test_a_damaged_temp_file_is_named_and_a_fresh_one_completes_the_store(
    unpaired_settings: Settings, temp_rows: TempRows
) -> None:
    fill(temp_rows)
    whole = temp_rows.path.read_bytes()
    middle = len(whole) // 2
    temp_rows.path.write_bytes(whole[:middle] + b"\xa5" * 40_000 + whole[middle + 40_000 :])
    code, said = await sync(unpaired_settings)
    assert code == 1
    assert "baileys_temp.db is damaged" in said
    assert "messages.db is untouched" in said
    temp_rows.remove()
    fill(TempRows(temp_rows.path, "another-origin"))
    code, said = await sync(unpaired_settings)
    assert (code, said.split(" ")[0]) == (0, str(ROWS))
    assert await numbers(unpaired_settings) == list(range(ROWS))


async def test_a_temp_file_in_a_folder_that_must_not_be_written_is_read_once_it_may(
    unpaired_settings: Settings, temp_rows: TempRows
) -> None:
    fill(temp_rows)
    folder = temp_rows.path.parent
    folder.chmod(0o500)
    try:
        code, said = await sync(unpaired_settings, AS_A_USER)
    finally:
        folder.chmod(0o700)
    assert code == 1
    assert "baileys_temp.db cannot be read now" in said
    assert "writable" in said
    assert (await sync(unpaired_settings, AS_A_USER))[0] == 0
    assert await numbers(unpaired_settings) == list(range(ROWS))


async def test_a_store_that_must_not_be_written_is_refused_and_kept(
    go_bridge: Program, unpaired_settings: Settings, temp_rows: TempRows
) -> None:
    fill(temp_rows)
    assert (await sync(unpaired_settings))[0] == 0
    await go_bridge.stop()
    store = unpaired_settings.messages_db
    store.chmod(0o400)
    with pytest.raises(StageError, match=r"messages\.db.*permission denied"):
        await restart(go_bridge, before=AS_A_USER)
    store.chmod(0o600)
    await restart(go_bridge)
    assert await numbers(unpaired_settings) == list(range(ROWS))


@pytest.mark.symptom("The folder cannot be written")
async def test_a_folder_that_must_not_be_written_ends_the_start_with_one_clear_line_and_another_is_taken(
    built: None, tmp_path: Path
) -> None:
    emulator = emulator_program(tmp_path, WORLD)
    await emulator.start()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    elsewhere = tmp_path / "elsewhere"

    def bridge(folder: Path) -> Program:
        program = whatsapp_program(folder, emulator.listen)
        return Program(program.name, [*AS_A_USER, *program.command], tmp_path)

    try:
        with pytest.raises(StageError, match=rf"making the store's folder: .*{closed}.*permission denied"):
            await bridge(closed).start()
        assert list(closed.iterdir()) == []
        other = bridge(elsewhere)
        await other.start()
        try:
            settings = Settings(go_url=f"http://{other.listen}", messages_db=elsewhere / "whatsapp" / "messages.db")
            async with GoBridge(settings) as go:
                assert (await go.status()).state == "not_paired"
        finally:
            await other.stop()
        closed.chmod(0o700)
        mended = bridge(closed)
        await mended.start()
        await mended.stop()
    finally:
        closed.chmod(0o700)
        await emulator.stop()


MOUNTED = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
SMALL = 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"'


def mountable() -> bool:
    """Whether a process may have a small disk of its own here. The store has a test of a full disk that needs none."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return False
    tried = subprocess.run([*MOUNTED, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
    return tried.returncode == 0


if mountable():

    @pytest.mark.symptom("The disk is full")
    async def test_a_full_disk_ends_the_merge_with_its_error_and_the_next_run_completes_it(
        built: None, tmp_path: Path, temp_rows: TempRows
    ) -> None:
        emulator = emulator_program(tmp_path, WORLD)
        await emulator.start()
        small = tmp_path / "whatsapp"
        small.mkdir()
        plain = whatsapp_program(tmp_path, emulator.listen)
        token = tmp_path / "bridge.token"
        command = [str(token) if part.endswith("bridge.token") else part for part in plain.command]
        program = Program(plain.name, [*MOUNTED, SMALL, str(small), *command], tmp_path)
        try:
            await program.start()
            settings = Settings(
                go_url=f"http://{program.listen}",
                messages_db=small / "messages.db",
                baileys_db=temp_rows.path,
                token_file=token,
            )
            fill(temp_rows, "words " * 300)
            code, said = await sync(settings)
            assert code == 1
            assert "disk is full" in said
            assert "Free some space" in said
            assert "disk is full" in program.log.read_text(encoding="utf-8")
            kept = await numbers(settings)
            assert kept == list(range(len(kept)))
            enlarge = ("mount", "-o", "remount,size=200m", str(small))
            process = await asyncio.create_subprocess_exec(
                "nsenter", "--user", "--mount", "--preserve-credentials", "--target", str(program.pid), *enlarge
            )
            assert await process.wait() == 0
            assert (await sync(settings))[0] == 0
            assert await numbers(settings) == list(range(ROWS))
        finally:
            await program.stop()
            await emulator.stop()

    async def test_a_full_disk_of_the_temp_store_is_told_and_what_came_meanwhile_is_stored_once_there_is_room(
        built: None, tmp_path: Path
    ) -> None:
        emulator = emulator_program(tmp_path, WORLD)
        await emulator.start()
        small, token = tmp_path / "baileys", tmp_path / "bridge.token"
        small.mkdir()
        plain = baileys_program(tmp_path, emulator.listen)
        command = [str(token) if part.endswith("bridge.token") else part for part in plain.command]
        program = Program(plain.name, [*MOUNTED, SMALL, str(small), *command], tmp_path, where=plain.where)
        emulated = Emulated(emulator.listen)

        async def inside(line: str) -> None:
            process = await asyncio.create_subprocess_exec(
                *("nsenter", "--user", "--mount", "--preserve-credentials", "--target", str(program.pid)),
                *("sh", "-c", line, str(small)),
                stderr=asyncio.subprocess.DEVNULL,
            )
            await process.wait()

        try:
            await program.start()
            settings = Settings(baileys_url=f"http://{program.listen}", token_file=token)
            async with BaileysBridge(settings) as baileys:
                await link(baileys, emulated)
                await until(baileys.history, lambda seen: seen.initial.state == "completed", 60)
                before = (await baileys.history()).rows
                await inside('dd if=/dev/zero of="$0/fill" bs=4k')
                said = [await emulated.say("Bob Carver", f"{n} " + "words " * 400) for n in range(30)]
                full = await until(baileys.status, lambda seen: seen.not_stored is not None, 20)
                assert full.state == "connected"
                await inside('rm "$0/fill"')
                last = await emulated.say("Bob Carver", "There is room again.")
                everything = before + len([*said, last])
                await until(baileys.history, lambda seen: seen.rows == everything, 60)
                assert (await baileys.status()).not_stored is None
        finally:
            await program.stop()
            await emulated.close()
            await emulator.stop()
