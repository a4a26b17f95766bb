"""`make record`: plays every example on the demo's world and writes docs/answers; what is held equal is left alone."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import BaseModel

from answers import pages
from answers.recorder import Recorder
from answers.steady import held
from cli.answers import FOLDER, Page, ToolExample, page_path, tool_path
from cli.build import build_all
from cli.demo import WORLD, connect
from cli.stage import open_stage, until
from tools.results import HistoryProgress


@asynccontextmanager
async def played(folder: Path) -> AsyncIterator[Recorder]:
    """A recorder that has played everything, on a stage of its own."""
    async with open_stage(folder, WORLD) as stage:
        await stage.link()
        async with connect(stage) as client:
            recorder = Recorder(stage, client, await stage.emulated.world())
            await until(
                lambda: recorder.caller.ask(HistoryProgress, "retrieve_full_history", timeout=60),
                lambda job: job.state == "completed",
            )
            await pages.play(recorder)
            yield recorder


def same(kept: ToolExample | Page, new: ToolExample | Page) -> bool:
    """Whether two recordings differ only in what differs from run to run."""
    return said(kept) == said(new)


def said(recorded: ToolExample | Page) -> object:
    """What is held of a recording."""
    if isinstance(recorded, ToolExample):
        return recorded.question, held(recorded.step)
    examples = [(one.title, one.question, [held(step) for step in one.steps], one.told) for one in recorded.examples]
    return recorded.title, recorded.opening, examples


def _write(path: Path, new: ToolExample | Page) -> None:
    if path.is_file():
        try:
            kept = type(new).model_validate_json(path.read_bytes())
        except ValueError:
            kept = None
        if kept is not None and same(kept, new):
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(new), encoding="utf-8")
    sys.stdout.write(f"recorded: {path.relative_to(FOLDER.parent.parent)}\n")


def _text(recorded: BaseModel) -> str:
    return recorded.model_dump_json(indent=2, exclude_defaults=True, ensure_ascii=False) + "\n"


async def main() -> None:
    """Play and write."""
    build_all(lambda text: None)
    with tempfile.TemporaryDirectory(prefix="whatsapp-mcp-answers-", ignore_cleanup_errors=True) as folder:
        async with played(Path(folder)) as recorder:
            for name, example in recorder.tools.items():
                _write(tool_path(name), example)
            for page in recorder.pages.values():
                _write(page_path(page.name), page)
    kept = {tool_path(name) for name in recorder.tools} | {page_path(page.name) for page in recorder.pages.values()}
    for path in FOLDER.rglob("*.json"):
        if path not in kept:
            path.unlink()


if __name__ == "__main__":
    asyncio.run(main())
