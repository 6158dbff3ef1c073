"""A coordinator under test: wired to a real database and a real broker, fed with snapshots written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
from aiokafka import ConsumerRecord
from starlette.applications import Starlette

from services.coordinator.api import Api
from services.coordinator.messages import message
from services.coordinator.packed import unpack_said
from services.coordinator.parts import Parts, assemble, barriers_of, migrations
from services.coordinator.registry import find_services
from shared.contracts.snapshot import Cause, Snapshot, SnapshotEvent, encode_snapshot
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, events_topic, partition_of
from shared.engine.replay import replay
from shared.engine.say import Message, Speaker
from shared.platform.metrics import Metrics
from shared.platform.postgres import connect_pool, migrate
from shared.platform.settings import Settings
from shared.rules.board import ItemSnapshot
from tests.support.servers import Broker, settings_for

TOPICS = (events_topic("intake"), events_topic("recognition"), BOARD_TOPIC)


def case_id(number: int) -> str:
    """The id of a case, always the same for a number."""
    return str(UUID(int=0x77 + (number << 64), version=4))


def snapshot(case: str, item: ItemSnapshot, sequence: int = 1) -> Message:
    """An item as its service says it."""
    kind = item.item.partition("-")[0]
    event = SnapshotEvent(
        specversion="1.0",
        id=f"{case}/{item.item}/{sequence}",
        source=f"/lotse/{item.service}",
        type=f"lotse.{item.service}.{kind}-changed.v1",
        subject=case,
        time="2026-06-01T08:00:00Z",
        datacontenttype="application/json",
        data=Snapshot(
            case_id=case,
            item=item.item,
            sequence=sequence,
            cause=Cause("/office", "r-1", f"lotse.{item.service}.said.v1"),
            state=item.state,
            because=item.because,
            conflicts=item.conflicts,
            facts=item.facts,
        ),
    )
    return Message(
        events_topic(item.service), partition_of(case, 6), f"{case}/{item.item}".encode(), encode_snapshot(event)
    )


def day(value: str) -> Message:
    """A day that begins, as the clock says it."""
    event = {
        "specversion": "1.0",
        "id": value,
        "source": "/lotse/clock",
        "type": "lotse.clock.day-began.v1",
        "time": f"{value}T00:00:00Z",
        "datacontenttype": "application/json",
        "data": {"day": value},
    }
    return Message(CLOCK_TOPIC, 0, None, msgspec.json.encode(event))


@dataclass
class Rig:
    """One incarnation of a coordinator. A new one on the same servers is a restart."""

    settings: Settings
    pool: asyncpg.Pool[Any]
    speaker: Speaker
    metrics: Metrics
    parts: Parts
    client: httpx.AsyncClient

    async def deal_with(self, *messages: Message) -> list[ConsumerRecord]:
        """Sends messages and handles exactly them; returns them as records."""
        topics = sorted({message.topic for message in messages})
        before = {_place(record) for record in await self.read(*topics)}
        await self.speaker.say(messages)
        records = [record for record in await self.read(*topics) if _place(record) not in before]
        await self.parts.inbox.handle(records)
        return records

    async def read(self, *topics: str) -> list[ConsumerRecord]:
        """All records of topics."""
        records: list[ConsumerRecord] = []

        async def take(batch: Sequence[ConsumerRecord]) -> None:
            records.extend(batch)

        await replay(self.settings, topics, take)
        return records

    async def said(self, case: str) -> list[tuple[str, dict[str, Any] | None]]:
        """All that was said of a case, in order: barrier (empty: the case) and `data`, None for a tombstone."""
        found = []
        for record in await self.read(BOARD_TOPIC):
            key, _, barrier = record.key.decode().partition("/")
            if key == case:
                found.append((barrier, None if record.value is None else msgspec.json.decode(record.value)["data"]))
        return found

    async def newest(self) -> dict[str, bytes | None]:
        """The newest record of every key of the board, marks left out."""
        records = await self.read(BOARD_TOPIC)
        return {r.key.decode(): r.value for r in records if not r.key.startswith(b"_mark/")}

    async def verify(self) -> None:
        """Law 3: the newest record of every key equals its row."""
        assert await self.newest() == await rows_as_messages(self.pool)

    async def get(self, path: str, **query: Any) -> Any:
        """An answer of the API that must be 200."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def barrier(self, case: str, name: str) -> dict[str, Any]:
        """One barrier as the API tells it."""
        found: Mapping[str, Any] = await self.get(f"/v1/cases/{case}")
        return dict(found["barriers"][name])

    def skipped(self, reason: str) -> float:
        """How many records were skipped for a reason."""
        return float(self.metrics.registry.get_sample_value("lotse_snapshots_skipped_total", {"reason": reason}) or 0)


async def rows_as_messages(pool: asyncpg.Pool[Any]) -> dict[str, bytes | None]:
    """What the rows of a board say, by key; None: a tombstone."""
    expected: dict[str, bytes | None] = {}
    for case, hidden, packed in await pool.fetch("select id::text, hidden, said from board where version > 0"):
        for barrier, said in unpack_said(packed).items():
            key = f"{case}/{barrier}" if barrier else case
            expected[key] = None if hidden else message(case, barrier, said)
    return expected


@asynccontextmanager
async def rig(database: str, broker: Broker, **more: str) -> AsyncIterator[Rig]:
    """A coordinator with its database migrated."""
    settings = settings_for("coordinator", database=database, broker=broker, **more)
    pool = await connect_pool(database)
    async with pool.acquire() as connection:
        await migrate(connection, migrations())
    metrics = Metrics()
    speaker = Speaker(settings, metrics)
    await speaker.start()
    registry = find_services()
    parts = assemble(registry, settings, metrics, pool, speaker)
    app = Starlette(routes=Api(pool, barriers_of(registry)).routes())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://board") as client:
        try:
            yield Rig(settings, pool, speaker, metrics, parts, client)
        finally:
            await speaker.stop()
            pool.terminate()


def _place(record: ConsumerRecord) -> tuple[str, int, int]:
    return (record.topic, record.partition, record.offset)
