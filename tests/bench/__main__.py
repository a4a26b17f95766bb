"""`make bench`: what is promised, measured. `--full` adds a store of five times the size, `--only` is for one part."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cli.build import build_all
from driver import Metrics, go_bench
from figures import Figure, Part, Times, told
from page import draw
from phone import flagship_part, history_part
from questions import CALLS, Answered, ask_all
from server import build_server
from settings import Settings
from system import Merged, merge, open_system
from weight import weigh
from world import COLUMNS, Row, World, write_history

MILLION = 1_000_000
PARTS = ("store", "history", "flagship")
MIB = 1024 * 1024
ALONE_MS, GROWTH = 2.0, 1.5
ROWS_PER_SECOND, OF_DRIVER = 25_000, 0.6
MEMORY_MIB, LOG_MIB, SIZE_RATIO = 200, 64, 1.6
AGAIN_SECONDS, WAIT_MS, LIVE_PER_SECOND = 1.0, 50, 200


@dataclass(frozen=True)
class Options:
    """What is to be measured."""

    messages: int
    full: bool
    write: bool
    seed: int
    only: str | None
    history: int

    def asks_for(self, part: str) -> bool:
        """Whether a part is to be measured."""
        return self.only in (None, part)


def say(text: str) -> None:
    """Tell what goes on."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")


def options(arguments: Sequence[str] | None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=MILLION, help="of the first store (default: a million)")
    parser.add_argument("--full", action="store_true", help="ask a store of five times as many messages too")
    parser.add_argument("--write", action="store_true", help="draw docs/performance.md")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=PARTS, help="one part alone; with --write the page keeps the others")
    parser.add_argument("--history", type=int, default=MILLION, help="messages on the phone (default: a million)")
    return Options(**vars(parser.parse_args(arguments)))


class Bench:
    """One run in one folder."""

    def __init__(self, folder: Path, chosen: Options) -> None:
        self.folder = folder
        self.options = chosen
        self.world = World(chosen.seed)
        self.first, self.second, self.more = (folder / f"{name}.db" for name in ("first", "second", "more"))

    async def run(self) -> list[Part]:
        """Everything, part by part."""
        count = self.options.messages
        say(f"making {count:,} messages, and as many again of which half are known")
        write_history(self.first, "first", self.world.rows(count, 1), self.world.people())
        write_history(self.second, "second", self._half_known(count), self.world.people())
        say("the first merge fills the store")
        async with open_system(self.folder) as system:
            filled = await merge(system, self.first)
            say("questions")
            nothing, small = ask_all(system, self.world)
        parts = [questions_part(count, nothing, small)]
        size = size_part(system.store)
        small_folder = self.folder / "small"
        if self.options.full:
            copied = small_folder / system.store.relative_to(self.folder)
            copied.parent.mkdir(parents=True)
            shutil.copyfile(system.store, copied)
        say("the bare driver, and live messages beside a merge, in Go")
        go = go_bench(
            "Driver|LiveBesideMerge", BENCH_FIRST=self.first, BENCH_SECOND=self.second, BENCH_STORE=system.store
        )
        say("the second merge, end to end, and once more")
        async with open_system(self.folder) as system:
            merged = await merge(system, self.second)
            again = await merge(system, self.second)
            if self.options.full:
                say(f"the store grows to {5 * count:,} messages")
                rows = self.world.rows(5 * count - round(1.5 * count), 3)
                write_history(self.more, "more", rows)
                await merge(system, self.more)
                say("questions, to the small store again and to the large one")
                # Half an hour lies behind the first answers, and a shared machine may be twice as slow by now.
                async with open_system(small_folder) as before:
                    small = ask_all(before, self.world)[1]
                parts.append(growth_part(5 * count, small, ask_all(system, self.world)[1]))
        parts += [merge_part(filled, merged, again, go), live_part(go["LiveBesideMerge"]), size, await weight_part()]
        return parts

    def _half_known(self, count: int) -> Iterator[Row]:
        with closing(sqlite3.connect(self.first)) as database:
            known = database.execute(
                f"SELECT {COLUMNS.removesuffix(', seq')} FROM messages WHERE seq % 2 = 0 ORDER BY seq"
            )
            for pair in zip(known, self.world.rows(count // 2, 2), strict=False):
                yield from pair


def questions_part(count: int, nothing: Times, answered: Sequence[Answered]) -> Part:
    """The table of questions."""
    rows = [
        Figure("a call that asks nothing of a bridge", nothing.median, "ms", more=nothing.spread),
        *(
            Figure(each.question.name, each.whole.median, "ms", each.question.at_most, more=each.whole.spread)
            for each in answered
        ),
        *(
            Figure(f"Go alone: {each.question.name}", each.alone.median, "ms", ALONE_MS, more=each.alone.spread)
            for each in answered
        ),
    ]
    return Part(f"Questions to {count:,} messages: median of {CALLS} calls, over MCP and stdio", rows)


def growth_part(count: int, small: Sequence[Answered], large: Sequence[Answered]) -> Part:
    """How the same questions grow."""
    rows = [
        Figure(
            f"{now.question.name}: times as long",
            now.whole.median / then.whole.median,
            "",
            GROWTH,
            more=f"{then.whole.median:.2f} ms, now {now.whole.median:.2f} ms; {now.whole.spread}",
        )
        for then, now in zip(small, large, strict=True)
    ]
    return Part(f"The same questions to {count:,} messages, and to the store before it in the same minute", rows)


def merge_part(filled: Merged, merged: Merged, again: Merged, go: dict[str, Metrics]) -> Part:
    """The merge from end to end."""
    rate, short, long = merged.report.rows_per_second, go["Driver/500"]["rows/s"], go["Driver/50000"]["rows/s"]
    report = merged.report
    told_rows = f"{report.read:,} rows, {report.inserted:,} new, {report.duplicates:,} known, in {report.seconds:.1f} s"
    return Part(
        "Merge of as many rows, half of them known, into that store: from one file into the other",
        [
            Figure("rows a second", rate, "", ROWS_PER_SECOND, at_least=True, more=told_rows),
            Figure(
                "of what the bare driver inserts",
                rate / short,
                "",
                OF_DRIVER,
                at_least=True,
                more=f"{short:,.0f} rows a second in transactions of 500",
            ),
            Figure("the same in transactions of 50,000", rate / long, "", more=f"{long:,.0f} rows a second"),
            Figure("rows a second into an empty store", filled.report.rows_per_second, ""),
            Figure("a second run, with the start of its process", again.seconds, "s", AGAIN_SECONDS),
            Figure("memory of the Go bridge", merged.bridge_memory / MIB, "MiB", MEMORY_MIB),
            Figure("memory of the merging process", merged.merge_memory / MIB, "MiB", MEMORY_MIB),
            Figure("longest write-ahead log", merged.wal / MIB, "MiB", LOG_MIB),
        ],
    )


def live_part(live: Metrics) -> Part:
    """Live messages beside the merge."""
    return Part(
        "Live messages while such a merge runs, inside the Go bridge's store",
        [
            Figure(
                "a second",
                live["live/s"],
                "",
                more=f"asked for: {LIVE_PER_SECOND}; merged beside it: {live['rows/s']:,.0f} rows/s",
            ),
            Figure(
                "wait, 99.9th percentile",
                live["p99.9-ms"],
                "ms",
                WAIT_MS,
                more=f"median {live['p50-ms']:.1f}, p99 {live['p99-ms']:.1f}, longest {live['max-ms']:.1f}",
            ),
            Figure("lost", live["missing"], "", 0),
            Figure("longest write-ahead log", live["wal-bytes"] / MIB, "MiB", LOG_MIB),
        ],
    )


def size_part(store: Path) -> Part:
    """The file as the bridge left it, against its message rows alone."""
    plain = store.with_name("plain.db")
    with closing(sqlite3.connect(plain, isolation_level=None)) as database:
        database.execute("ATTACH ? AS store", (str(store),))
        database.execute("CREATE TABLE plain AS SELECT * FROM store.message_rows")
        (rows,) = database.execute("SELECT count(*) FROM plain").fetchone()
    whole, bare = store.stat().st_size, plain.stat().st_size
    plain.unlink()
    return Part(
        "Size of the store",
        [
            Figure(
                "messages.db against its plain rows",
                whole / bare,
                "",
                SIZE_RATIO,
                more=f"{whole / MIB:,.0f} MiB and {bare / MIB:,.0f} MiB, {whole / rows:.0f} bytes a message",
            ),
        ],
    )


async def weight_part() -> Part:
    """What the list of tools costs every conversation before anything is asked."""
    weight = weigh(await build_server(Settings()).list_tools())
    return Part(
        f"The list of {weight.tools} tools",
        [
            Figure("on the wire", weight.bytes / 1000, "kB", weight.most_bytes / 1000),
            Figure("tokens that a model reads", weight.tokens, "", weight.most_tokens, more="about, by its length"),
        ],
    )


async def measure(folder: Path, chosen: Options) -> list[Part]:
    """The parts that are asked for."""
    parts: list[Part] = []
    if chosen.asks_for("store"):
        parts += await Bench(folder, chosen).run()
    if chosen.asks_for("history"):
        parts.append(await history_part(folder / "history", chosen.history, chosen.seed, say))
    if chosen.asks_for("flagship"):
        parts.append(await flagship_part(folder / "flagship", say))
    return parts


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and exit with 1 when a promise is broken."""
    chosen = options(arguments)
    build_all(say)
    with tempfile.TemporaryDirectory(prefix="whatsapp-mcp-bench-") as folder:
        parts = asyncio.run(measure(Path(folder), chosen))
    sys.stdout.write(told(parts))
    if chosen.write:
        draw(parts, full=chosen.full, seed=chosen.seed, only=chosen.only)
    broken = [figure.name for part in parts for figure in part.figures if not figure.holds]
    if broken:
        say(f"{len(broken)} promises are broken: {'; '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
