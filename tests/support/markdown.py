"""The documents as GitHub shows them: headings with their anchors, links, code."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cli.troubles import anchor
from settings import HOUSE

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Document:
    """One markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the checkout."""
        return self.path.relative_to(HOUSE).as_posix()

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """The code blocks: language and content."""
        return [(found[2], found[3]) for found in FENCE.finditer(self.text)]

    @property
    def inline(self) -> list[str]:
        """What stands in backticks within the prose."""
        return INLINE.findall(self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """Where a link may point to; the second heading of a name gets a -1."""
        seen: Counter[str] = Counter()
        found = set()
        for title in HEADING.findall(self.prose):
            slug = anchor(LINK.sub(lambda link: link[0].split("]")[0].lstrip("["), title))
            found.add(slug if not seen[slug] else f"{slug}-{seen[slug]}")
            seen[slug] += 1
        return found

    @property
    def links(self) -> Iterator[tuple[Path, str]]:
        """File and anchor of every link that stays in the checkout."""
        for target in LINK.findall(self.prose):
            if not re.match(r"[a-z]+:", target):
                file, _, place = target.partition("#")
                yield (self.path.parent / file).resolve() if file else self.path, place


def documents() -> list[Document]:
    """Every markdown file that belongs to the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    found = listed or [
        path.relative_to(HOUSE).as_posix() for path in (*HOUSE.glob("*.md"), *HOUSE.glob("docs/**/*.md"))
    ]
    return [Document(HOUSE / name) for name in found]
