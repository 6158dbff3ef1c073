"""A Kafka client that looks well and reads or sends nothing: noticed, so that a process never stands still for ever."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.engine import still
from shared.engine.say import Message, Speaker
from shared.engine.still import Standstill
from shared.platform.metrics import Metrics
from tests.support.eventually import until
from tests.support.servers import Broker, settings_for

TOPIC = "events.intake"


def _raising(*_: Any, **__: Any) -> Any:
    raise AssertionError("as aiokafka stumbles over itself")


@pytest_asyncio.fixture
async def consumer(broker: Broker) -> AsyncIterator[Any]:
    """A consumer that has joined its group."""
    await broker.create(TOPIC, partitions=1)
    client = AIOKafkaConsumer(
        TOPIC,
        **broker.access.options(),
        group_id="coordinator",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        metadata_max_age_ms=200,
    )
    await client.start()
    try:
        yield client
    finally:
        with contextlib.suppress(KafkaError):
            await client.stop()


@asynccontextmanager
async def _speaking(broker: Broker) -> AsyncIterator[Speaker]:
    speaker = Speaker(settings_for("intake", broker=broker), Metrics())
    await speaker.start()
    try:
        yield speaker
    finally:
        await speaker.stop()


async def _found(standstill: Standstill, consumer: Any) -> str:
    return await standstill.look(consumer, time.monotonic(), None)


async def test_a_client_whose_place_in_the_group_has_ended_is_noticed(
    consumer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers every question for records with the same error."""
    standstill = Standstill()
    monkeypatch.setattr(consumer._coordinator, "ensure_coordinator_known", _raising)
    consumer._coordinator.request_rejoin()
    await until("it is noticed", lambda: _found(standstill, consumer), 20)
    for _ in range(2):
        with pytest.raises(KafkaError):
            await consumer.getmany(timeout_ms=10)


async def test_records_that_nobody_takes_are_noticed(
    consumer: Any, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason may be, and only while they lie; a client whose fetching has ended answers every question for
    records with nothing, without an error.
    """
    monkeypatch.setattr(still, "STUCK_SECONDS", 0.3)
    monkeypatch.setattr(still, "_ASK_SECONDS", 0.0)
    standstill = Standstill()
    async with _speaking(broker) as speaker:
        await speaker.say([Message(TOPIC, 0, b"case", b"value")])
    assert await until("it is noticed", lambda: _found(standstill, consumer), 20) == "records lay unread for too long"
    assert await consumer.getmany(timeout_ms=5_000)
    assert await _found(standstill, consumer) == ""

    monkeypatch.setattr(consumer._fetcher, "_get_actions_per_node", _raising)
    ended = "a task of the Kafka client has ended"
    assert await until("it is noticed", lambda: _found(standstill, consumer), 20) == ended
    assert await consumer.getmany(timeout_ms=10) == {}


def _joined(yes: bool) -> Any:
    """A consumer of which only that is known: whether it has its place in the group."""
    loop = asyncio.get_running_loop()
    rejoin, running = loop.create_future(), loop.create_future()
    if not yes:
        rejoin.set_result(None)

    class Coordinator:
        _coordination_task, _rejoin_needed_fut = running, rejoin

    class Fetcher:
        error_future = running

    class Client:
        _sync_task = running

    class Consumer:
        _client, _coordinator, _fetcher = Client, Coordinator, Fetcher

        @staticmethod
        def assignment() -> set[Any]:
            return set()

    return Consumer


@pytest.mark.parametrize(
    ("polled", "batch", "joined", "wrong"),
    [
        (lambda now: now, None, True, ""),
        (lambda now: now - 9, None, True, "Kafka did not answer questions for records for too long"),
        (lambda now: now, None, False, "the group could not be joined for too long"),
        (lambda now: now - 9, lambda now: now - 9, True, "a batch takes too long"),
        (lambda now: now - 9, lambda now: now, False, ""),
    ],
    ids=["well", "no answer", "no group", "no end of a batch", "a batch that began now"],
)
async def test_what_counts_as_standing_still(
    monkeypatch: pytest.MonkeyPatch,
    polled: Callable[[float], float],
    batch: Callable[[float], float] | None,
    joined: bool,
    wrong: str,
) -> None:
    """Each only after a while in which broker and database were there."""
    monkeypatch.setattr(still, "STUCK_SECONDS", 0.2)
    monkeypatch.setattr(still, "LONGEST_BATCH_SECONDS", 0.2)
    standstill, consumer = Standstill(), _joined(joined)

    async def look() -> str:
        now = time.monotonic()
        return await standstill.look(consumer, polled(now), batch and batch(now))

    assert await look() == ""
    if wrong:
        # A hiccup of the machine excuses a process, too: then it only takes longer.
        assert await until(wrong, look, 20) == wrong
    else:
        ended = time.monotonic() + 2 * still.STUCK_SECONDS
        while time.monotonic() < ended:
            assert await look() == ""
            await asyncio.sleep(0.02)
    standstill.excuse()
    assert await look() == ""


async def test_a_process_that_slept_is_excused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was stopped, or its machine slept: nothing was asked, and nothing is wrong."""
    monkeypatch.setattr(still, "STUCK_SECONDS", 0.2)
    standstill, consumer = Standstill(), _joined(True)
    polled = time.monotonic()
    assert await standstill.look(consumer, polled, None) == ""
    await asyncio.sleep(0.3)
    assert await standstill.look(consumer, polled, None) == ""


async def test_a_producer_whose_sending_has_ended_is_replaced(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers everything that is to be said with the same error."""
    await broker.create(TOPIC, partitions=1)
    async with _speaking(broker) as speaker:
        broken: Any = speaker._producer
        monkeypatch.setattr(broken._sender, "_maybe_wait_for_pid", _raising)
        async with asyncio.timeout(20):
            for _ in range(3):
                assert await speaker.say([Message(TOPIC, 0, b"case", b"value")]) == set()
        assert broken._sender.sender_task.done() and speaker._producer is not broken
