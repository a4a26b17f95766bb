"""Starts a program again where it listened before, as a person or a supervisor does after something was mended."""

from __future__ import annotations

from collections.abc import Sequence

from cli.stage import Program


async def restart(program: Program, *, before: Sequence[str] = ()) -> None:
    """End it if it runs, and start it on the same port; `before` stands before its command, as `env NAME=..`."""
    await program.stop()
    program.command = [
        *before,
        *(program.listen if part == "127.0.0.1:0" else part for part in program.command),
    ]
    await program.start()
