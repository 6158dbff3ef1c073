"""A wire between a program and a server, which can be cut: nothing goes through any more, and nobody is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_HOST = "127.0.0.1"


class Wire:
    """Listens on `port`, once it is laid, and passes on to `target`, both on the loopback address."""

    def __init__(self, target: int) -> None:
        self.port, self._target = 0, target
        self._whole = asyncio.Event()
        self._whole.set()
        self._passing: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Holds back everything that is sent, new connections too."""
        self._whole.clear()

    def mend(self) -> None:
        """Lets everything through again, what was held back first."""
        self._whole.set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Wire]:
        """The wire while it is there."""
        server = await asyncio.start_server(self._welcome, _HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._passing:
                task.cancel()
            await asyncio.gather(*self._passing, return_exceptions=True)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._whole.wait()
        answers, asking = await asyncio.open_connection(_HOST, self._target)
        for source, sink in ((reader, asking), (answers, writer)):
            task = asyncio.create_task(self._pass(source, sink))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._whole.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            pass  # one side has ended it, and the other is told below
        finally:
            sink.close()
