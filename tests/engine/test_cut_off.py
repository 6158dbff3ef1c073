"""A process that is cut off from its broker or its database lives on, says so, and goes on when the way is free."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest_asyncio

from lotse.stack.broker import broker_command
from lotse.stack.ports import free_ports, is_open
from lotse.stack.process import Process, launch
from tests.engine.harness import Rig, lamp_event, rig, topics_of
from tests.engine.test_processes import quiet, toy
from tests.engine.toy import LAMPS
from tests.support.eventually import until
from tests.support.metered import shown
from tests.support.servers import Broker
from tests.support.wire import Wire

#: How soon a process must say that it is cut off.
SOON = 10.0


@asynccontextmanager
async def broker_of_its_own(folder: Path) -> AsyncIterator[tuple[Process, Broker]]:
    """A broker that a test may stop."""
    port = free_ports(1)[0]
    process = await launch(broker_command(folder, port))
    try:

        async def listens() -> bool:
            return await is_open(port)

        await until("the broker listens", listens)
        yield process, Broker(f"127.0.0.1:{port}")
    finally:
        process.send(signal.SIGCONT)
        process.kill()
        await process.wait()


def behind(wire: Wire, database: str) -> str:
    """The URL of a database by way of a wire."""
    url = urlsplit(database)
    return url._replace(netloc=f"{url.netloc.rpartition(':')[0]}:{wire.port}").geturl()


class Watched:
    """A process of the toy service, as an operator sees it."""

    def __init__(self, running: Rig, http: httpx.AsyncClient, broker: Process, wire: Wire) -> None:
        self.rig, self.http, self.broker, self.wire = running, http, broker, wire

    async def sees(self, seconds: float, ready: bool, **gauges: float) -> None:
        """Waits until readiness and gauges are so; the process must answer, and live, all the time."""

        async def so() -> bool:
            page = (await self.http.get("/metrics/")).text
            assert (await self.http.get("/health/live")).status_code == 200
            answer = await self.http.get("/health/ready")
            found = {name: shown(page, f"lotse_{name}") for name in (*gauges, "ready")}
            wanted = {name: [value] for name, value in {**gauges, "ready": float(ready)}.items()}
            return (answer.status_code == 200) is ready and found == wanted

        await until(f"ready {ready}, {gauges}", so, seconds)


@pytest_asyncio.fixture
async def watched(database: str, tmp_path: Path) -> AsyncIterator[Watched]:
    """A ready process behind a wire to its database."""
    wire = Wire(urlsplit(database).port or 0)
    async with broker_of_its_own(tmp_path) as (process, broker), wire.laid():
        (port,) = free_ports(1)
        await broker.create(*topics_of(LAMPS))
        async with rig(LAMPS, database, broker, tmp_path) as running:
            cut = replace(running, settings=replace(running.settings, database_url=behind(wire, database)))
            async with (
                toy(cut, tmp_path, port),
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as http,
            ):

                async def answers() -> bool:
                    try:
                        return (await http.get("/health/ready")).status_code == 200
                    except httpx.TransportError:
                        return False

                await until("the process is ready", answers)
                yield Watched(running, http, process, wire)


async def test_a_database_that_does_not_answer_shows_within_seconds(watched: Watched) -> None:
    """Nothing comes back, no error either; when the way is free, what came meanwhile is dealt with."""
    await watched.sees(SOON, True, database_up=1, broker_up=1)
    watched.wire.cut()
    await watched.sees(SOON, False, database_up=0, broker_up=1)
    await watched.rig.send(*(lamp_event("switched-on", number=n) for n in range(3)))

    async def waits() -> bool:
        page = (await watched.http.get("/metrics/")).text
        return shown(page, "lotse_lag_records") == [3] and shown(page, "lotse_lag_seconds")[0] > 1

    await until("what cannot be stored counts as lag", waits, 20)
    watched.wire.mend()
    await watched.sees(30, True, database_up=1)
    await quiet(watched.rig, 3)
    await watched.sees(20, True, lag_records=0, lag_seconds=0)


async def test_a_broker_that_does_not_answer_shows_within_seconds(watched: Watched) -> None:
    """It stands still, its connections stay; afterwards the process goes on."""
    await watched.sees(SOON, True, broker_up=1)
    watched.broker.send(signal.SIGSTOP)
    await watched.sees(SOON, False, broker_up=0, database_up=1)
    watched.broker.send(signal.SIGCONT)
    await watched.sees(30, True, broker_up=1)
    await watched.rig.send(lamp_event("switched-on"))
    await quiet(watched.rig, 1)


async def test_a_process_that_waits_for_its_database_says_so(database: str, broker: Broker, tmp_path: Path) -> None:
    """From its first moment, before anything works."""
    wire = Wire(urlsplit(database).port or 0)
    wire.cut()
    await broker.create(*topics_of(LAMPS))
    async with wire.laid(), rig(LAMPS, database, broker, tmp_path) as running:
        (port,) = free_ports(1)
        cut = replace(running, settings=replace(running.settings, database_url=behind(wire, database)))
        async with toy(cut, tmp_path, port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            watched = Watched(running, http, None, wire)  # type: ignore[arg-type]

            async def answers() -> bool:
                try:
                    return (await http.get("/health/live")).status_code == 200
                except httpx.TransportError:
                    return False

            await until("it answers", answers)
            await watched.sees(SOON, False, database_up=0, broker_up=0)
            wire.mend()
            await watched.sees(90, True, database_up=1, broker_up=1)
