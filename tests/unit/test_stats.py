"""`whatsapp-mcp stats`: what is stored, in the terminal and as a page that loads nothing and runs nothing."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import xml.etree.ElementTree as ET
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pydantic import JsonValue

from cli.picture import clean, every_month
from errors import Code
from fake_bridge import FakeBridge, Seen, refusing
from main import main
from settings import Settings
from tools.results import MonthCount

Shown = pytest.CaptureFixture[str]
NOW = "2026-03-08T18:00:00Z"
HOSTILE = '<script src="https://evil.example/x.js"></script>&"\'\x1b[31m\u202eabc'


def statistics(months: int = 3, name: str = "Ann") -> dict[str, JsonValue]:
    chats: list[JsonValue] = [
        {"chat_jid": "15550101@s.whatsapp.net", "chat_name": name, "messages": 1200},
        {"chat_jid": "120363000000000001@g.us", "chat_name": "朝の散歩 🚶", "messages": 34},
    ]
    by_month: list[JsonValue] = [
        {"month": f"{2024 + n // 12}-{n % 12 + 1:02}", "messages": 100 * n + 1} for n in range(months)
    ]
    return {
        "messages": 1234,
        "from_me": 200,
        "chats": 2,
        "people": 5,
        "first_at": "2024-01-01T00:00:00Z",
        "last_at": NOW,
        "by_kind": [{"kind": "text", "messages": 1000}, {"kind": "unsupported:<x>", "messages": 234}],
        "busiest_chats": chats,
        "busiest_hours": [{"hour": 23, "messages": 1000}, {"hour": 4, "messages": 234}],
        "by_month": by_month,
    }


def checkpoint(chat: str, *, exhausted: bool) -> dict[str, JsonValue]:
    return {
        "chat_jid": chat,
        "chat_name": "Ann",
        "messages": 1200,
        "oldest_at": "2024-01-01T08:00:00Z",
        "newest_at": NOW,
        "state": "completed",
        "exhausted": exhausted,
        "can_ask_more": not exhausted,
        "gaps": [],
        "updated_at": NOW,
    }


@pytest.fixture
def bridge(go: FakeBridge, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> FakeBridge:
    """A bridge that knows two chats, its checkpoints on two pages."""
    monkeypatch.setenv("WHATSAPP_MCP_GO_URL", settings.go_url)
    monkeypatch.setenv("WHATSAPP_MCP_TOKEN_FILE", str(settings.token_path))
    monkeypatch.setenv("COLUMNS", "100")

    def pages(seen: Seen) -> dict[str, JsonValue]:
        if "cursor" not in seen.query:
            row = checkpoint("15550101@s.whatsapp.net", exhausted=True)
            return {"checkpoints": [row], "total": 2, "next_cursor": "more"}
        return {"checkpoints": [checkpoint("15550102@s.whatsapp.net", exhausted=False)], "total": 2}

    go.on("GET", "/api/statistics", statistics())
    go.on("GET", "/api/history/checkpoints", pages)
    return go


def test_the_terminal_shows_the_figures_with_bars(bridge: FakeBridge, capsys: Shown) -> None:
    assert main(["stats"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    for line in (
        "1,234 messages in 2 chats, 200 of them your own",
        "5 people, 2024-01-01 to 2026-03-08",
        "history was fetched or pushed for 2 chats; 1 are complete",
    ):
        assert line in shown.out
    rows = shown.out.splitlines()
    (ann,) = (row for row in rows if row.startswith("  Ann"))
    (walk,) = (row for row in rows if "朝の散歩" in row)
    assert "1,200" in ann
    assert "since 2024-01-01, complete" in ann
    assert "never fetched" in walk
    assert ann.count("█") > 10 > walk.count("█")
    assert all(len(row) <= 100 for row in rows)
    by_month = rows[rows.index("By month") + 1 : rows.index("Busiest chats") - 1]
    assert [row.split()[:2] for row in by_month] == [["2024-01", "1"], ["2024-02", "101"], ["2024-03", "201"]]
    hours = rows[rows.index("By hour of the day") + 1 :]
    assert [row.split()[0] for row in hours] == ["04h", "23h"]


def test_many_months_are_cut_in_the_terminal_and_nothing_of_them_is_lost(bridge: FakeBridge, capsys: Shown) -> None:
    bridge.on("GET", "/api/statistics", statistics(months=40))
    assert main(["stats"]) == 0
    rows = capsys.readouterr().out.splitlines()
    by_month = rows[rows.index("By month") + 1 : rows.index("Busiest chats") - 1]
    assert len(by_month) == 25
    assert by_month[0].split()[:2] == ["before", f"{sum(100 * n + 1 for n in range(16)):,}"]


def test_an_empty_store_has_a_picture_too(bridge: FakeBridge, capsys: Shown, tmp_path: Path) -> None:
    empty: dict[str, JsonValue] = {"messages": 0, "from_me": 0, "chats": 0, "people": 0}
    lists: dict[str, JsonValue] = {"by_kind": [], "busiest_chats": [], "busiest_hours": [], "by_month": []}
    bridge.on("GET", "/api/statistics", {**empty, **lists})
    bridge.on("GET", "/api/history/checkpoints", {"checkpoints": [], "total": 0})
    assert main(["stats"]) == 0
    assert "no messages yet" in capsys.readouterr().out
    assert main(["stats", "--html", str(tmp_path / "page.html")]) == 0
    ET.parse(tmp_path / "page.html")


def test_names_of_others_move_no_cursor(bridge: FakeBridge, capsys: Shown) -> None:
    bridge.on("GET", "/api/statistics", statistics(name=HOSTILE))
    assert main(["stats"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert clean("a\nb\u200bc\x00d\ud83d \u2066e") == "a bc d e"


class Page(HTMLParser):
    """Every tag with its attributes, and the text of the style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


@pytest.mark.parametrize("months", [1, 3, 40, 150])
def test_the_page_is_whole_loads_nothing_and_runs_nothing(
    bridge: FakeBridge, capsys: Shown, tmp_path: Path, months: int
) -> None:
    bridge.on("GET", "/api/statistics", statistics(months, HOSTILE))
    file = tmp_path / "page.html"
    assert main(["stats", "--html", str(file)]) == 0
    shown = capsys.readouterr()
    assert (shown.out, str(file) in shown.err) == ("", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    root = ET.fromstring(text)  # well-formed as XML too
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "footer"),
        *("svg", "rect", "text", "table", "tr", "th", "td", "bdi"),
    }
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & {"src", "href", "srcset", "style", "action", "data", "xlink:href", "background"}
    assert not [name for name in names if name.startswith("on")]
    assert "url(" not in page.style
    assert "@import" not in page.style
    (policy,) = (a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    digest = b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    # A name is there as text, whole but for what would change the page's direction.
    said = "".join(root.itertext())
    assert '<script src="https://evil.example/x.js"></script>&"\'' in said
    assert "\u202e" not in said
    bars = [element for element in root.iter("rect") if element.find("title") is not None]
    assert len(bars) == months
    assert all(0 <= float(bar.attrib["x"]) <= 960 and float(bar.attrib["y"]) >= 0 for bar in bars)
    assert not re.findall(r"https?://(?!evil)", text)


def test_the_figures_come_as_json_too(bridge: FakeBridge, capsys: Shown) -> None:
    assert main(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == statistics()


def test_what_fails_is_one_line(bridge: FakeBridge, capsys: Shown, tmp_path: Path) -> None:
    assert main(["stats", "--html", str(tmp_path / "nowhere" / "page.html")]) == 1
    assert "nowhere" in capsys.readouterr().err
    bridge.on("GET", "/api/statistics", refusing(Code.DATABASE_CORRUPT))
    for words in (["stats"], ["stats", "--html", str(tmp_path / "page.html")]):
        assert main(words) == 1
        shown = capsys.readouterr()
        assert (shown.out, shown.err.count("\n")) == ("", 1)
    bridge.down = True
    assert main(["stats"]) == 1
    assert "does not answer" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if "page" in path.name] == []


def test_months_without_messages_are_shown_between_those_with() -> None:
    given = [MonthCount(month="2024-11", messages=3), MonthCount(month="2025-02", messages=1)]
    shown = [(month.month, month.messages) for month in every_month(given)]
    assert shown == [("2024-11", 3), ("2024-12", 0), ("2025-01", 0), ("2025-02", 1)]
    assert every_month([]) == []
