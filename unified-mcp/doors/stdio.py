"""The server over stdin and stdout: what Claude Desktop and Cursor start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server.runner import serve_dual_era_loop
from mcp.server.stdio import stdio_server
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCRequest

from server import CatalogueServer

Frame = SessionMessage | Exception
"""A line of the client, read or not."""


async def serve(server: CatalogueServer) -> None:
    """Serve until the client closes stdin."""
    async with stdio_server() as (read, write):
        await serve_streams(server, read, write)


async def serve_streams(server: CatalogueServer, read: ReadStream[Frame], write: WriteStream[SessionMessage]) -> None:
    """Serve one client of either era of the protocol.

    The SDK lets the first request decide the era for good, and refuses the handshake of a client that only probes with
    `server/discover` before it (anthropics/claude-code#96183). So each probe is answered on a connection of its own,
    and the first other request decides.
    """
    core = server._lowlevel_server
    async with core.lifespan(core) as floor:

        async def converse(asked: ReadStream[Frame], answers: WriteStream[SessionMessage]) -> None:
            await serve_dual_era_loop(
                core, asked, answers, lifespan_state=floor, init_options=core.create_initialization_options()
            )

        async def probe(frame: SessionMessage) -> None:
            ask, asked = anyio.create_memory_object_stream[Frame](1)
            answers, answered = anyio.create_memory_object_stream[SessionMessage](1)
            async with anyio.create_task_group() as tasks, ask, answered:
                tasks.start_soon(converse, asked, answers)
                await ask.send(frame)
                await write.send(await answered.receive())
                tasks.cancel_scope.cancel()

        decided, rest = anyio.create_memory_object_stream[Frame]()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_relay, read, decided, probe)
            await converse(rest, write)
            tasks.cancel_scope.cancel()


async def _relay(
    read: ReadStream[Frame],
    decided: MemoryObjectSendStream[Frame],
    probe: Callable[[SessionMessage], Awaitable[None]],
) -> None:
    """Hand on what the client writes, but the probes before its first other request."""
    open_ = True
    async with decided:
        async for frame in read:
            if open_ and isinstance(frame, SessionMessage) and isinstance(frame.message, JSONRPCRequest):
                if frame.message.method == "server/discover":
                    await probe(frame)
                    continue
                open_ = False
            await decided.send(frame)
