"""What is built once for all tests that run real programs."""

from __future__ import annotations

import pytest

from cli.build import BuildError, build_all


@pytest.fixture(scope="session")
def built() -> None:
    """Both bridges and the emulator. A toolchain that is missing or too old ends the run with one clear line."""
    try:
        build_all(lambda _: None)
    except BuildError as error:
        pytest.exit(str(error), returncode=1)
