"""Faults while reports come in: nothing is lost and nothing is wrong. Each leaves its numbers in build/faults.json."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from lotse.simulator import Simulation
from lotse.simulator.report import Record
from shared.contracts.topics import events_topic, receipts_topic
from shared.platform.kafka import delete_topics
from tests.containers.faults import Load, under_load
from tests.containers.load import next_simulation
from tests.containers.operating import (
    KEEPERS,
    aside,
    beside,
    inside,
    members,
    metric,
    network,
    ready,
    scale,
    start,
)
from tests.containers.reading import caught_up
from tests.containers.region import PROCESSES, Region, run
from tests.support.eventually import until

Headers = tuple[tuple[str, bytes], ...]

#: The deadline of whatever must happen by itself on a slow machine.
_SOON = 180.0
#: More than a report may have, less than a record of Kafka.
_TOO_LARGE = 300_000
#: What arrives instead of a report: value and headers made of those of a report, the code and the path of the answer.
_POISON: tuple[tuple[Callable[[Record], tuple[bytes, Headers]], str, str | None], ...] = (
    (lambda _: (bytes(range(128, 256)), ()), "json.invalid", None),
    (lambda record: (record.value[:-3], record.headers), "json.invalid", None),
    (lambda record: (record.value, _forged(record)), "source.foreign", "/source"),
    (lambda record: (b" " * _TOO_LARGE + record.value, record.headers), "too-large", None),
)


async def test_each_process_killed(region: Region) -> None:
    """kill −9 of each process while second processes of two services come and go."""

    async def fault(load: Load) -> None:
        victims, seconds = random.Random(5).sample(PROCESSES, len(PROCESSES)), {0: "recognition", 3: "language"}
        for number, victim in enumerate(victims):
            await aside(region.docker, "kill", victim)
            await load.days(1)
            await aside(region.docker, "start", victim)
            if number in seconds:
                await aside(scale, region, seconds[number], 2)
            await load.days(1)
        await asyncio.gather(*(ready(region, name) for name in PROCESSES))
        for service in seconds.values():
            await aside(scale, region, service, 1)

    await under_load(region, "kill-9-of-each-process", fault)


async def test_the_broker_killed(region: Region) -> None:
    """kill −9 of Kafka; it comes back when the services have noticed."""

    async def fault(_: Load) -> None:
        await aside(region.docker, "kill", "kafka")
        await _until(region, "recognition", "lotse_broker_up", _none)
        await aside(region.docker, "start", "kafka")

    await under_load(region, "broker-killed", fault)


async def test_the_broker_paused(region: Region) -> None:
    """Kafka answers nobody for a minute, its connections stay open."""

    async def fault(_: Load) -> None:
        await aside(region.docker, "pause", "kafka")
        # The fault itself: it ends by nothing but time.
        await asyncio.sleep(60)
        await aside(region.docker, "unpause", "kafka")

    await under_load(region, "broker-paused-60-s", fault)


async def test_the_database_killed(region: Region) -> None:
    """kill −9 of PostgreSQL; it comes back when the services have noticed."""

    async def fault(_: Load) -> None:
        await aside(region.docker, "kill", "postgres")
        await _until(region, "recognition", "lotse_database_up", _none)
        await _until(region, "coordinator", "lotse_database_up", _none)
        await aside(region.docker, "start", "postgres")

    await under_load(region, "database-killed", fault)


async def test_the_network_cut(region: Region) -> None:
    """A service reaches neither broker nor database until the broker has given it up."""
    service = "recognition"

    async def fault(_: Load) -> None:
        await aside(run, ["docker", "network", "disconnect", network(region), region.container(service)])
        await until("the broker gives it up", partial(_as_many, region, service, 0), _SOON)
        await aside(
            run, ["docker", "network", "connect", "--alias", service, network(region), region.container(service)]
        )

    await under_load(region, "network-cut", fault)
    await ready(region, service)


async def test_a_process_stopped_and_another_beside_it(region: Region) -> None:
    """SIGSTOP for longer than the session: a second process takes all partitions over, then the first wakes."""
    service = "language"

    async def fault(load: Load) -> None:
        await aside(scale, region, service, 2)
        await until("two processes share the work", partial(_as_many, region, service, 2), _SOON)
        await load.days(3)
        await aside(region.docker, "kill", service, "--signal", "STOP")
        await until("the second has it all", partial(_as_many, region, service, 1), _SOON)
        await load.days(3)
        await aside(region.docker, "kill", service, "--signal", "CONT")
        await until("the first is back", partial(_as_many, region, service, 2), _SOON)
        await load.days(3)
        await aside(scale, region, service, 1)
        await until("the second has left", partial(_as_many, region, service, 1), _SOON)

    await under_load(region, "process-stopped-and-woken", fault)


async def test_a_receipts_topic_missing(region: Region) -> None:
    """The operator has deleted an institution's receipts topic: others are served, its receipts wait."""
    days = 20
    simulation = await next_simulation(region, people=60, days=60)
    service, office = _busiest(simulation, days)

    async def fault(load: Load) -> None:
        try:
            await load.days(days)
            # All that was reported is worked on, whoever's receipts have nowhere to go.
            await caught_up(region)
            await _until(region, service, "lotse_receipts_waiting", lambda waiting: waiting > 0)
        finally:
            await aside(region.lotse, "topics", "create")
        await _until(region, service, "lotse_receipts_waiting", lambda waiting: waiting == 0)

    await caught_up(region)
    # What an institution was told before goes with its topic; so the load begins without it.
    await delete_topics(region.operator, [receipts_topic(office)])
    await under_load(region, "receipts-topic-missing", fault, simulation=simulation, begin=1)


async def test_poison_records(region: Region) -> None:
    """One record in fifty is garbled, no JSON, forged or too large: it is answered, and stops nobody."""

    async def fault(load: Load) -> None:
        await load.days(40)

    simulation = _poisoned(await next_simulation(region, people=60, days=60))
    await under_load(region, "poison-one-in-fifty", fault, simulation=simulation, pace=0.1)


async def test_a_rolling_restart(region: Region) -> None:
    """Each process is replaced by a new container, one after another, as an upgrade does it."""

    async def fault(_: Load) -> None:
        for name in PROCESSES:
            await aside(
                region.compose,
                "up",
                "--detach",
                "--no-deps",
                "--force-recreate",
                "--wait",
                "--wait-timeout",
                "180",
                name,
            )

    await under_load(region, "rolling-restart", fault, days=90, pace=1.5)


async def test_the_topics_lost(region: Region) -> None:
    """All compacted topics are deleted under the services; they are made anew and everything is said again."""

    async def fault(load: Load) -> None:
        topics = [events_topic(name) for name in KEEPERS]
        await delete_topics(region.operator, topics)
        await load.days(5)
        told = await aside(region.lotse, "doctor", check=False)
        assert events_topic("intake") in told, told
        await aside(_topics_anew, region)

    await under_load(region, "topics-lost", fault)


async def test_databases_restored(region: Region) -> None:
    """A service and the coordinator go back to a backup of some days ago."""
    restored = ("recognition", "coordinator")

    async def fault(load: Load) -> None:
        await asyncio.gather(*(aside(_back_up, region, name) for name in restored))
        await load.days(10)
        await aside(region.compose, "stop", *restored)
        for name in restored:
            await aside(_restore, region, name)
        await aside(start, region, "recognition")
        await caught_up(region, ("recognition",))
        await aside(inside, region, "recognition", "restored")
        await aside(beside, region, "coordinator", "rebuild")
        await aside(start, region, "coordinator")

    await under_load(region, "databases-restored", fault, days=90)


async def _until(region: Region, service: str, name: str, wanted: Callable[[float], bool]) -> None:
    """Returns when a process tells such a value of a metric."""

    async def told() -> bool:
        return wanted(await metric(region, service, name))

    await until(f"{name} of {service}", told, _SOON)


def _none(value: float) -> bool:
    return value == 0


async def _as_many(region: Region, service: str, number: int) -> bool:
    return await members(region, service) == number


def _busiest(simulation: Simulation, days: int) -> tuple[str, str]:
    """The service and the office that reports most to it in the first days of a simulation."""
    plan = simulation.plan()
    last = plan.first + timedelta(days)
    (topic, _), *_ = Counter(record.topic for record in plan.records if record.day < last).most_common(1)
    _, service, office = topic.split(".")
    return service, office


def _poisoned(simulation: Simulation) -> Simulation:
    """The same simulation with poison behind every forty-ninth report, from the same office."""
    plan, records = simulation.plan(), list[Record]()
    # In binary mode, whose headers can be forged.
    usual = [record for record in plan.records if not record.mistake and "ce_source" in dict(record.headers)]
    for number, record in enumerate(plan.records, 1):
        records.append(record)
        if number % 49 == 0:
            spoil, code, path = _POISON[number // 49 % len(_POISON)]
            pattern = replace(usual[number % len(usual)], day=record.day)
            value, headers = spoil(pattern)
            codes = frozenset({code})
            records.append(
                replace(pattern, value=value, headers=headers, codes=codes, path=path, mistake=f"poison: {code}")
            )
    simulation.__dict__["_plan"] = replace(plan, records=tuple(records))
    return simulation


def _forged(record: Record) -> Headers:
    """Headers that say that the report is another office's."""
    return tuple((name, b"/jobcenter-nirgends" if name == "ce_source" else value) for name, value in record.headers)


def _topics_anew(region: Region) -> None:
    """As docs/runbooks/topics-missing.md says it."""
    region.compose("stop", "--timeout", "5", *KEEPERS)
    region.lotse("topics", "create")
    for service in KEEPERS:
        beside(region, service, "forget-places", "republish")
    start(region, *KEEPERS)


def _back_up(region: Region, service: str) -> None:
    """As docs/operations.md says it; the copy stays in the container."""
    dump = f"pg_dump -U postgres --format=custom --file=/tmp/{service}.dump lotse_{service}"
    region.compose("exec", "-T", "postgres", *dump.split())


def _restore(region: Region, service: str) -> None:
    command = f"pg_restore -U postgres --clean --if-exists --create --dbname=postgres /tmp/{service}.dump"
    region.compose("exec", "-T", "postgres", *command.split())
