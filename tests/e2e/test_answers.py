"""What the documents show of every tool and in every example is what the system answers today."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from answers.recorder import Recorder
from answers.steady import held as steady
from cli.answers import FOLDER, read_pages, read_tool
from holding import held
from record import played, said
from tools.catalogue import CATALOGUE

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = ("basic-messaging", "community-management", "hybrid-operations")
RECORD = "run `make record` and look at what has changed"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorder(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Recorder]:
    """All calls, played anew on a stage of their own."""
    async with held(played(tmp_path_factory.mktemp("answers"))) as replayed:
        yield replayed


@pytest.mark.parametrize("name", list(CATALOGUE))
async def test_a_tool_answers_as_its_example_in_the_reference(recorder: Recorder, name: str) -> None:
    recorded = read_tool(name)
    assert recorded is not None, RECORD
    assert said(recorder.tools[name]) == said(recorded), RECORD


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_of_examples_is_answered_as_it_stands(recorder: Recorder, name: str) -> None:
    recorded = {page.name: page for page in read_pages()}[name]
    assert len(recorded.examples) == 10
    for example, kept in zip(recorder.pages[name].examples, recorded.examples, strict=True):
        for step, shown in zip(example.steps, kept.steps, strict=True):
            assert steady(step) == steady(shown), f"{example.title}: {RECORD}"
    assert said(recorder.pages[name]) == said(recorded), RECORD


async def test_nothing_is_recorded_that_nobody_plays(recorder: Recorder) -> None:
    assert {*recorder.tools} == {*CATALOGUE}
    assert {*recorder.pages} == {*PAGES}
    assert {path.stem for path in FOLDER.glob("*.json")} == {*CATALOGUE}
    assert {path.stem for path in (FOLDER / "pages").glob("*.json")} == {*PAGES}
