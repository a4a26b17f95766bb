"""What is built once for all tests that run real programs."""

from __future__ import annotations

import pytest

from cli.build import build_all


@pytest.fixture(scope="session")
def built() -> None:
    """Both bridges and the emulator."""
    build_all(lambda _: None)
