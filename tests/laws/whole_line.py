"""The whole line in one process: both services and the coordinator on a real broker and real databases.

The records are those of a simulated region, mistakes included; a test decides in which order and batches they are
dealt with, how often, and by how many incarnations of a service.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from aiokafka import ConsumerRecord

from lotse.simulator.plan import Plan, make_plan
from lotse.simulator.post import Post
from lotse.simulator.region import read_region
from lotse.stack.services import default_institutions
from lotse.stack.topics import wanted_topics
from services.clock.days import message_of
from services.coordinator.compare import answers_of
from services.coordinator.parts import Parts as CoordinatorParts
from services.coordinator.parts import assemble as assemble_coordinator
from services.coordinator.parts import migrations
from services.coordinator.registry import find_services
from shared.contracts.topics import CLOCK_TOPIC, events_topic
from shared.engine.reporting import assemble, migrations_of
from shared.engine.say import Speaker
from shared.platform.access import logins
from shared.platform.kafka import create_topics
from shared.platform.metrics import Metrics
from shared.platform.postgres import connect_pool, migrate
from shared.platform.settings import Settings
from tests.engine.harness import Rig
from tests.support.servers import Broker, fresh_database, running_broker, settings_for

SERVICES = ("intake", "recognition")
_PLACES = {"ok.late": "ok"}


def small_region(seed: int, people: int = 5, days: int = 120) -> Plan:
    """A few lives with their reports and mistakes."""
    return make_plan(read_region(default_institutions()), seed=seed, people=people, days=days)


@dataclass
class WholeLine:
    """Rigs of the services, and the coordinator, all alive at once."""

    broker: Broker
    rigs: dict[str, Rig]
    settings: Settings
    pool: asyncpg.Pool[Any]
    coordinator: CoordinatorParts
    speaker: Speaker

    async def put(self, plan: Plan) -> dict[str, list[ConsumerRecord]]:
        """All records of a plan onto the broker; returns them as the services read them."""
        async with Post(logins(self.broker.access, None)) as post:
            await post.send(plan.records)
        await self.speaker.say([message_of(plan.last)])
        return {name: await running.new_records() for name, running in self.rigs.items()}

    async def deal_with(self, service: str, batches: Sequence[Sequence[ConsumerRecord]]) -> None:
        """A service's batches, one after another."""
        for batch in batches:
            await self.rigs[service].parts.ingest.handle(batch)

    async def follow(self, rng: random.Random | None = None) -> None:
        """The coordinator reads the day and all snapshots, in any batches when dice are given."""
        records = await self.rigs["intake"].read(*(events_topic(name) for name in SERVICES), CLOCK_TOPIC)
        for batch in batches_of(rng, records, repeat=True) if rng else [records]:
            await self.coordinator.inbox.handle(batch)

    async def items(self) -> dict[tuple[str, str, str], Any]:
        """Every item as it is said, without what counts batches."""
        found = {}
        for service, running in self.rigs.items():
            for row in await running.pool.fetch("select subject::text, item, said from item"):
                data = msgspec.json.decode(row["said"])["data"]
                found[service, row["subject"], row["item"]] = {
                    name: data[name] for name in ("state", "because", "conflicts", "facts")
                }
        return found

    async def standings(self) -> dict[tuple[str, str, str], str]:
        """The code of every stored report; `ok.late` depends on the order of arrival."""
        found = {}
        for service, running in self.rigs.items():
            for row in await running.pool.fetch("select source, id, code from fact"):
                found[service, row["source"], row["id"]] = _PLACES.get(row["code"], row["code"])
        return found

    async def board(self) -> dict[str, Any]:
        """What the read API answers of every case, without the sequences of its items."""
        async with self.pool.acquire() as connection:
            cases = [row["id"] for row in await connection.fetch("select id::text from board order by id")]
            return {
                name: _without_sequence(msgspec.json.decode(answer))
                for name, answer in (await answers_of(connection, cases)).items()
            }

    async def everything(self) -> tuple[Any, Any, Any]:
        """Items, standings and board: what two lines must agree on."""
        return await self.items(), await self.standings(), await self.board()


def batches_of(rng: random.Random, records: Sequence[ConsumerRecord], *, repeat: bool) -> list[list[ConsumerRecord]]:
    """The records in any order and any batches; some come again."""
    mixed = [*records, *(rng.choices(records, k=len(records) // 4) if repeat else [])]
    rng.shuffle(mixed)
    batches: list[list[ConsumerRecord]] = []
    while mixed:
        size = rng.choice([1, 3, 20, 100])
        batch, mixed = mixed[:size], mixed[size:]
        # One batch never holds a record twice: a consumer reads each offset once.
        unique = {(record.topic, record.partition, record.offset): record for record in batch}
        batches.append([*unique.values()])
    return batches


def without_reuse(records: Sequence[ConsumerRecord], plan: Plan) -> list[ConsumerRecord]:
    """Without reports that reuse an id with other content: which one is stored depends on what came first."""
    reused = {record.value for record in plan.records if "id.reused" in record.codes}
    return [record for record in records if record.value not in reused]


@asynccontextmanager
async def whole_line(admin_url: str, folder: Path) -> AsyncIterator[WholeLine]:
    """A fresh broker, fresh databases and everything wired."""
    async with AsyncExitStack() as stack:
        folder.mkdir(exist_ok=True)
        broker = await stack.enter_async_context(running_broker(folder))
        institutions = default_institutions()
        assert not await create_topics(broker.access, wanted_topics(institutions, SERVICES, 6))
        offices = tuple(read_region(institutions).offices)
        rigs = {name: await _rig(stack, name, admin_url, broker, institutions, offices) for name in SERVICES}
        settings, pool, speaker = await _connect(stack, "coordinator", admin_url, broker, institutions)
        async with pool.acquire() as connection:
            await migrate(connection, migrations())
        coordinator = assemble_coordinator(find_services(), settings, Metrics(), pool, speaker)
        yield WholeLine(broker, rigs, settings, pool, coordinator, speaker)


async def _rig(
    stack: AsyncExitStack, name: str, admin_url: str, broker: Broker, institutions: Path, offices: tuple[str, ...]
) -> Rig:
    service = importlib.import_module(f"services.{name}.__main__").SERVICE
    settings, pool, speaker = await _connect(stack, name, admin_url, broker, institutions)
    async with pool.acquire() as connection:
        await migrate(connection, migrations_of(service))
    metrics = Metrics()
    listed = importlib.import_module("shared.platform.institutions").InstitutionsFile(institutions).current()
    own = tuple(office for office in offices if listed.may_report(office, name))
    return Rig(service, settings, pool, speaker, metrics, assemble(service, settings, metrics, pool, speaker), own)


async def _connect(
    stack: AsyncExitStack, name: str, admin_url: str, broker: Broker, institutions: Path
) -> tuple[Settings, asyncpg.Pool[Any], Speaker]:
    database = await stack.enter_async_context(fresh_database(admin_url))
    settings = settings_for(name, database=database, broker=broker, institutions=str(institutions))
    pool = await connect_pool(database)
    stack.callback(pool.terminate)
    speaker = Speaker(settings, Metrics())
    await speaker.start()
    stack.push_async_callback(speaker.stop)
    return settings, pool, speaker


def _without_sequence(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_sequence(one) for name, one in value.items() if name != "sequence"}
    return [_without_sequence(one) for one in value] if isinstance(value, list) else value
