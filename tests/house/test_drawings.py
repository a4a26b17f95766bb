"""What is drawn from the catalogue is up to date."""

from __future__ import annotations

from cli.docs import stale
from settings import HOUSE


def test_no_drawn_file_is_stale() -> None:
    assert [str(path.relative_to(HOUSE)) for path in stale()] == [], "run `make docs`"
