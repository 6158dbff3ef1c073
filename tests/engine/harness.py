"""A toy service on a real broker and database: send reports, let the engine handle them, compare rows and topics."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from aiokafka import ConsumerRecord, TopicPartition

from shared.contracts.topics import events_topic, inbound_topic, partition_of, receipts_topic
from shared.engine.replay import replay
from shared.engine.reporting import Parts, assemble, migrations_of
from shared.engine.say import Message, Speaker
from shared.engine.service import Service
from shared.platform.metrics import Metrics
from shared.platform.postgres import connect_pool, migrate
from shared.platform.settings import Settings
from tests.support.servers import Broker, settings_for

INSTITUTIONS = """\
region: {name: Musterregion, land: NW, ags: ["05162024"]}
institutions:
  - {id: zag, name: ZAG, kind: competent-body, land: NW, services: [recognition, outreach]}
  - {id: ihk, name: IHK, kind: chamber, land: NW, services: [recognition, outreach]}
"""
_numbers = itertools.count(1)


def case(number: int) -> str:
    """The id of a case, always the same for a number."""
    return str(UUID(int=0x1234 + (number << 64), version=4))


def event(service: str, fact: str, subject: str, **data: Any) -> dict[str, Any]:
    """A structured event; `id`, `source`, `time`, `corrects` and `day` are taken out of `data`."""
    attributes = {
        "specversion": "1.0",
        "id": data.pop("id", None) or f"r-{next(_numbers)}",
        "source": data.pop("source", "/zag/fv"),
        "type": f"lotse.{service}.{fact}.v1",
        "subject": subject,
        "time": data.pop("time", "2026-06-01T08:00:00Z"),
        "datacontenttype": "application/json",
    }
    corrects = data.pop("corrects", None)
    if corrects:
        attributes["corrects"] = corrects
    return attributes | {"data": {"occurredOn": data.pop("day", "2026-05-01"), **data}}


def lamp_event(fact: str, number: int = 1, **data: Any) -> dict[str, Any]:
    """A report to the toy service about lamp `a` of a case, unless said otherwise."""
    keys = {} if fact in ("noted", "retracted") else {"lampId": data.pop("lamp", "a")}
    return event("recognition", fact, case(number), **keys, **data)


def topics_of(service: Service) -> list[str]:
    """All topics that a toy service touches."""
    institutions = ("zag", "ihk")
    topics = [inbound_topic(service.name, name) for name in institutions] + [receipts_topic(n) for n in institutions]
    return [*topics, events_topic(service.name), f"dead-letters.{service.name}", events_topic("intake")]


@dataclass
class Rig:
    """One incarnation of a service's engine: its connections and parts. A new one on the same servers is a restart."""

    service: Service
    settings: Settings
    pool: asyncpg.Pool[Any]
    speaker: Speaker
    metrics: Metrics
    parts: Parts
    institutions: tuple[str, ...] = ("zag", "ihk")
    #: How far `new_records` has read.
    positions: dict[TopicPartition, int] = field(default_factory=dict)

    async def send(self, *events: Mapping[str, Any] | bytes, institution: str = "zag") -> None:
        """Sends structured events, or raw bytes, as an institution does: keyed by the case."""
        messages = []
        for one in events:
            value = one if isinstance(one, bytes) else msgspec.json.encode(one)
            key = "" if isinstance(one, bytes) else one["subject"]
            topic = inbound_topic(self.service.name, institution)
            messages.append(Message(topic, partition_of(key, self.settings.partitions), key.encode(), value))
        await self.speaker.say(messages)

    @property
    def inbound_topics(self) -> list[str]:
        return [inbound_topic(self.service.name, name) for name in self.institutions]

    async def inbound(self) -> list[ConsumerRecord]:
        """All inbound records so far."""
        return await self.read(*self.inbound_topics)

    async def read(self, *topics: str) -> list[ConsumerRecord]:
        """All records of topics."""
        records: list[ConsumerRecord] = []

        async def take(batch: Sequence[ConsumerRecord]) -> None:
            records.extend(batch)

        await replay(self.settings, topics, take)
        return records

    async def new_records(self) -> list[ConsumerRecord]:
        """The inbound records since the last call."""
        records: list[ConsumerRecord] = []

        async def take(batch: Sequence[ConsumerRecord]) -> None:
            records.extend(batch)

        self.positions = await replay(self.settings, self.inbound_topics, take, self.positions)
        return records

    async def deal_with(self, *events: Mapping[str, Any] | bytes, institution: str = "zag") -> None:
        """Sends events and handles exactly them."""
        await self.send(*events, institution=institution)
        await self.parts.ingest.handle(await self.new_records())

    async def newest(self, topic: str | None = None) -> dict[str, bytes | None]:
        """The newest record of every key of a topic, marks left out."""
        records = await self.read(topic or events_topic(self.service.name))
        return {r.key.decode(): r.value for r in records if not r.key.startswith(b"_mark/")}

    async def state(self, number: int, item: str) -> dict[str, Any]:
        """The state of an item as the newest record says it."""
        value = (await self.newest())[f"{case(number)}/{item}"]
        assert value is not None
        state: dict[str, Any] = msgspec.json.decode(value)["data"]["state"]
        return state

    async def receipts(self, institution: str = "zag") -> list[dict[str, Any]]:
        """All receipts of an institution, in the order of their partitions."""
        return [msgspec.json.decode(record.value) for record in await self.read(receipts_topic(institution))]

    async def standings(self, institution: str = "zag") -> dict[str, tuple[int, str]]:
        """The standing verdict of every report: the highest version; at equal version accepted and parked win."""
        best: dict[str, tuple[int, int, str]] = {}
        for receipt in await self.receipts(institution):
            data = receipt["data"]
            rank = (data["version"], int(data["verdict"] in ("accepted", "parked")), data["code"])
            key = data.get("reportId") or "/".join(map(str, data["record"].values()))
            best[key] = max(best.get(key, (-1, 0, "")), rank)
        return {key: (version, code) for key, (version, _, code) in best.items()}

    async def verify(self) -> None:
        """Law 2 and law 3: every record left one row whose receipt can be read; the newest records equal the rows."""
        facts = await self.pool.fetch("select * from fact")
        answers = await self.pool.fetch("select * from answer")
        events = events_topic(self.service.name)
        receipts = [receipts_topic(name) for name in self.institutions]
        records = await self.read(*self.inbound_topics, *receipts, events)
        places = [(r.topic, r.partition, r.offset) for r in records if r.topic in self.inbound_topics]
        rows = [(row["topic"], row["partition"], row["offset"]) for row in [*facts, *answers]]
        assert sorted(rows) == sorted(places)
        said = {(r.topic, r.key, r.value) for r in records if r.topic in receipts}
        speech = self.parts.speech
        for message in [speech.fact_receipt(row) for row in facts if not row["waiting"]] + [
            speech.answer_receipt(row) for row in answers if not row["waiting"]
        ]:
            assert (message.topic, message.key, message.value) in said, message.key
        items = await self.pool.fetch("select i.*, s.hidden from item i join subject s on s.id = i.subject")
        expected = {f"{row['subject']}/{row['item']}": None if row["hidden"] else row["said"] for row in items}
        newest = {r.key.decode(): r.value for r in records if r.topic == events and not r.key.startswith(b"_mark/")}
        assert newest == expected


@asynccontextmanager
async def rig(service: Service, database: str, broker: Broker, folder: Path, **more: str) -> AsyncIterator[Rig]:
    """A rig with its database migrated and its topics there."""
    file = folder / "institutions.yaml"
    file.write_text(INSTITUTIONS, encoding="utf-8")
    settings = settings_for(service.name, database=database, broker=broker, institutions=str(file), **more)
    pool = await connect_pool(database)
    async with pool.acquire() as connection:
        await migrate(connection, migrations_of(service))
    metrics = Metrics()
    speaker = Speaker(settings, metrics)
    await speaker.start()
    try:
        yield Rig(service, settings, pool, speaker, metrics, assemble(service, settings, metrics, pool, speaker))
    finally:
        await speaker.stop()
        pool.terminate()
