"""The door through which other programs reach the embedded broker; our own processes go to it directly.

Clients on librdkafka before 2.2 (kcat of Debian 12) stumble over optional fields at the end of tansu's first answer,
which no client needs. The door leaves these out, and puts its own address where the broker tells its own. All else
passes as it is, so what is said through the door is what the broker says.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass, field

#: Requests whose answers are changed (Kafka protocol, api keys).
_METADATA, _FIND_COORDINATOR, _API_VERSIONS, _DESCRIBE_CLUSTER = 3, 10, 18, 60
_ADDRESSES = frozenset({_METADATA, _FIND_COORDINATOR, _DESCRIBE_CLUSTER})
#: From this version on the answer to ApiVersions ends with optional fields.
_TAGGED = 3
_HOST = "127.0.0.1"


@dataclass(slots=True)
class Door:
    """Listens on `port` and passes on to the broker on `broker_port`, both on the loopback address."""

    port: int
    broker_port: int
    _server: asyncio.Server | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Begins to listen."""

        def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = asyncio.create_task(self._talk(reader, writer))
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
            talk.add_done_callback(lambda _: writer.close())  # also of one that was cancelled before it began

        self._server = await asyncio.start_server(welcome, _HOST, self.port)

    async def shut(self) -> None:
        """Listens no more and ends all connections."""
        if self._server:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until one side ends it."""
        broker: asyncio.StreamWriter | None = None
        try:
            answers, broker = await asyncio.open_connection(_HOST, self.broker_port)
            asked: dict[int, tuple[int, int]] = {}
            ways = {
                asyncio.create_task(_pass_requests(reader, broker, asked)),
                asyncio.create_task(self._pass_answers(answers, writer, asked)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            pass  # the broker is away: the client sees its connection end, as it would without the door
        finally:
            ends = [end for end in (writer, broker) if end is not None]
            for end in ends:
                end.close()  # all before the first wait, which may be cancelled
            for end in ends:
                with contextlib.suppress(OSError):
                    await end.wait_closed()

    async def _pass_answers(
        self, answers: asyncio.StreamReader, client: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]
    ) -> None:
        ours, brokers = (_HOST.encode() + struct.pack(">i", port) for port in (self.port, self.broker_port))
        while True:
            answer = await _frame(answers)
            key, version = asked.pop(struct.unpack_from(">i", answer)[0], (-1, 0))
            if key in _ADDRESSES:
                answer = answer.replace(brokers, ours)
            elif key == _API_VERSIONS and version >= _TAGGED:
                answer = without_optional_fields(answer)
            client.write(struct.pack(">i", len(answer)) + answer)
            await client.drain()


async def _pass_requests(
    client: asyncio.StreamReader, broker: asyncio.StreamWriter, asked: dict[int, tuple[int, int]]
) -> None:
    """Passes requests on and notes those whose answers are changed: number, api key and version."""
    while True:
        request = await _frame(client)
        key, version, number = struct.unpack_from(">hhi", request)
        if key in _ADDRESSES or key == _API_VERSIONS:
            asked[number] = (key, version)
        broker.write(struct.pack(">i", len(request)) + request)
        await broker.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """One message of the protocol, without its length. Raises IncompleteReadError at the end."""
    (length,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(length)


def without_optional_fields(answer: bytes) -> bytes:
    """An answer to ApiVersions without the optional fields at its end; one that tells an error stays as it is.

    Number, error, count + 1 of the entries (a varint of one byte here), seven bytes for each, the throttle time.
    """
    error, count = struct.unpack_from(">hB", answer, 4)
    end = 7 + 7 * (count - 1) + 4
    return answer if error or count >= 0x80 or end >= len(answer) else answer[:end] + b"\0"
