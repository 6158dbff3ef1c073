"""What a service's metrics tell: every report once, who reported when, what waits, and no label without bound."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from shared.contracts.topics import events_topic
from shared.contracts.verdicts import CODES
from shared.engine.say import RECEIVED, Message
from shared.engine.vitals import ReportVitals
from shared.platform.clock import milliseconds
from shared.platform.institutions import parse_institutions
from shared.platform.metrics import METRICS, Metrics
from shared.platform.trouble import KINDS, OTHER, Trouble
from tests.engine.harness import INSTITUTIONS, Rig, lamp_event, rig
from tests.engine.toy import LAMPS, STUMBLE
from tests.support.eventually import until
from tests.support.metered import series, value
from tests.support.servers import Broker

#: Every label that there is; what each may hold is bounded where it is given.
LABELS = {"institution", "type", "verdict", "code", "family", "barrier", "cause", "reason", "kind"}
_NO_POOL: Any = None
_NO_SPEAKER: Any = None
UNITS = ("_seconds", "_records", "_total", "_up", "_ready", "_day", "_assigned", "_waiting", "_faults", "_missing")


def test_every_metric_says_its_unit_and_has_known_labels_only() -> None:
    """The list is what operators read: a name with a unit, a meaning, and no label that could grow."""
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.name.startswith("lotse_") and metric.name.endswith(UNITS), metric.name
        assert metric.meaning.endswith("."), metric.name
        assert set(metric.labels) <= LABELS, metric.name
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name


def test_the_page_shows_the_list_and_the_process_and_nothing_else() -> None:
    """One series more than the list has would be one that no document tells of."""
    metrics = Metrics()
    for metric in METRICS:
        labels = ["x"] * len(metric.labels)
        if metric.kind == "counter":
            made = metrics.counter(metric.name)
            (made.labels(*labels) if labels else made).inc()
        elif metric.kind == "gauge":
            gauge = metrics.gauge(metric.name)
            (gauge.labels(*labels) if labels else gauge).set(1)
        elif metric.name in ("lotse_freshness_seconds", "lotse_processing_seconds"):
            metrics.waits(metric.name).observe({("x" if labels else "", 1): 1}, 2)
        else:
            metrics.histogram(metric.name).observe(1)
    names = {family.name for family in metrics.registry.collect()}
    listed = {metric.name.removesuffix("_total") for metric in METRICS}
    assert {name for name in names if not name.startswith("process_")} == listed
    assert {"process_cpu_seconds", "process_resident_memory_bytes", "process_start_time_seconds"} <= names
    assert b"_created" not in generate_latest(metrics.registry)


def test_waits_count_as_the_library_counts() -> None:
    """A batch in one pass gives what one observation after the other gives."""
    metrics, rng = Metrics(), random.Random(3)
    buckets = next(metric.buckets for metric in METRICS if metric.name == "lotse_freshness_seconds")
    known = Histogram("known_seconds", "x", ["barrier"], registry=CollectorRegistry(), buckets=buckets)
    now, since = 5_000_000, dict[tuple[str, int], int]()
    for _ in range(300):
        began = now - rng.choice([0, 50, 250, 1_000, 5_000, 3_600_000, rng.randrange(4_000_000), -5])
        key = (rng.choice(["childcare", "language"]), began)
        since[key] = since.get(key, 0) + 1
        known.labels(key[0]).observe(max(0, now - began) / 1000)
    metrics.waits("lotse_freshness_seconds").observe(since, now)
    for sample in (sample for family in known.collect() for sample in family.samples):
        name = sample.name.replace("known", "lotse_freshness")
        if not name.endswith("_created"):
            assert value(metrics, name, **sample.labels) == pytest.approx(sample.value), (name, sample.labels)


def test_kinds_of_errors_have_a_bound() -> None:
    """An error that nobody thought of is `other`; what comes from a network is the database's unless it is Kafka's."""
    metrics = Metrics()
    trouble = Trouble(metrics)

    class Surprise(asyncpg.PostgresError):  # type: ignore[misc]  # the library has no types
        pass

    for error in (Surprise("x"), ConnectionRefusedError(), KafkaConnectionError(), ZeroDivisionError()):
        trouble.batch(error)
    assert series(metrics, "lotse_database_errors_total") == {
        (("kind", OTHER),): 1, (("kind", "ConnectionRefusedError"),): 1,
    }  # fmt: skip
    assert series(metrics, "lotse_broker_errors_total") == {(("kind", "KafkaConnectionError"),): 1}
    assert OTHER not in KINDS


async def test_every_report_counts_once_by_institution_type_verdict_and_code(lamps: Rig) -> None:
    """As it was answered when it came; what comes again, or changes its standing later, counts no second time."""
    first = lamp_event("switched-on", id="on")
    await lamps.deal_with(first, lamp_event("switched-on", id="parked", day="2026-05-02"))
    await lamps.deal_with(lamp_event("switched-off", id="off", day="2026-05-01", time="2026-06-01T09:00:00Z"))
    await lamps.deal_with(first, lamp_event("danced"), lamp_event("noted", note="x" * 81), b"{", institution="zag")
    await lamps.deal_with(lamp_event("switched-on", number=5), institution="ihk")
    await lamps.parts.ingest.handle(await lamps.inbound())

    def key(institution: str, type_: str, code: str) -> tuple[tuple[str, str], ...]:
        verdict = CODES[code].verdict
        return ("code", code), ("institution", institution), ("type", type_), ("verdict", verdict)

    assert series(lamps.metrics, "lotse_reports_total") == {
        key("zag", "recognition.switched-on", "ok"): 1,
        key("zag", "recognition.switched-on", "fact.implausible"): 1,
        key("zag", "recognition.switched-off", "ok.late"): 1,
        key("zag", "recognition.switched-on", "id.seen"): 1,
        key("zag", "unknown", "type.unknown"): 1,
        key("zag", "recognition.noted", "data.invalid"): 1,
        key("zag", "unknown", "json.invalid"): 1,
        key("ihk", "recognition.switched-on", "source.foreign"): 1,
    }


async def test_an_institution_that_is_not_listed_counts_as_unlisted(lamps: Rig, tmp_path: Path) -> None:
    """Its topic may be there still; its name makes no series of its own."""
    fewer = "\n".join(line for line in INSTITUTIONS.splitlines() if "id: ihk" not in line)
    (tmp_path / "institutions.yaml").write_text(fewer, encoding="utf-8")

    async def read() -> bool:
        return "ihk" not in lamps.parts.ingest.institutions()

    await until("the file is read", read)
    await lamps.deal_with(lamp_event("switched-on", source="/ihk/x"), institution="ihk")
    names = {dict(labels)["institution"] for labels in series(lamps.metrics, "lotse_reports_total")}
    names |= {dict(labels)["institution"] for labels in series(lamps.metrics, "lotse_last_report_timestamp_seconds")}
    assert names == {"unlisted"}


async def test_when_an_institution_reported_last_is_known_after_a_restart(
    lamps: Rig, database: str, broker: Broker, tmp_path: Path
) -> None:
    """By the record's timestamp, accepted or not; a process that starts anew learns it from the database."""
    await lamps.deal_with(lamp_event("switched-on"))
    await lamps.deal_with(b"nonsense")
    newest = max(record.timestamp for record in await lamps.inbound()) / 1000
    assert value(lamps.metrics, "lotse_last_report_timestamp_seconds", institution="zag") == newest
    await lamps.parts.vitals.look()
    async with rig(LAMPS, database, broker, tmp_path) as anew:
        await anew.parts.vitals.look()
        assert series(anew.metrics, "lotse_last_report_timestamp_seconds") == {(("institution", "zag"),): newest}


async def test_faults_and_what_waits_are_told_and_gone_when_mended(lamps: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many, and since when the oldest; upkeep shows when it last ended well, and nothing before that."""
    look = lamps.parts.vitals.look
    await lamps.deal_with(lamp_event("noted", note=STUMBLE))
    await lamps.pool.execute("update fact set received_at = received_at - 60000, waiting = true")
    await look()
    assert value(lamps.metrics, "lotse_internal_faults") == 1
    assert 60 <= value(lamps.metrics, "lotse_internal_fault_oldest_seconds") < 120
    assert value(lamps.metrics, "lotse_receipts_waiting") == 1
    assert not series(lamps.metrics, "lotse_upkeep_timestamp_seconds")
    monkeypatch.setattr("tests.engine.toy.STUMBLE", "nothing")
    await lamps.parts.upkeep.rederive()
    await lamps.parts.speech.say_waiting()
    await lamps.parts.upkeep.anti_entropy()
    await look()
    ended = value(lamps.metrics, "lotse_upkeep_timestamp_seconds")
    assert ended > 1_700_000_000
    for name in ("lotse_internal_faults", "lotse_internal_fault_oldest_seconds", "lotse_receipts_waiting"):
        assert value(lamps.metrics, name) == 0, name
    await lamps.pool.execute("update run set finished_at = null")
    await look()
    assert value(lamps.metrics, "lotse_upkeep_timestamp_seconds") == ended


async def test_missing_topics_of_listed_institutions_are_counted(database: str, broker: Broker, tmp_path: Path) -> None:
    """Without its inbound topic or its receipts topic; before the broker was asked nothing is claimed."""
    await broker.create("inbound.recognition.zag", "receipts.zag", "receipts.ihk")
    async with rig(LAMPS, database, broker, tmp_path) as running:
        await running.parts.vitals.look()
        assert not series(running.metrics, "lotse_institution_topics_missing")
        for wanted, topic in ((1, "inbound.recognition.ihk"), (0, "inbound.recognition.nobody")):
            await running.speaker.ask()
            await running.parts.vitals.look()
            assert value(running.metrics, "lotse_institution_topics_missing") == wanted
            await broker.create(topic)


async def test_a_snapshot_tells_when_the_report_behind_it_was_received(lamps: Rig) -> None:
    """As the timestamp of its record, of several reports the first; one that is said again does not tell."""
    await lamps.deal_with(lamp_event("switched-on"), lamp_event("switched-off", day="2026-05-02"))
    inbound = await lamps.inbound()
    (said,) = await lamps.read(events_topic("recognition"))
    assert (said.timestamp, said.headers[-1]) == (min(record.timestamp for record in inbound), (RECEIVED, b""))
    await lamps.parts.upkeep.republish()
    (_, again) = await lamps.read(events_topic("recognition"))
    assert (again.key, again.value) == (said.key, said.value)
    assert [name for name, _ in again.headers] == ["content-type"]
    assert again.timestamp >= said.timestamp
    await lamps.verify()


@pytest.mark.parametrize(("received_at", "told"), [(-1, False), (0, False), (4_102_444_800_000, True)])
async def test_a_time_that_cannot_be_stops_nothing(lamps: Rig, received_at: int, told: bool) -> None:
    """The broker refuses what lies far ahead: another clock that is ahead counts as now, and none as nothing."""
    await lamps.speaker.say([Message(events_topic("recognition"), 0, b"key", b"value", received_at)])
    (said,) = await lamps.read(events_topic("recognition"))
    assert (RECEIVED in dict(said.headers)) is told
    assert 0 <= milliseconds() - said.timestamp < 60_000


async def test_a_resend_that_makes_a_report_earlier_is_not_late_itself(lamps: Rig) -> None:
    """The report was received long ago, but what changes now is not its wait."""
    first = lamp_event("switched-off", time="2026-06-01T09:00:00Z")
    await lamps.deal_with(first, lamp_event("switched-on", time="2026-06-01T08:30:00Z"))
    await lamps.deal_with(first | {"time": "2026-06-01T08:00:00Z"})
    newest = (await lamps.read(events_topic("recognition")))[-1]
    assert [name for name, _ in newest.headers] == ["content-type"]


async def test_processing_counts_every_record(lamps: Rig) -> None:
    """From its arrival to its commit, whatever became of it."""
    await lamps.deal_with(*(lamp_event("switched-on", number=n) for n in range(7)), b"{")
    assert value(lamps.metrics, "lotse_processing_seconds_count") == 8
    assert value(lamps.metrics, "lotse_processing_seconds_bucket", le="+Inf") == 8
    assert 0 < value(lamps.metrics, "lotse_processing_seconds_sum") < 60


def test_vitals_take_the_newest_of_each_topic() -> None:
    """Over all partitions; an older batch changes nothing."""
    metrics = Metrics()
    institutions = parse_institutions(INSTITUTIONS)
    vitals = ReportVitals("recognition", lambda: institutions, _NO_POOL, _NO_SPEAKER, metrics)

    def record(partition: int, timestamp: int) -> Any:
        return SimpleNamespace(topic="inbound.recognition.zag", partition=partition, timestamp=timestamp)

    vitals.received([record(0, 5_000), record(0, 9_000), record(1, 7_000)])
    assert value(metrics, "lotse_last_report_timestamp_seconds", institution="zag") == 9
    vitals.received([record(1, 8_000)])
    assert value(metrics, "lotse_last_report_timestamp_seconds", institution="zag") == 9


def test_who_is_suspended_is_not_silent() -> None:
    """Nobody waits for its reports, so it has no time of its last one."""
    metrics = Metrics()
    institutions = parse_institutions(INSTITUTIONS.replace("{id: zag,", "{id: zag, suspended: true,"))
    assert [one.id for one in institutions.all if one.suspended] == ["zag"]
    vitals = ReportVitals("recognition", lambda: institutions, _NO_POOL, _NO_SPEAKER, metrics)
    vitals.received([SimpleNamespace(topic="inbound.recognition.zag", partition=0, timestamp=5_000)])
    assert series(metrics, "lotse_last_report_timestamp_seconds") == {}
