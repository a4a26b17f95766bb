"""The watch over two bridges that are being linked, and what its page is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from cli.pair_page import make_page, shown
from cli.pairing import Watch
from fake_link import FakeLink
from tools.declaration import Backend

GO, BAILEYS = "whatsapp-bridge", "baileys-bridge"
PHONE = "+1 555 0100"


@pytest_asyncio.fixture
async def links() -> AsyncIterator[tuple[FakeLink, FakeLink]]:
    async with FakeLink(Backend.GO) as go, FakeLink(Backend.BAILEYS) as baileys:
        yield go, baileys


async def test_it_ends_when_both_are_linked_and_not_before(links: tuple[FakeLink, FakeLink]) -> None:
    go, baileys = links
    watch = Watch(links)
    await watch.look()
    go.state = "connected"
    await watch.look()
    assert not watch.done
    baileys.state = "connected"
    await asyncio.wait_for(watch.run(), 5)
    assert [view.account for view in watch.views.values()] == ["Alex", "Alex"]


async def test_a_bridge_that_is_not_there_is_not_waited_for(links: tuple[FakeLink, FakeLink]) -> None:
    go, baileys = links
    go.state, baileys.reachable = "connected", False
    await asyncio.wait_for(Watch(links, absent_seconds=0).run(), 5)
    patient = Watch(links)
    await patient.look()
    assert not patient.done
    assert patient.views[BAILEYS].state == "unreachable"


async def test_a_bridge_that_comes_back_is_waited_for_again(links: tuple[FakeLink, FakeLink]) -> None:
    go, baileys = links
    go.state, baileys.reachable = "connected", False
    watch = Watch(links, absent_seconds=0.2)
    while not watch.done:
        await watch.look()
    baileys.reachable = True
    await watch.look()
    assert not watch.done


async def test_a_code_counts_anew_when_it_is_another_one(links: tuple[FakeLink, FakeLink]) -> None:
    go, _ = links
    watch = Watch(links)
    await watch.look()
    await watch.look()
    assert watch.views[GO].number == 1
    go.qr = "2@second"
    await watch.look()
    assert (watch.views[GO].number, watch.views[BAILEYS].number) == (2, 1)


async def test_codes_that_ran_out_are_asked_for_by_the_page_alone(links: tuple[FakeLink, FakeLink]) -> None:
    go, baileys = links
    watch = Watch(links)
    app, url = make_page(watch, 4000)
    go.qr = None
    await watch.look()
    view = shown(watch.views[GO])
    assert (view["scannable"], view["state"], view["note"]) == (False, "not_paired", "Do this.")
    assert go.renewed == 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        assert (await client.get(f"{url}qr/{GO}.svg")).status_code == 404
        assert (await client.get(f"{url}codes")).status_code == 405
        assert (await client.post(f"{url}codes")).status_code == 204
    assert (go.renewed, baileys.renewed) == (1, 1)


async def test_the_page_gets_pictures_and_never_the_text_of_a_code(links: tuple[FakeLink, FakeLink]) -> None:
    watch = Watch(links)
    await watch.look()
    assert "2@" not in str([shown(view) for view in watch.views.values()])
    app, url = make_page(watch, 4000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        picture = await client.get(f"{url}qr/{GO}.svg")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert picture.text.startswith("<svg")
        assert (await client.get(f"{url}qr/other.svg")).status_code == 404


async def test_codes_to_type_are_given_by_one_bridge_after_the_other(links: tuple[FakeLink, FakeLink]) -> None:
    go, baileys = links
    watch = Watch(links, PHONE)
    running = asyncio.create_task(watch.run())
    while watch.views[GO].code is None:
        await watch.change(5)
    assert (go.codes, baileys.codes) == (1, 0)
    go.state = "connected"
    while watch.views[BAILEYS].code is None:
        await watch.change(5)
    assert watch.views[GO].code is None
    baileys.state = "connected"
    await asyncio.wait_for(running, 5)
    assert (go.codes, baileys.codes) == (1, 1)


@pytest.mark.parametrize("again", [False, True])
async def test_a_refused_number_is_said_and_asked_for_again_only_when_wanted(
    links: tuple[FakeLink, FakeLink], again: bool
) -> None:
    go, _ = links
    go.refuses_code = True
    watch = Watch(links, PHONE)
    running = asyncio.create_task(watch.run())
    while "No code" not in (watch.views[GO].note or ""):
        await watch.change(5)
    if again:
        await watch.renew()
    asked = go.codes + again
    for _ in range(3):
        await watch.look()
    while go.codes < asked:
        await watch.change(0.05)
    assert go.codes == asked
    assert "No code: WhatsApp gives no code for this number." in (watch.views[GO].note or "")
    running.cancel()
