"""The embedded stack: real processes that are started, watched, healed and ended together."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from lotse.stack import BrokerDied, Event, Options, Stack, StackError
from lotse.stack.control import call, read_file
from shared.platform.kafka import list_topics
from shared.platform.services import known_services
from tests.stack.processes import alive, children_of

MakeOptions = Callable[..., Options]


async def test_gives_each_service_its_surroundings(options: MakeOptions) -> None:
    """A service finds broker, its own database, partitions and the institutions file in its environment."""
    async with Stack(options(partitions=3)) as stack, httpx.AsyncClient(trust_env=False) as client:
        told = (await client.get(f"{stack.urls['recognition']}/health/ready")).json()
        assert told["LOTSE_BROKERS"] == stack.brokers
        assert told["LOTSE_BROKER_PROFILE"] == "tansu"
        assert told["LOTSE_DATABASE_URL"] == stack.database_url("recognition")
        assert told["LOTSE_PARTITIONS"] == "3"
        assert told["LOTSE_INSTITUTIONS"] == str(stack.options.institutions)
        assert stack.urls["recognition"].endswith(f":{told['LOTSE_HTTP_PORT']}")


async def test_creates_every_topic_with_its_partitions(options: MakeOptions) -> None:
    """All topics of the contract are there before the first service starts; the clock's has one partition."""
    async with Stack(options(partitions=3, services=())) as stack:
        topics = await list_topics(stack.access)
    assert topics.pop("clock.days") == 1
    assert {"inbound.recognition.zag-muenster", "receipts.zag-muenster", "events.recognition"} <= set(topics)
    assert "events.coordinator" in topics
    assert set(topics.values()) == {3}


async def test_a_role_sees_only_its_own_database(options: MakeOptions) -> None:
    """One service can neither use another's database nor make roles of its own."""
    async with Stack(options()) as stack:
        own = stack.database_url("recognition")
        connection = await asyncpg.connect(own)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create role intruder")
        await connection.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(own, database="lotse_intake")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(own, password="guessed")


async def test_each_start_is_empty_unless_kept(options: MakeOptions, passable_path: Path) -> None:
    """A kept folder brings the database back; without it nothing is left, and the run's folder is gone."""
    keep = passable_path / "kept"
    async with Stack(options(services=("intake",), keep=keep)) as stack:
        connection = await asyncpg.connect(stack.database_url("intake"))
        await connection.execute("create table note as select 7 as number")
        await connection.close()
        folder = stack.folder
    assert not folder.exists()
    async with Stack(options(services=("intake",), keep=keep)) as stack:
        connection = await asyncpg.connect(stack.database_url("intake"))
        assert await connection.fetchval("select number from note") == 7
        await connection.close()


async def test_a_killed_database_is_healed_with_its_data(options: MakeOptions, events: list[Event]) -> None:
    """kill −9 of PostgreSQL: it comes back on the same port and has what was committed."""
    async with Stack(options(services=("intake",))) as stack:
        url = stack.database_url("intake")
        connection = await asyncpg.connect(url)
        await connection.execute("create table note as select 7 as number")
        first = await stack.kill("postgres")
        await stack.ready("postgres")
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select number from note") == 7
        await connection.close()
        assert stack.pid("postgres") != first
    assert [event.name for event in events if event.kind == "died"] == ["postgres"]


async def test_a_killed_service_is_started_again(options: MakeOptions) -> None:
    """A service that dies comes back; one that was stopped stays away until it is started."""
    async with Stack(options()) as stack:
        first = await stack.kill("recognition")
        await stack.ready("recognition")
        assert stack.pid("recognition") != first
        await stack.stop("recognition")
        assert stack.status()["recognition"]["state"] == "stopped"
        with pytest.raises(StackError, match="not running"):
            stack.pid("recognition")
        await stack.start("recognition")
        assert stack.status()["recognition"]["state"] == "ready"


async def test_death_of_the_broker_ends_everything(options: MakeOptions) -> None:
    """The broker keeps all in memory; its death is told in both languages and nothing is left."""
    async with Stack(options()) as stack:
        processes = [stack.pid(name) for name in stack.status()]
        await stack.kill("broker")
        with pytest.raises(BrokerDied) as caught:
            await stack.wait()
    assert "Broker" in caught.value.de and "broker" in caught.value.en
    assert not [pid for pid in processes if alive(pid)]


async def test_a_service_that_cannot_start_says_why(options: MakeOptions) -> None:
    """A service that ends at once fails the start with the end of its log, and nothing is left."""
    before = set(children_of(os.getpid()))
    with pytest.raises(StackError, match="No module named"):
        await Stack(options(module="tests.stack.missing")).begin()
    assert set(children_of(os.getpid())) <= before


async def test_the_control_file_and_socket_serve_other_terminals(options: MakeOptions, tmp_path: Path) -> None:
    """Another terminal reads where everything is, asks for the state and stops a service; only the user may read it."""
    control = tmp_path / "stack.json"
    async with Stack(options(control=control)) as stack:
        found = read_file(control)
        assert found is not None
        assert stat.S_IMODE(control.stat().st_mode) == 0o600
        assert stat.S_IMODE(Path(found.control).stat().st_mode) == 0o600
        assert found.brokers == stack.brokers and found.databases["intake"] == stack.database_url("intake")
        await asyncio.to_thread(call, found, "stop", "intake")
        status = await asyncio.to_thread(call, found, "status")
        assert status["intake"]["state"] == "stopped" and status["recognition"]["state"] == "ready"
        with pytest.raises(StackError, match="No 'housing' runs here"):
            await asyncio.to_thread(call, found, "start", "housing")
    assert not control.exists() and read_file(control) is None


async def test_taken_ports_are_named(options: MakeOptions) -> None:
    """Without free ports the contract's ports are taken; one that is in use is named, with the way out."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 8083)
    with pytest.raises(StackError, match=r"8083.*--free-ports"):
        await Stack(options(free_ports=False)).begin()
    server.close()


def test_services_are_the_folders_that_can_be_started() -> None:
    """The stack finds services by their folders, so a new one needs no list."""
    assert set(known_services()) >= {"clock", "coordinator", "intake", "recognition"}
