"""The published examples, sent to the real services through broker and database, get the receipts that they show."""

from __future__ import annotations

import importlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts.topics import dead_letters_topic, events_topic, inbound_topic, receipts_topic
from shared.engine.service import Service
from shared.rules.model import RuleBook
from tests.contract.documents import DOCS, ROOT
from tests.engine import harness
from tests.engine.harness import Rig, rig
from tests.support.servers import Broker
from tests.support.services import STANDING

EXAMPLES = DOCS / "contract/examples"
#: Ids of what a story sends so often that it shows one receipt for all.
_MANY = re.compile(r"-(?!500$)\d{3}$")
Json = dict[str, Any]


class Sent(NamedTuple):
    """One record of an example."""

    topic: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


def service_of(name: str) -> Service:
    """A service as it runs."""
    found: Service = importlib.import_module(f"services.{name}.__main__").SERVICE
    return found


def examples(folder: str, service: str) -> Iterator[Any]:
    """All files about a service's types."""
    for file in sorted((EXAMPLES / folder).glob(f"lotse.{service}.*.json")):
        yield json.loads(file.read_text(encoding="utf-8"))


def stories() -> Iterator[Json]:
    """All stories but the one that needs a fault of ours."""
    for file in sorted((EXAMPLES / "codes").iterdir()):
        if file.stem != "internal.fault":
            yield json.loads(file.read_text(encoding="utf-8"))


def as_sent(event: Json) -> Sent:
    """An event in structured mode, on the topic of its institution."""
    return Sent(inbound_topic(event["type"].split(".")[1], event["source"].split("/")[1]), json.dumps(event).encode())


def step_as_sent(topic: str, step: Json) -> Iterator[Sent]:
    """The records of one step of a story."""
    if "event" not in step:
        headers = tuple((name, text.encode()) for name, text in step.get("headers", ()))
        yield Sent(topic, step["value"].ljust(step.get("paddedTo", 0)).encode(), headers)
        return
    for number in range(1, step.get("times", 1) + 1):
        id_ = f"{step['event']['id']}-{number:03}" if "times" in step else step["event"].get("id")
        yield Sent(topic, json.dumps({**step["event"], "id": id_}).encode())


async def deal_with(running: Rig, broker: Broker, sent: Iterable[Sent]) -> None:
    """Sends records and handles them as one batch."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.address)
    await producer.start()
    try:
        for record in sent:
            await producer.send_and_wait(record.topic, record.value, headers=list(record.headers))
    finally:
        await producer.stop()
    await running.parts.ingest.handle(await running.new_records())


def comparable(receipt: Mapping[str, Any]) -> str:
    """A receipt without the time and place of its record."""
    data = {name: value for name, value in receipt["data"].items() if name not in ("record", "receivedAt")}
    return json.dumps({"type": receipt["type"], "source": receipt["source"], "data": data}, sort_keys=True)


async def said(running: Rig) -> Counter[str]:
    """All receipts that the service said."""
    receipts = [receipt for name in running.institutions for receipt in await running.receipts(name)]
    return Counter(comparable(one) for one in receipts if not _MANY.search(one["data"].get("reportId", "")))


async def topics_for(service: Service, institutions: Iterable[str], broker: Broker) -> None:
    """Makes the topics that the service touches."""
    names = {events_topic(service.name), dead_letters_topic(service.name), events_topic("intake")}
    for name in institutions:
        names |= {inbound_topic(service.name, name), receipts_topic(name)}
    await broker.create(*sorted(names))


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The institutions that the examples name."""
    monkeypatch.setattr(harness, "INSTITUTIONS", (ROOT / "deploy/institutions.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", STANDING)
async def test_good_and_refused_examples_get_their_receipts(
    name: str, database: str, broker: Broker, tmp_path: Path
) -> None:
    """Each event of every good example is accepted; each refused one gets the receipt beside it."""
    service, rows, refused = service_of(name), list(examples("accepted", name)), list(examples("refused", name))
    institution = rows[0][0]["source"].split("/")[1]
    await topics_for(service, [institution], broker)
    async with rig(service, database, broker, tmp_path) as running:
        running.institutions = (institution,)
        for events in zip_longest(*rows):
            await deal_with(running, broker, [as_sent(event) for event in events if event is not None])
        standings = await running.standings(institution)
        for row in rows:
            assert standings[row[-1]["id"]][1] == "ok", row[-1]["type"]
            assert all(standings[event["id"]][1].startswith("ok") for event in row)
        before = await said(running)
        await deal_with(running, broker, [as_sent(example["event"]) for example in refused])
        assert await said(running) - before == Counter(comparable(example["receipt"]) for example in refused)


async def test_the_stories_get_the_receipts_that_they_show(database: str, broker: Broker, tmp_path: Path) -> None:
    """All that the service says to their records, step by step, and nothing beside it."""
    told = list(stories())
    topic = told[0]["topic"]
    service, institution = service_of(topic.split(".")[1]), topic.split(".")[2]
    await topics_for(service, [institution], broker)
    async with rig(service, database, broker, tmp_path) as running:
        running.institutions = (institution,)
        for steps in zip_longest(*(story["steps"] for story in told)):
            await deal_with(running, broker, [one for step in steps if step for one in step_as_sent(topic, step)])
        shown = Counter(
            comparable(receipt) for story in told for step in story["steps"] for receipt in step["receipts"]
        )
        assert await said(running) == shown


async def test_a_fault_of_ours_is_told_as_the_story_shows_it(database: str, broker: Broker, tmp_path: Path) -> None:
    """The report is kept, and its receipt says that there is nothing to do."""
    story = json.loads((EXAMPLES / "codes/internal.fault.json").read_text(encoding="utf-8"))
    service = _broken(service_of(story["topic"].split(".")[1]))
    institution = story["topic"].split(".")[2]
    await topics_for(service, [institution], broker)
    async with rig(service, database, broker, tmp_path) as running:
        running.institutions = (institution,)
        (step,) = story["steps"]
        await deal_with(running, broker, step_as_sent(story["topic"], step))
        assert await said(running) == Counter(map(comparable, step["receipts"]))


def _broken(service: Service) -> Service:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("the rules of this test always raise")

    kinds = tuple(replace(kind, derive=fail) for kind in service.book.kinds)
    return replace(service, book=RuleBook(service.book.service, kinds))
