"""Draws docs/ERROR_HANDLING.md, and the part of TROUBLESHOOTING.md that has a heading for every error code."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cli.reference import DRAWN
from errors import REGISTRY, Code
from tools.catalogue import CATALOGUE

BEGIN = "<!-- From here on drawn by `make docs` from unified-mcp/errors.py; not edited by hand. -->"
SYMPTOM = re.compile(r"^### (.+)$", re.MULTILINE)
CODES = re.compile(r"^- Codes?: (.+)$", re.MULTILINE)


def draw_errors() -> str:
    """docs/ERROR_HANDLING.md: every code with its meaning and cure."""
    users = {code: [tool.name for tool in CATALOGUE.values() if code in tool.errors] for code in Code}
    parts = [
        DRAWN,
        "# Errors\n\nA tool that fails answers with `isError` and one text block of JSON:\n\n"
        '```json\n{"success": false, "error_code": "CHAT_NOT_FOUND", "message": "what went wrong", '
        '"details": {}, "resolution": "what to do next", "help": "TROUBLESHOOTING.md#chat_not_found"}\n```\n\n'
        "An empty list is not an error. `help` leads to the code's heading in "
        "[TROUBLESHOOTING.md](../TROUBLESHOOTING.md#error-codes), which names the symptoms it goes with; the server "
        "adds it to the bridges' errors too.\n\n",
        "A request that may have been carried out (`BRIDGE_TIMEOUT`) is never repeated by the server; look first, then "
        "decide. Worth repeating after a while are `RATE_LIMIT` (details.retry_after_s says when), "
        "`WHATSAPP_NOT_CONNECTED`, `BAILEYS_NOT_CONNECTED` and `SYNC_IN_PROGRESS`. All others want something changed "
        "first, which the resolution names.\n",
    ]
    for code, entry in REGISTRY.items():
        parts.append(f"\n## {code}\n\n{entry.meaning}\n\n**What to do**: {entry.cure}\n\nHTTP status {entry.status}.")
        parts.append(f" [More](../TROUBLESHOOTING.md#{code.lower()}).")
        parts.append(f" Known from {_names(users[code])}.\n" if users[code] else "\n")
    return "".join(parts)


def draw_troubles(text: str) -> str:
    """TROUBLESHOOTING.md with its last part drawn anew: a heading for every code, and the symptoms that name it."""
    written = text.partition(BEGIN)[0].rstrip()
    parts = [f"{written}\n\n{BEGIN}\n\n## Error codes\n"]
    symptoms = _symptoms(written)
    for code, entry in REGISTRY.items():
        seen = ", ".join(f"[{title}](#{anchor(title)})" for title in symptoms.get(code, ()))
        parts.append(f"\n### {code}\n\n{entry.meaning} {entry.cure}" + (f" See: {seen}.\n" if seen else "\n"))
    return "".join(parts)


def _symptoms(written: str) -> dict[str, list[str]]:
    """The titles of the issues that name a code on their line of codes."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^(?=### )", written, flags=re.MULTILINE):
        title, codes = SYMPTOM.search(section), CODES.search(section)
        if title and codes:
            for code in re.findall(r"[A-Z_]{4,}", codes[1]):
                found.setdefault(code, []).append(title[1])
    return found


def anchor(title: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", title.strip().lower())
    return kept.replace(" ", "-")


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"[{name}](../API_REFERENCE.md#{name})" for name in names)
