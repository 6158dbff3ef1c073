"""A real PostgreSQL per test session, an empty database and broker per test: the servers of the embedded stack.

The broker starts in some hundredths of a second, so every test has its own and topics keep their names.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest_asyncio

from lotse.stack.broker import broker_command
from lotse.stack.place import fresh_folder
from lotse.stack.ports import free_ports, is_open
from lotse.stack.postgres import Postgres
from lotse.stack.process import launch
from shared.platform.access import Access
from shared.platform.kafka import create_topics
from shared.platform.settings import Settings, load_settings

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker of one test."""

    address: str

    @property
    def access(self) -> Access:
        """How a client gets to it."""
        return Access(self.address, "tansu")

    async def create(self, *topics: str, partitions: int = 6) -> None:
        """Makes topics; `clock.days` has one partition whatever is asked."""
        wanted = [(topic, 1 if topic == "clock.days" else partitions, dict[str, str]()) for topic in topics]
        refused = await create_topics(self.access, wanted)
        assert not refused, refused


@asynccontextmanager
async def running_postgres(folder: Path) -> AsyncIterator[str]:
    """A PostgreSQL of its own; gives the superuser's URL."""
    server = Postgres(folder, folder / "postgres", free_ports(1)[0])
    await server.initialise()
    process = await launch(server.command())
    try:
        async with asyncio.timeout(30):
            while not await server.answers():
                assert process.alive, server.failure()
                await asyncio.sleep(0.02)
        yield server.admin_url
    finally:
        await process.stop()


@asynccontextmanager
async def running_broker(folder: Path) -> AsyncIterator[Broker]:
    """An empty broker of its own."""
    port = free_ports(1)[0]
    process = await launch(broker_command(folder, port))
    try:
        async with asyncio.timeout(30):
            while not await is_open(port):
                assert process.alive, (folder / "broker.log").read_text()
                await asyncio.sleep(0.01)
        yield Broker(f"127.0.0.1:{port}")
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def fresh_database(admin_url: str) -> AsyncIterator[str]:
    """An empty database; gives its URL. It is removed afterwards, whoever is still connected."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f"create database {name}")
        yield admin_url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.close()


def settings_for(service: str, *, database: str = "", broker: Broker | None = None, **more: str) -> Settings:
    """Settings of a service under test; `more` are `LOTSE_*` without the prefix, in lower case."""
    environment = {"LOTSE_DATABASE_URL": database, "LOTSE_BROKER_PROFILE": "tansu"}
    if broker is not None:
        environment["LOTSE_BROKERS"] = broker.address
    environment |= {f"LOTSE_{name.upper()}": value for name, value in more.items()}
    return load_settings(service, environment)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def run_folder() -> AsyncIterator[Path]:
    """The folder of this test session's servers, removed afterwards."""
    folder = fresh_folder()
    try:
        yield folder.path
    finally:
        folder.remove()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(run_folder: Path) -> AsyncIterator[str]:
    """The superuser's URL of the session's PostgreSQL."""
    async with running_postgres(run_folder) as url:
        yield url


@pytest_asyncio.fixture
async def database(postgres: str) -> AsyncIterator[str]:
    """The URL of an empty database."""
    async with fresh_database(postgres) as url:
        yield url


@pytest_asyncio.fixture
async def broker(run_folder: Path) -> AsyncIterator[Broker]:
    """An empty broker."""
    async with running_broker(run_folder) as running:
        yield running
