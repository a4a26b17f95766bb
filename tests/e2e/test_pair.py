"""pair as a person uses it: real bridges that are not linked, a real browser, and the emulated phone's camera."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from backends.baileys import BaileysBridge
from browser import chromium, picture, read_codes, read_drawing
from cli.pair_page import POLICY
from cli.roster import Entry
from cli.stage import until
from daily import Daily, machine
from holding import held
from pair_command import DRAWN, Command, pairing

GO, BAILEYS = "whatsapp-bridge", "baileys-bridge"
PATIENCE_MS = 30_000

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daily]:
    """A machine on which both bridges are up."""
    async with held(machine(tmp_path_factory.mktemp("pair"))) as daily:
        done = await asyncio.to_thread(daily.up)
        assert done.returncode == 0, done.stdout + done.stderr
        yield daily


@pytest_asyncio.fixture(loop_scope="module")
async def unlinked(here: Daily) -> Daily:
    """The same, with nothing linked: what was is logged out on the phone."""
    devices = await here.emulated.devices()
    for device in devices:
        await here.emulated.unlink(device.device)
    if devices:
        states = {"logged_out", "not_paired"}
        await until(
            lambda: asyncio.to_thread(here.report),
            lambda report: all(link.status and link.status.state in states for link in report.bridges),
        )
    return here


async def number(here: Daily) -> str:
    """That of the account on the phone."""
    return f"+{(await here.emulated.world()).account.pn.partition('@')[0]}"


async def address(command: Command) -> str:
    return (await command.hear(r"http://127\.0\.0\.1:\d+/\S+/"))[0]


async def test_the_page_is_for_this_machine_and_who_knows_its_path(unlinked: Daily) -> None:
    async with pairing(unlinked.environment, "--no-browser") as command, httpx.AsyncClient(trust_env=False) as client:
        url = await address(command)
        parts = urlsplit(url)
        assert len(parts.path.strip("/")) >= 43
        listening = [c for c in psutil.Process(command.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert [(c.laddr.ip, c.laddr.port) for c in listening if c.laddr] == [("127.0.0.1", parts.port)]
        page = await client.get(url)
        assert page.status_code == 200
        assert page.headers["content-security-policy"] == POLICY
        assert "http" not in POLICY
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        base = f"{parts.scheme}://{parts.netloc}"
        for refused in (f"{base}/", f"{base}/x{parts.path}", f"{url[:-2]}x/", f"{url}../", f"{base}/qr/{GO}.svg"):
            assert (await client.get(refused)).status_code == 404, refused
        for headers in (
            {"Host": f"evil.example:{parts.port}"},
            {"Host": "127.0.0.1"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            assert (await client.get(url, headers=headers)).status_code == 404, headers
            assert (await client.post(f"{url}codes", headers=headers)).status_code == 404, headers


@pytest.mark.browser
@pytest.mark.symptom("No QR code appears")
async def test_both_bridges_are_linked_from_the_page_in_a_browser(unlinked: Daily) -> None:
    asked: list[str] = []
    async with (
        pairing(unlinked.environment, "--no-browser", "--phone", await number(unlinked)) as command,
        chromium() as browser,
    ):
        url = await address(command)
        page = await browser.new_page(viewport={"width": 860, "height": 860})
        page.on("request", lambda request: asked.append(request.url))
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(url)
        for name in (GO, BAILEYS):
            await expect(card(page, name).locator("img")).to_be_visible(timeout=PATIENCE_MS)
            await expect(card(page, name).locator(".state")).to_contain_text(re.compile(r"this code lasts \d+ s"))
        await expect(card(page, GO).locator(".code")).to_have_text(re.compile("^[1-9A-Z]{4}-[1-9A-Z]{4}$"))
        codes = await until(lambda: photographed(page), lambda seen: len(seen) == 2)
        await picture(page, "pair.png")
        for linked, name in enumerate((GO, BAILEYS), 1):
            (code,) = await photographed(page, name)
            assert code in codes
            await unlinked.emulated.scan(code)
            await expect(card(page, name)).to_have_class("linked", timeout=PATIENCE_MS)
            await expect(card(page, name).locator(".state")).to_have_text(re.compile("^Linked as "))
            if linked == 1:
                await expect(page.locator("#summary")).to_have_text("1 of 2 linked")
        await expect(page.locator("#summary")).to_have_text("Both are linked. You can close this page.")
        await picture(page, "linked.png")
        assert await command.end() == 0
    assert problems == []
    assert {f"{parts.scheme}://{parts.netloc}" for one in asked if (parts := urlsplit(one))} == {
        f"http://{urlsplit(url).netloc}"
    }
    report = await asyncio.to_thread(unlinked.report)
    assert report.sound


def card(page: Page, name: str) -> Locator:
    return page.locator(f"section[data-bridge={name}]")


async def photographed(page: Page, name: str | None = None) -> set[str]:
    """What a phone reads off the screen."""
    return read_codes(await (page if name is None else card(page, name)).screenshot())


async def test_both_bridges_are_linked_from_the_terminal(unlinked: Daily) -> None:
    async with pairing(unlinked.environment, "--terminal") as command:
        for name in (GO, BAILEYS):
            drawing = await command.hear(DRAWN.format(name=name))
            (code,) = read_drawing(drawing[1])
            await unlinked.emulated.scan(code)
        assert await command.end() == 0
    assert f"{GO} is linked as " in command.said
    assert f"{BAILEYS} is linked as " in command.said
    again = await asyncio.to_thread(unlinked.run, "pair")
    assert again.returncode == 0
    assert "linked as " in again.stdout
    assert "http" not in again.stdout


@pytest.mark.symptom("No QR code appears")
async def test_both_bridges_are_linked_by_codes_typed_on_the_phone(unlinked: Daily) -> None:
    async with pairing(unlinked.environment, "--terminal", "--phone", await number(unlinked)) as command:
        for name in (GO, BAILEYS):
            code = await command.hear(rf"{name}: .*type this code:\n([1-9A-Z]{{4}}-[1-9A-Z]{{4}})   \(until ")
            with pytest.raises(RuntimeError, match="not the code"):
                await unlinked.emulated.type_code("1234-5678")
            await unlinked.emulated.type_code(code[1])
        assert await command.end() == 0
    report = await asyncio.to_thread(unlinked.report)
    assert report.sound


async def test_a_number_that_is_not_the_phones_gets_no_code(unlinked: Daily) -> None:
    async with pairing(unlinked.environment, "--terminal", "--phone", "+1 555 0199") as command:
        refused = await command.hear(rf"{GO}: not_paired\. No code: (.*)\n")
        assert "WhatsApp gives no code for this number." in refused[1]


# Baileys writes down whom a code was asked for as if the link were made, and would log in as that.
async def test_a_code_that_nobody_typed_leaves_the_bridge_waiting_for_a_scan(unlinked: Daily) -> None:
    async with BaileysBridge(unlinked.settings) as baileys:
        await baileys.pair_again()
        await until(baileys.pairing, lambda seen: seen.qr is not None)
        given = await baileys.pair_by_code(await number(unlinked))
        assert re.fullmatch("[1-9A-Z]{4}-[1-9A-Z]{4}", given.code)
        before = unlinked.entry(BAILEYS)
        assert before.pid
        psutil.Process(before.pid).kill()
        await until(lambda: state_of(unlinked), lambda entry: entry.state == "running" and entry.pid != before.pid)
        pairing = await until(baileys.pairing, lambda seen: seen.qr is not None)
        assert (await baileys.status()).jid is None
        assert pairing.qr
        await unlinked.emulated.scan(pairing.qr)
        await until(baileys.status, lambda seen: seen.logged_in)


async def state_of(here: Daily) -> Entry:
    return here.entry(BAILEYS)


async def test_pairing_without_bridges_says_how_to_start_them(here: Daily) -> None:
    gone = {"WHATSAPP_MCP_GO_URL": "http://127.0.0.1:9", "WHATSAPP_MCP_BAILEYS_URL": "http://127.0.0.1:9"}
    done = await asyncio.to_thread(lambda: here.run("pair", "--no-browser", **gone))
    assert done.returncode == 1
    assert "whatsapp-mcp up" in done.stderr
    assert "Traceback" not in done.stderr
