"""The picture of the store as one page: no script, nothing loaded from anywhere, and what others wrote only as text."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from html import escape

from cli.picture import Picture, clean, every_month, headline, reach
from tools.results import MonthCount

STYLE = """
:root { color-scheme: light dark; --ink: #17211c; --quiet: #5c6b63; --paper: #fbfaf6; --bar: #1f8a5b; --line: #d9ddd6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ede9; --quiet: #9aa8a0; --paper: #141a17; --bar: #3fbf86; --line: #2c3631 }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem }
h1 { font-size: 1.6rem; margin: 0 0 .5rem }
h2 { font-size: 1.05rem; margin: 2.5rem 0 .75rem }
p, footer { margin: .15rem 0; color: var(--quiet) }
footer { margin-top: 3rem; font-size: .85rem }
svg { display: block; width: 100% }
rect { fill: var(--bar) }
text { fill: var(--quiet); font-size: 14px }
table { width: 100%; border-collapse: collapse }
th { text-align: left; font-weight: 500; overflow-wrap: anywhere; width: 30% }
td, th { padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: middle }
td.count { text-align: right; font-variant-numeric: tabular-nums; width: 6rem }
td.more { color: var(--quiet); font-size: .85rem }
td svg { height: .8rem; min-width: 6rem }
"""
POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
WIDTH, HEIGHT, LABELS = 960, 200, 24
YEAR = 12
LABEL = 40


def page(picture: Picture) -> str:
    """The whole page."""
    counts = picture.counts
    chats = [(chat.chat_name, chat.messages, reach(picture, chat)) for chat in counts.busiest_chats]
    hours = sorted(counts.busiest_hours, key=lambda hour: hour.hour)
    policy = POLICY.format(b64encode(hashlib.sha256(STYLE.encode()).digest()).decode())
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8" />\n',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}" />\n',
        '<meta name="referrer" content="no-referrer" />\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1" />\n',
        f"<title>What is stored</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>What is stored</h1>\n",
        *(f"<p>{escape(line)}</p>\n" for line in headline(picture)),
        _months(every_month(counts.by_month)),
        _table("Busiest chats", chats),
        _table("By kind", [(kind.kind, kind.messages, "") for kind in counts.by_kind]),
        _table("By hour of the day", [(f"{hour.hour:02}:00", hour.messages, "") for hour in hours]),
        f"<footer>Drawn on this machine at {picture.at:%Y-%m-%d %H:%M} UTC from messages.db. It names people: keep it "
        "to yourself.</footer>\n</main>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _months(months: Sequence[MonthCount]) -> str:
    if not months:
        return ""
    most = max(month.messages for month in months)
    column = WIDTH / max(len(months), 2 * YEAR)
    bars, labels = [], []
    free = 0.0
    for place, month in enumerate(months):
        left = place * column
        height = max(1, round(month.messages / most * HEIGHT)) if month.messages else 0
        bars.append(
            f'<rect x="{left:.2f}" y="{HEIGHT - height}" width="{column * 0.85:.2f}" height="{height}">'
            f"<title>{escape(month.month)}: {month.messages:,}</title></rect>"
        )
        if (place == 0 or month.month.endswith("-01")) and left >= free:
            labels.append(f'<text x="{left:.2f}" y="{HEIGHT + LABELS - 6}">{escape(month.month[:4])}</text>')
            free = left + LABEL
    return (
        f'<h2>By month</h2>\n<svg viewBox="0 0 {WIDTH} {HEIGHT + LABELS}" role="img" aria-label="Messages by month">'
        f"{''.join(bars)}{''.join(labels)}</svg>\n"
    )


def _table(title: str, rows: Sequence[tuple[str, int, str]]) -> str:
    if not rows:
        return ""
    most = max(count for _, count, _ in rows)
    drawn = "".join(
        f'<tr><th scope="row"><bdi>{escape(clean(name) or "(no name)")}</bdi></th><td class="count">{count:,}</td>'
        f'<td><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="0" '
        f'width="{max(1, round(count / most * 100))}" height="10" /></svg></td>'
        f'<td class="more">{escape(more)}</td></tr>\n'
        for name, count, more in rows
    )
    return f"<h2>{escape(title)}</h2>\n<table>\n{drawn}</table>\n"
