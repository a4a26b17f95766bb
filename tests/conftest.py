"""What is built once for all tests that run real programs."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

import pytest

from browser import NAMES, find_chromium
from cli.build import BuildError, build_all


@pytest.fixture(scope="session")
def built() -> None:
    """Both bridges and the emulator. A toolchain that is missing or too old ends the run with one clear line."""
    try:
        build_all(lambda _: None)
    except BuildError as error:
        pytest.exit(str(error), returncode=1)


LEFT_OUT = "left_out"
WITHOUT_BROWSER = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser's tests out where there is no browser; of two tests by one name xdist would run one."""
    twice = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twice:
        raise pytest.UsageError("\n".join(("Several tests have one name:", *twice)))
    left_out = [item for item in items if item.get_closest_marker("browser")] if find_chromium() is None else []
    config.stash[WITHOUT_BROWSER] = len(left_out)
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that shares the tests with others collects for the one that speaks at the end."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[LEFT_OUT] = session.config.stash[WITHOUT_BROWSER]


class Worker(Protocol):
    """What pytest-xdist, which is not typed, hands over of a process that ended."""

    config: pytest.Config


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Worker) -> None:
    """Each process has collected the same tests; one that crashed has no output."""
    output = getattr(node, "workeroutput", None)
    if output:
        node.config.stash[WITHOUT_BROWSER] = output[LEFT_OUT]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A run without the browser's tests says so, so that nobody takes it for a whole one."""
    count = config.stash.get(WITHOUT_BROWSER, 0)
    if count:
        terminalreporter.write_line(
            f"{count} browser tests DID NOT RUN: no {', '.join(NAMES)} is in PATH. `make browser` installs Chromium.",
            yellow=True,
        )
