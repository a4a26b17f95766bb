"""docs/performance.md, where one part of the bench was measured alone."""

from __future__ import annotations

from figures import Figure, Part
from page import renewed

PAGE = """<!-- Drawn -->

# Performance

- Machine: one.

## Questions

| a | 1 |

## A history

| b | 2 |
"""


def test_a_part_that_was_measured_alone_takes_its_place_and_leaves_the_others() -> None:
    part = Part("A history", [Figure("messages a second", 12_345, "", 10_000, at_least=True)])
    page = renewed(PAGE, [part], "history")
    assert page.startswith(PAGE.split("## A history", maxsplit=1)[0])
    assert page.count("## A history") == 1
    assert "| b | 2 |" not in page
    assert "--only history" in page
    assert "| messages a second | 12,345 | >= 10,000 | holds |" in page
    assert renewed(page, [part], "history") == page


def test_a_part_that_the_page_does_not_have_yet_comes_last() -> None:
    page = renewed(PAGE, [Part("The flagship", [Figure("until it says completed", 40, "s", 60)])], "flagship")
    assert page.startswith(PAGE.rstrip("\n"))
    assert page.index("## The flagship") > page.index("| b | 2 |")
