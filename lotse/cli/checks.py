"""What `lotse doctor` looks at. Each check is a function that gives findings; none of them changes anything."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families

from lotse.cli.where import Kafka, region_setting
from lotse.cli.words import Word
from lotse.stack.control import StackFile, call
from lotse.stack.lag import group_lag, newest_day
from lotse.stack.services import WITHOUT_DATABASE
from lotse.stack.topics import wanted_topics
from shared.contracts.topics import CLOCK_TOPIC, events_topic, inbound_pattern
from shared.platform.kafka import list_topics

Health = Literal["good", "doubtful", "bad"]
_SECONDS = 20.0
#: More unread records than this are worth a look; a burst is read within seconds.
_MUCH_LAG = 10_000
NOTHING = Word("", "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not good."""

    part: str
    health: Health
    text: Word
    advice: Word = NOTHING


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. `stack` is None outside `lotse up`; then only what the settings name is looked at.

    In a `region` of docker compose all processes are known, but its databases listen inside only.
    """

    kafka: Kafka
    urls: Mapping[str, str]
    stack: StackFile | None
    region: bool = False

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(self.urls)

    @property
    def reporting(self) -> tuple[str, ...]:
        return tuple(name for name in self.urls if name not in ("coordinator", "gateway", *WITHOUT_DATABASE))


Check = Callable[[Patient], AsyncIterator[Finding]]


async def examine(patient: Patient) -> list[Finding]:
    """All findings, in the order in which one reads them. Where the broker is away, what needs it is left out."""
    broker = await _findings(check_broker, patient)
    checks: list[Check] = [check_processes, check_databases]
    if broker[0].health == "good":
        checks += [check_topics, check_lag, check_day]
    others = await asyncio.gather(*(_findings(check, patient) for check in checks))
    return [*broker, *(finding for found in others for finding in found)]


async def _findings(check: Check, patient: Patient) -> list[Finding]:
    """What one check finds; one that cannot be made in time is a finding itself."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(_SECONDS):
            async for finding in check(patient):
                found.append(finding)
    except Exception as error:
        part = check.__name__.removeprefix("check_")
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        found.append(
            Finding(
                part, "bad", Word(f"nicht zu prüfen ({said})", f"cannot be checked ({said})"), _look_at_logs(patient)
            )
        )
    return found


async def check_broker(patient: Patient) -> AsyncIterator[Finding]:
    """Whether the broker can be reached."""
    at = patient.kafka
    try:
        async with asyncio.timeout(8):
            number = len(await list_topics(at.access))
    except Exception as error:
        text = Word(f"{at.access.brokers} antwortet nicht", f"does not answer ({type(error).__name__})")
        advice = Word("`lotse up` starten oder LOTSE_BROKERS prüfen", "start `lotse up`")
        in_region = Word("`docker compose up --wait -d`, `docker compose logs kafka`", "start it, or see its log")
        yield Finding("broker", "bad", text, in_region if patient.region else advice)
        return
    shown = patient.stack.door if patient.stack else at.access.brokers
    yield Finding("broker", "good", Word(f"{shown}, {number} Topics", f"{at.access.profile}, {number} topics"))


async def check_topics(patient: Patient) -> AsyncIterator[Finding]:
    """Whether all topics are there, with the right number of partitions."""
    at = patient.kafka
    wanted = {name: number for name, number, _ in wanted_topics(at.institutions, patient.reporting, at.partitions)}
    there = await list_topics(at.access)
    missing = sorted(wanted.keys() - there.keys())
    wrong = sorted(name for name in wanted.keys() & there.keys() if there[name] != wanted[name])
    if missing:
        shown = _some(missing)
        yield Finding(
            "topics",
            "bad",
            Word(f"{len(missing)} fehlen: {shown}", f"{len(missing)} are missing"),
            _make_topics(patient),
        )
    if wrong:
        compacted = all(name.startswith("events.") for name in wrong)
        advice = (
            Word("`lotse topics recreate`", "the same") if compacted else Word("LOTSE_PARTITIONS prüfen", "check it")
        )
        shown = _some([f"{name} ({there[name]} statt {wanted[name]})" for name in wrong])
        yield Finding(
            "topics", "bad", Word(f"falsche Zahl der Partitionen: {shown}", "wrong number of partitions"), advice
        )
    if not missing and not wrong:
        yield Finding("topics", "good", Word(f"alle {len(wanted)} da", f"all {len(wanted)} are there"))


async def check_processes(patient: Patient) -> AsyncIterator[Finding]:
    """Whether each process lives and is ready, and what its metrics tell of faults and receipts that wait."""
    states = await asyncio.to_thread(call, patient.stack, "status") if patient.stack else {}
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        for name, url in patient.urls.items():
            state = states.get(name, {})
            yield await _process(client, name, url, state, _log_of(patient, name, state))
            for finding in await _metrics(client, name, url, _make_topics(patient)):
                yield finding
    if "postgres" in states and states["postgres"]["state"] != "ready":
        yield Finding(
            "postgres",
            "bad",
            Word("läuft nicht", "does not run"),
            Word(f"Log: {states['postgres']['log']}", "see its log"),
        )


def _log_of(patient: Patient, name: str, state: Mapping[str, Any]) -> Word:
    if patient.region:
        return Word(f"`docker compose logs --tail 50 {name}`", "see its log")
    return Word(f"Log: {state['log']}", "see its log") if state else Word("das Log ansehen", "see its log")


def _make_topics(patient: Patient) -> Word:
    """What makes the topics of the institutions file; in a region users and rights are made with them."""
    return Word("`docker compose run --rm provision`" if patient.region else "`lotse topics create`", "makes them")


async def _process(client: httpx.AsyncClient, name: str, url: str, state: Mapping[str, Any], log: Word) -> Finding:
    """How one process is; `log` says where to look."""
    if state.get("state") == "stopped":
        advice = Word(
            "`lotse topics recreate` wiederholen oder `lotse up` neu starten", "repeat it, or restart `lotse up`"
        )
        return Finding(name, "bad", Word("ist angehalten", "is stopped"), advice)
    try:
        answer = await client.get(f"{url}/health/ready")
    except httpx.HTTPError as error:
        return Finding(name, "bad", Word(f"antwortet nicht unter {url}", f"no answer ({type(error).__name__})"), log)
    if answer.status_code == 200:
        deaths = int(state.get("deaths", 0))
        if not deaths:
            return Finding(name, "good", Word("bereit", "ready"))
        text = Word(f"bereit; unerwartet beendet: {deaths}", f"ready; unexpected ends: {deaths}")
        return Finding(name, "doubtful", text, log)
    wrong = "; ".join(f"{part}: {what}" for part, what in _wrong(answer).items()) or f"HTTP {answer.status_code}"
    return Finding(name, "bad", Word("lebt, ist aber nicht bereit", f"lives, but is not ready: {wrong}"), log)


def _wrong(answer: httpx.Response) -> Mapping[str, str]:
    with contextlib.suppress(ValueError, AttributeError):
        found = answer.json().get("wrong", {})
        if isinstance(found, dict):
            return found
    return {}


async def _metrics(client: httpx.AsyncClient, name: str, url: str, topics: Word) -> list[Finding]:
    """What the metrics of a process tell of faults, receipts that wait and records that were lost; `topics` says how
    missing ones are made.
    """
    try:
        answer = await client.get(f"{url}/metrics", follow_redirects=True)
        values = {
            sample.name: sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if not sample.labels
        }
    except (httpx.HTTPError, ValueError):
        return []  # that the process does not answer was told
    told = {
        "lotse_internal_faults": (
            Word("Meldungen mit internem Fehler", "reports with an internal fault"),
            Word(f"nach der Behebung `lotse rederive {name}`", "after mending it, rederive"),
        ),
        "lotse_receipts_waiting": (
            Word("Quittungen warten: ihr Topic fehlt oder ist verboten", "receipts wait for their topic"),
            Word(f"{topics.de}, oder Rechte prüfen", "makes the topic; or check rights"),
        ),
        "lotse_offsets_lost_total": (
            Word("Partitionen mit verlorenen Sätzen", "partitions lost records before they were read"),
            Word("die Institutionen um Wiederholung bitten", "ask the institutions to send again"),
        ),
    }
    return [
        Finding(name, "bad", Word(f"{values[metric]:.0f} {text.de}", f"{values[metric]:.0f} {text.en}"), advice)
        for metric, (text, advice) in told.items()
        if values.get(metric, 0) > 0
    ]


async def check_databases(patient: Patient) -> AsyncIterator[Finding]:
    """Whether each service's database takes connections and has its tables. Only in a stack whose databases we know."""
    for name, url in (patient.stack.databases if patient.stack else {}).items():
        yield await _database(name, url)


async def _database(name: str, url: str) -> Finding:
    part = f"lotse_{name}"
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        text = Word("Datenbank nicht erreichbar", f"database out of reach ({type(error).__name__})")
        return Finding(part, "bad", text, Word("einen Augenblick warten; sie wird neu gestartet", "wait, it restarts"))
    try:
        if not await connection.fetchval("select to_regclass('schema_migration') is not null"):
            advice = Word(f"Log des Dienstes {name} ansehen", "see the log of the service")
            return Finding(part, "bad", Word("Tabellen fehlen", "the tables are missing"), advice)
        version = await connection.fetchval("select max(version) from schema_migration")
        return Finding(part, "good", Word(f"erreichbar, Stand {version:04}", f"database, version {version:04}"))
    finally:
        await connection.close()


async def check_lag(patient: Patient) -> AsyncIterator[Finding]:
    """How many records each group has not worked through yet."""
    at = patient.kafka
    topics = list(await list_topics(at.access))
    groups = {name: [t for t in topics if re.match(inbound_pattern(name), t)] for name in patient.reporting}
    snapshots = [t for t in topics if t in {events_topic(name) for name in patient.reporting}]
    if "coordinator" in patient.urls:
        groups["coordinator"] = [*snapshots, CLOCK_TOPIC]
    lags = {name: await group_lag(at.access, name, found) for name, found in groups.items()}
    for name, lag in lags.items():
        health: Health = "good" if lag < _MUCH_LAG else "doubtful"
        text = Word(f"{lag} Sätze ungelesen", f"{lag} records not worked through")
        yield Finding(
            f"lag {name}", health, text, NOTHING if health == "good" else Word("noch einmal prüfen", "look again")
        )


async def check_day(patient: Patient) -> AsyncIterator[Finding]:
    """Whether the newest day that the clock said is today. A clock by hand is where somebody put it."""
    said = await newest_day(patient.kafka.access)
    today = datetime.now(ZoneInfo("Europe/Berlin")).date().isoformat()
    mode = patient.stack.environment.get("LOTSE_CLOCK") if patient.stack else region_setting("LOTSE_CLOCK")
    if mode == "manual":
        shown = said or "–"
        yield Finding("clock.days", "good", Word(f"{shown}, von Hand gestellt", f"{shown}, set by hand"))
    elif said == today:
        yield Finding("clock.days", "good", Word(f"{said}, heute", f"{said}, today"))
    else:
        text = Word(
            f"steht auf {said or 'keinem Tag'}, heute ist {today}", f"is at {said or 'no day'}, today is {today}"
        )
        yield Finding("clock.days", "bad", text, Word("läuft der Dienst clock?", "does the clock run?"))


def _look_at_logs(patient: Patient) -> Word:
    folder = Path(patient.stack.folder) if patient.stack else None
    if patient.region:
        return Word("`docker compose logs --tail 50`", "see the logs")
    return Word(f"Logs in {folder}", "see the logs") if folder else Word("Logs ansehen", "see the logs")


def _some(names: list[str], number: int = 5) -> str:
    """The first few names."""
    rest = len(names) - number
    return ", ".join(names[:number]) + (f" … (+{rest})" if rest > 0 else "")
