"""What a person types every day, on the whole system: is everything well, and what is stored."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from playwright.async_api import expect

from browser import chromium, picture
from caller import Caller
from cli.stage import Stage
from command import command
from settings import HOUSE
from tools.results import MessageStatistics, SentMessage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_doctor_finds_nothing_wrong_with_a_system_that_works(
    caller: Caller, stage: Stage, tmp_path: Path
) -> None:
    here = {**stage.environment, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    written = await command("config", "claude", "--write", environment=here)
    assert written.code == 0, written.err
    done = await command("doctor", "--json", environment=here)
    report = json.loads(done.out)
    assert [row for row in report["findings"] if row["severity"] in ("warning", "error")] == []
    assert (done.code, done.err) == (0, "")
    found = {row["check"]: row["message"] for row in report["findings"] if row["severity"] == "fine"}
    assert found["messages.db integrity"].startswith("sound")
    assert found["baileys_temp.db integrity"].startswith("sound")
    newest = max(path.name for path in (HOUSE / "whatsapp-bridge" / "store" / "upgrades").glob("*.sql"))
    assert found["messages.db schema"] == f"schema {int(newest.partition('_')[0])}"
    for bridge in ("whatsapp-bridge", "baileys-bridge"):
        assert "connected" in found[f"{bridge} link"]
        assert "last heard of WhatsApp" in found[f"{bridge} events"]
        assert f"{bridge} clock" in found
        assert f"{bridge} build" in found
    token = stage.settings.read_token()
    assert token is not None
    assert token not in done.out


async def test_the_picture_shows_what_the_tool_counts(caller: Caller, stage: Stage, tmp_path: Path) -> None:
    counts = await caller.ask(MessageStatistics, "get_message_statistics")
    assert counts.messages == sum(month.messages for month in counts.by_month)
    assert [month.month for month in counts.by_month] == sorted({month.month for month in counts.by_month})
    shown = await command("stats", environment=stage.environment)
    assert (shown.code, shown.err) == (0, "")
    assert f"{counts.messages:,} messages in {counts.chats:,} chats" in shown.out
    file = tmp_path / "page.html"
    saved = await command("stats", "--html", str(file), "--json", environment=stage.environment)
    assert saved.code == 0, saved.err
    assert MessageStatistics.model_validate_json(saved.out).by_month == counts.by_month
    page = "".join(ET.parse(file).getroot().itertext())
    for chat in counts.busiest_chats:
        assert f"{chat.messages:,}" in page
    assert f"{counts.by_month[-1].month}: {counts.by_month[-1].messages:,}" in page


async def test_what_a_client_did_is_told_without_what_it_said(caller: Caller, stage: Stage) -> None:
    chat = (await stage.emulated.world()).contact("Bob Carver")
    sent = await caller.ask(SentMessage, "send_message", recipient=chat.pn, message="a word between us")
    told = await command("audit", "--last", "1", environment=stage.environment)
    assert (told.code, told.err) == (0, "")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  send_message  {re.escape(chat.pn)}  sent\n", told.out)
    whole = await command("audit", "--last", "1", "--json", environment=stage.environment)
    assert json.loads(whole.out)["message_id"] == sent.message_id
    assert "between us" not in whole.out


async def test_sync_merges_from_the_shell(caller: Caller, stage: Stage) -> None:
    done = await command("sync", environment=stage.environment)
    assert done.code == 0, done.err
    assert re.search(r"^\d+ rows read, \d+ new, \d+ filled, \d+ known, 0 conflicts, 0 refused, in ", done.out)


@pytest.mark.browser
async def test_the_page_of_it_is_drawn_in_a_browser_and_loads_nothing(
    caller: Caller, stage: Stage, tmp_path: Path
) -> None:
    counts = await caller.ask(MessageStatistics, "get_message_statistics")
    file = tmp_path / "page.html"
    saved = await command("stats", "--html", str(file), environment=stage.environment)
    assert saved.code == 0, saved.err
    asked: list[str] = []
    problems: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 860, "height": 600})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(file.as_uri())
        await expect(page.locator("h1")).to_have_text("What is stored")
        await expect(page.locator("p").first).to_contain_text(f"{counts.messages:,} messages in {counts.chats:,} chats")
        # The style has been taken, which the page's own policy has to allow, and bars stand as high as their months.
        await expect(page.locator("h1")).to_have_css("margin-top", "0px")
        chart = page.get_by_role("img", name="Messages by month")
        most = max(counts.by_month, key=lambda month: month.messages)
        bar = chart.locator("rect").filter(has_text=f"{most.month}: {most.messages:,}")
        drawn, whole = await bar.bounding_box(), await chart.bounding_box()
        assert drawn is not None
        assert whole is not None
        assert drawn["height"] > 0.8 * whole["height"]
        for chat in counts.busiest_chats:
            await expect(page.get_by_role("row").filter(has_text=f"{chat.messages:,}").first).to_be_visible()
        await picture(page, "stats.png", whole=False)
    assert asked == [file.as_uri()]
    assert problems == []
