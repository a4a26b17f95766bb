"""`whatsapp-mcp build`: check the toolchains and build both bridges and the emulator. What is fresh is left alone."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from cli.progress import steps
from settings import HOUSE

Say = Callable[[str], None]
STAMP = ".whatsapp-mcp-stamp"
EXE = ".exe" if os.name == "nt" else ""
NODE_DIRECTORY = HOUSE / "baileys-bridge"
GO_BRIDGE = HOUSE / "build" / f"whatsapp-bridge{EXE}"
EMULATOR = HOUSE / "build" / f"emulator{EXE}"
BAILEYS_BRIDGE = NODE_DIRECTORY / "dist" / "main.js"
NODE_LOCK = NODE_DIRECTORY / "package-lock.json"
NODE_STAMP = NODE_DIRECTORY / "dist" / STAMP


class BuildError(Exception):
    """One clear line that says what is missing or what failed."""


@dataclass(frozen=True)
class Toolchain:
    """A program that must be there, in at least this version."""

    name: str
    command: tuple[str, ...]
    wanted: tuple[int, int]
    where: str

    def check(self) -> str:
        """Its version, such as 1.26; raises `BuildError` when it is missing or too old."""
        wanted = ".".join(map(str, self.wanted))
        if shutil.which(self.command[0]) is None:
            raise BuildError(
                f"{self.name} {wanted} or later is needed and {self.command[0]} is not there: {self.where}"
            )
        # Asked inside the checkout go might fetch the toolchain that go.mod names; here its own version is wanted.
        said = subprocess.run(
            self.command, capture_output=True, text=True, check=False, env={**os.environ, "GOTOOLCHAIN": "local"}
        ).stdout
        found = re.search(r"(\d+)\.(\d+)", said)
        if found is None or (int(found[1]), int(found[2])) < self.wanted:
            have = f"{found[1]}.{found[2]}" if found else "an unknown version"
            raise BuildError(f"{self.name} {wanted} or later is needed, and this is {have}: {self.where}")
        return f"{found[1]}.{found[2]}"


GO = Toolchain("Go", ("go", "env", "GOVERSION"), (1, 26), "https://go.dev/dl/")
NODE = Toolchain("Node.js", ("node", "--version"), (20, 0), "https://nodejs.org/")
NPM = Toolchain("npm", ("npm", "--version"), (9, 0), "it comes with Node.js, https://nodejs.org/")


def build_all(say: Say) -> None:
    """Build both bridges and the emulator; raises `BuildError`."""
    build_bridges(say)
    with _alone(say):
        build_go(HOUSE / "tests" / "emulator", EMULATOR, say)


def build_bridges(say: Say) -> None:
    """Build both bridges; raises `BuildError`."""
    if not (HOUSE / "whatsapp-bridge" / "go.mod").is_file():
        raise BuildError(
            "The bridges are built from a checkout, and this is an installed package: clone the repository."
        )
    for toolchain in (GO, NODE, NPM):
        toolchain.check()
    with _alone(say):
        build_go(HOUSE / "whatsapp-bridge", GO_BRIDGE, say)
        build_node(say)


@contextmanager
def _alone(say: Say) -> Iterator[None]:
    """Two builds of one checkout would install packages into each other: the second waits, and finds all fresh."""
    GO_BRIDGE.parent.mkdir(exist_ok=True)
    lock = FileLock(GO_BRIDGE.with_name(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("waiting for another build of this checkout")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def build_go(source: Path, binary: Path, say: Say) -> None:
    """Build a Go module without cgo. Go's own cache makes a second time quick."""
    if not binary.is_file():
        say(f"building {binary.stem} (the first time takes a minute or two)")
    binary.parent.mkdir(exist_ok=True)
    inputs = _go_inputs(source)
    _run(("go", "build", "-C", str(source), "-o", str(binary), "."), source, {"CGO_ENABLED": "0"})
    # The stamp is as old as what was built, for who asks later whether a running bridge is older.
    if _changed(go_stamp(binary), inputs):
        _stamp(go_stamp(binary), inputs)


def go_stamp(binary: Path) -> Path:
    """What a Go program was built from, and by its age when."""
    return binary.with_name(f"{binary.name}.stamp")


def _go_inputs(source: Path) -> list[Path]:
    # The store's folder is a package, and holds what was received too.
    kinds = {".go", ".sql", ".mod", ".sum"}
    found = (path for path in source.rglob("*") if path.suffix in kinds or path == source / "openapi.json")
    return sorted(path for path in found if not path.name.endswith("_test.go") and path.is_file())


def is_fresh(bridge: Path) -> bool:
    """Whether one of the two bridges was built from the sources as they are now."""
    if bridge == GO_BRIDGE:
        return bridge.is_file() and not _changed(go_stamp(bridge), _go_inputs(HOUSE / "whatsapp-bridge"))
    return bridge.is_file() and not _changed(NODE_STAMP, _node_inputs())


def build_node(say: Say) -> None:
    """Install the locked packages and compile the Baileys bridge, each only when its input changed."""
    install_packages(NODE_DIRECTORY, "the Baileys bridge's packages", say)
    inputs = _node_inputs()
    if _changed(NODE_STAMP, inputs) or not BAILEYS_BRIDGE.is_file():
        say("compiling the Baileys bridge")
        _run(("npm", "run", "--silent", "build"), NODE_DIRECTORY, {})
        _stamp(NODE_STAMP, inputs)


def _node_inputs() -> list[Path]:
    sources = sorted(path for path in (NODE_DIRECTORY / "src").rglob("*") if path.is_file())
    return [NODE_LOCK, NODE_DIRECTORY / "tsconfig.json", NODE_DIRECTORY / "openapi.json", *sources]


def install_packages(folder: Path, what: str, say: Say) -> Path:
    """Install what the folder's lock names, when that changed; gives the lock. No script of a package runs."""
    lock = folder / "package-lock.json"
    stamp = folder / "node_modules" / STAMP
    if _changed(stamp, [lock]):
        say(f"installing {what}")
        _run(("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"), folder, {})
        _stamp(stamp, [lock])
    return lock


def _run(command: Sequence[str], where: Path, environment: dict[str, str]) -> None:
    program = shutil.which(command[0]) or command[0]
    done = subprocess.run(
        (program, *command[1:]),
        cwd=where,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-20:]
        raise BuildError(f"`{' '.join(command)}` failed in {where.name}:\n" + "\n".join(said))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _changed(stamp: Path, inputs: Iterable[Path]) -> bool:
    return not stamp.is_file() or stamp.read_text(encoding="ascii") != _digest(inputs)


def _stamp(stamp: Path, inputs: Iterable[Path]) -> None:
    stamp.write_text(_digest(inputs), encoding="ascii")


def run(arguments: Sequence[str]) -> int:
    """Build; 1 with one clear line when that fails."""
    argparse.ArgumentParser(prog="whatsapp-mcp build", description=__doc__).parse_args(arguments)
    try:
        with steps() as say:
            build_all(say)
    except BuildError as error:
        sys.stderr.write(f"whatsapp-mcp build: {error}\n")
        return 1
    return 0
