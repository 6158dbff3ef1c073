"""Each alert is seen to fire in a running region when the fault that it is for is there, and to resolve after it.

The rules are those of deploy/prometheus; only their times are shorter: a minute is a second, and for the rhythm of the
institutions, which is weeks in a region, four weeks are two minutes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from lotse.stack.services import ROOT
from shared.contracts.topics import inbound_topic, receipts_topic
from shared.platform.kafka import delete_topics
from shared.platform.senders import Senders
from tests.containers.operating import aside, inside, ready
from tests.containers.region import PROCESSES, Region, run
from tests.containers.scaled_rules import scaled
from tests.support.eventually import until

_MINUTES_TO_SECONDS, _WEEKS_TO_SECONDS = 60, 20_000
_RHYTHM = "lotse-rhythm"
_SECONDS = 120.0
_REPORTS = {
    "childcare": "docs/contract/examples/accepted/lotse.childcare.need-identified.v1.json",
    "language": "docs/contract/examples/accepted/lotse.language.level-assessed.v1.json",
    "recognition": "docs/contract/examples/accepted/lotse.recognition.advised.v1.json",
}
#: Those that a test below makes fire, but for the rhythm, which is no fault of the region.
_CALLED = (
    "ServiceStopped", "BrokerUnreachable", "DatabaseUnreachable", "LagHigh", "LagStuck", "ReceiptsWaiting",
    "TopicsMissing", "InternalFault",
)  # fmt: skip
#: Two that report to the same service, each in its rhythm.
STEADY, SILENT = "jugendamt-moenchengladbach", "jugendamt-neuss"


@dataclass(frozen=True, slots=True)
class Watch:
    """Prometheus of a region."""

    url: str

    async def firing(self, alert: str) -> list[dict[str, str]]:
        """The labels of every alert of a name that fires now."""
        async with httpx.AsyncClient(base_url=self.url, timeout=10, trust_env=False) as client:
            told = (await client.get("/api/v1/alerts")).json()["data"]["alerts"]
        return [one["labels"] for one in told if one["state"] == "firing" and one["labels"]["alertname"] == alert]

    async def fires(self, alert: str, **labels: str) -> None:
        """Waits until an alert fires with these labels."""

        async def found() -> bool:
            return any(labels.items() <= one.items() for one in await self.firing(alert))

        await until(f"{alert} fires with {labels}", found, _SECONDS)

    async def resolves(self, alert: str, **labels: str) -> None:
        """Waits until no alert fires any more with these labels."""

        async def gone() -> bool:
            return not any(labels.items() <= one.items() for one in await self.firing(alert))

        await until(f"{alert} with {labels} resolves", gone, _SECONDS)


class Reporting:
    """Institutions that report, each in the rhythm that it was told, until they are told to stop."""

    def __init__(self, senders: Senders) -> None:
        self._senders = senders
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, institution: str, service: str, every: float = 1.0) -> None:
        """From now on one report, which becomes a duplicate of itself."""
        self._tasks[institution] = asyncio.create_task(self._report(institution, service, every))

    async def stop(self, institution: str) -> None:
        """Says nothing any more."""
        task = self._tasks.pop(institution)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _report(self, institution: str, service: str, every: float) -> None:
        (event,) = json.loads((ROOT / _REPORTS[service]).read_text(encoding="utf-8"))
        event["source"] = f"/{institution}"
        producer = await self._senders.of(institution)
        while True:
            await producer.send(
                inbound_topic(service, institution), json.dumps(event).encode(), key=event["subject"].encode()
            )
            await asyncio.sleep(every)

    async def __aenter__(self) -> Reporting:
        return self

    async def __aexit__(self, *_: object) -> None:
        for institution in list(self._tasks):
            await self.stop(institution)


@pytest.fixture(scope="module")
def watch(region: Region) -> Iterator[Watch]:
    """Prometheus in a hurry; afterwards it has its own rules again."""
    folder = region.folder / "deploy" / "prometheus"
    files = [folder / "prometheus.yml", *sorted((folder / "rules").glob("*.yml"))]
    before = {path: path.read_text(encoding="utf-8") for path in files}
    url = region.url("prometheus")
    for path, text in before.items():
        path.write_text(yaml.safe_dump(hurried(yaml.safe_load(text))), encoding="utf-8")
    try:
        httpx.post(f"{url}/-/reload", timeout=30, trust_env=False).raise_for_status()
        yield Watch(url)
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")
        httpx.post(f"{url}/-/reload", timeout=30, trust_env=False).raise_for_status()


def hurried(file: Mapping[str, Any]) -> dict[str, Any]:
    """A file of rules, or the settings, in a hurry."""
    if "groups" not in file:
        return {**file, "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}}
    groups = []
    for group in file["groups"]:
        factor = _WEEKS_TO_SECONDS if group["name"] == _RHYTHM else _MINUTES_TO_SECONDS
        groups += scaled({"groups": [group]}, factor)["groups"]
    return {"groups": groups}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reporting(region: Region) -> AsyncIterator[Reporting]:
    """Institutions that report from the beginning, so that their rhythm is known when it matters."""
    async with Senders(region.login) as senders, Reporting(senders) as reporting:
        for institution in (STEADY, SILENT):
            reporting.begin(institution, "childcare")
        yield reporting


@asynccontextmanager
async def paused(region: Region, service: str) -> AsyncIterator[None]:
    """A container whose processes stand still, as after SIGSTOP: it is there, and answers nothing."""
    await until(f"{service} stands still", lambda: aside(stand_still, region, service), _SECONDS)
    try:
        yield
    finally:
        await aside(region.docker, "unpause", service)


def stand_still(region: Region, service: str) -> bool:
    """Tries to pause a container. A busy machine may fail to freeze all processes of one in time; then none is."""
    run(["docker", "pause", region.container(service)], check=False)
    return bool(region.state(service)["Status"] == "paused")


@contextmanager
def locked(region: Region, service: str, table: str) -> Iterator[None]:
    """A table that somebody else holds: the database answers, and nothing can be stored."""
    statement = f"set application_name = 'holder'; lock table {table} in access exclusive mode; select pg_sleep(600)"
    holding = subprocess.Popen(_psql(region, service, f"begin; {statement}"), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        psql(
            region, service, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holder'"
        )
        holding.wait(30)


def psql(region: Region, service: str, statement: str) -> str:
    """A statement in a service's database, by the operator."""
    return run(_psql(region, service, statement)).strip()


def _psql(region: Region, service: str, statement: str) -> list[str]:
    arguments = ("psql", "-U", "postgres", "-d", f"lotse_{service}", "-qAtc", statement)
    return ["docker", "exec", region.container("postgres"), *arguments]


async def test_nothing_fires_in_a_healthy_region(watch: Watch, reporting: Reporting) -> None:
    """Whatever is said below is said because of the fault."""

    async def quiet() -> bool:
        return not [one for alert in _CALLED for one in await watch.firing(alert)]

    await until("no alert fires", quiet, _SECONDS)


async def test_a_stopped_service(region: Region, watch: Watch, reporting: Reporting) -> None:
    """One that ended and one that stands still are called by name; the others are not."""
    await aside(region.docker, "stop", "recognition")
    try:
        async with paused(region, "outreach"):
            await asyncio.gather(
                watch.fires("ServiceStopped", service="recognition"), watch.fires("ServiceStopped", service="outreach")
            )
            assert {one["service"] for one in await watch.firing("ServiceStopped")} == {"recognition", "outreach"}
    finally:
        await aside(region.docker, "start", "recognition")
    await watch.resolves("ServiceStopped")
    await asyncio.gather(ready(region, "recognition"), ready(region, "outreach"))


async def test_a_broker_that_does_not_answer(region: Region, watch: Watch, reporting: Reporting) -> None:
    """Every process says so; none of them blames the database or itself."""
    async with paused(region, "kafka"):
        await asyncio.gather(*(watch.fires("BrokerUnreachable", service=name) for name in PROCESSES))
        assert await watch.firing("DatabaseUnreachable") == []
        assert await watch.firing("ServiceNotReady") == []
    await watch.resolves("BrokerUnreachable")


async def test_a_database_that_does_not_answer(region: Region, watch: Watch, reporting: Reporting) -> None:
    """Every process that has one says so; none of them blames the broker or itself."""
    async with paused(region, "postgres"):
        await asyncio.gather(*(watch.fires("DatabaseUnreachable", service=one) for one in PROCESSES if one != "clock"))
        assert await watch.firing("BrokerUnreachable") == []
        assert await watch.firing("ServiceNotReady") == []
    await watch.resolves("DatabaseUnreachable")


async def test_a_service_that_does_not_come_on(region: Region, watch: Watch, reporting: Reporting) -> None:
    """Reports come and none is finished, though broker and database answer: it is late, and it is stuck."""
    await ready(region, "language")
    with locked(region, "language", "fact"):
        reporting.begin("vhs-neuss", "language", every=0.5)
        await asyncio.gather(
            watch.fires("LagHigh", service="language"),
            watch.fires("LagStuck", service="language"),
        )
        assert {one["service"] for one in await watch.firing("LagStuck")} == {"language"}
    await watch.resolves("LagStuck")
    await watch.resolves("LagHigh")
    await reporting.stop("vhs-neuss")


async def test_topics_that_are_missing(region: Region, watch: Watch, reporting: Reporting) -> None:
    """Receipts wait for their topic, and it is told that it is missing, until the region is provisioned again."""
    await delete_topics(region.operator, [receipts_topic("iq-niederrhein")])
    reporting.begin("iq-niederrhein", "recognition")
    try:
        await asyncio.gather(
            watch.fires("TopicsMissing", service="recognition"), watch.fires("ReceiptsWaiting", service="recognition")
        )
        await reporting.stop("iq-niederrhein")
    finally:
        await aside(region.compose, "run", "--rm", "--no-deps", "provision")
    await asyncio.gather(watch.resolves("TopicsMissing"), watch.resolves("ReceiptsWaiting"))


async def test_an_internal_fault(region: Region, watch: Watch, reporting: Reporting) -> None:
    """A report that could not be derived is told until it is mended; what mends it is deriving it again."""
    statement = "update fact set code = 'internal.fault' where id in (select id from fact limit 1) returning id"
    assert await aside(psql, region, "childcare", statement)
    await watch.fires("InternalFault", service="childcare")
    await aside(inside, region, "childcare", "rederive")
    await watch.resolves("InternalFault")


async def test_an_institution_that_fell_silent(watch: Watch, reporting: Reporting) -> None:
    """It is measured against its own rhythm: that others report does not hide it, and they are not called silent."""
    await watch.resolves("InstitutionSilent", institution=SILENT)
    await reporting.stop(SILENT)
    await watch.fires("InstitutionSilent", institution=SILENT, service="childcare")
    assert STEADY not in {one["institution"] for one in await watch.firing("InstitutionSilent")}
    reporting.begin(SILENT, "childcare")
    await watch.resolves("InstitutionSilent", institution=SILENT)
