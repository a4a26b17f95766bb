"""Status tools, by what the bridges really are."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import World
from tools.results import BackendStatus, HistoryStatus

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_backend_status_says_that_both_companions_of_the_account_are_connected(
    caller: Caller, world: World
) -> None:
    status = await caller.ask(BackendStatus, "backend_status")
    assert status.summary == "Both bridges are connected: everything works."
    for report in (status.go, status.baileys):
        assert report.state == "connected"
        assert report.logged_in
        assert report.emulated
        assert report.jid == world.account.pn
    assert status.go.messages
    assert status.go.last_stored_at


async def test_get_baileys_sync_status_knows_the_initial_push_and_the_rows_it_brought(caller: Caller) -> None:
    status = await caller.ask(HistoryStatus, "get_baileys_sync_status")
    assert status.state == "connected"
    assert status.initial.state == "completed"
    assert status.initial.messages > 0
    assert status.last_seq >= status.initial.messages
    assert status.last_seq >= status.rows
