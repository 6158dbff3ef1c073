"""Reports for the benchmark: procedures of nurses in recognition, as binary CloudEvents from their competent body."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaProducer

from shared.contracts.topics import partition_of

INBOUND = "inbound.recognition.zag-muenster"
_HEAD = {"recognitionRoute": "b", "referenceOccupation": "81302", "body": "zag-muenster"}
#: What a procedure goes through, with the day of each step and the fields beside the head.
_STEPS: tuple[tuple[str, int, dict[str, str]], ...] = (
    ("submitted", 0, _HEAD),
    ("receipt-confirmed", 9, {}),
    ("documents-requested", 20, {}),
    ("documents-supplied", 48, {}),
    ("documents-complete", 55, {}),
    ("clock-suspended", 70, {"suspensionReason": "further-information"}),
    ("clock-resumed", 90, {}),
    ("decided", 160, {"outcome": "partial"}),
    ("measure-chosen", 175, {"compensationMeasure": "adaptation-course"}),
    ("measure-started", 210, {}),
)
_BEGIN = date(2025, 1, 7)


class Sent(NamedTuple):
    """One report as it goes to the broker."""

    case: str
    value: bytes
    headers: list[tuple[str, bytes]]


def cases(count: int, seed: int = 7) -> list[str]:
    """Random case ids, the same for a seed."""
    rng = random.Random(seed)
    return [str(UUID(int=rng.getrandbits(128), version=4)) for _ in range(count)]


def report(case: str, number: int, step: int) -> Sent:
    """One step of a case's procedure."""
    name, day, fields = _STEPS[step]
    day_of_step = _BEGIN + timedelta(days=number % 90 + day)
    data = {"occurredOn": day_of_step.isoformat(), "procedureId": f"nurse-{number:05}", **fields}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{case}-{step}",
        "ce_source": "/zag-muenster/fv",
        "ce_type": f"lotse.recognition.{name}.v1",
        "ce_subject": case,
        "ce_time": f"{day_of_step + timedelta(days=2)}T08:41:07Z",
        "content-type": "application/json",
    }
    encoded = [(key, value.encode()) for key, value in headers.items()]
    return Sent(case, msgspec.json.encode(data), encoded)


def backlog(all_cases: Sequence[str], steps: int = len(_STEPS), seed: int = 11) -> Iterator[Sent]:
    """All reports of all cases, in random order of the cases, each case's steps mostly in their order."""
    order = [(number, step) for step in range(steps) for number in range(len(all_cases))]
    rng = random.Random(seed)
    spread = len(all_cases) * 3
    order = [pair for _, pair in sorted((at + rng.randrange(spread), pair) for at, pair in enumerate(order))]
    for number, step in order:
        yield report(all_cases[number], number, step)


async def produce(producer: AIOKafkaProducer, reports: Iterable[Sent], partitions: int) -> int:
    """Sends reports in large batches; returns how many."""
    waiting: list[asyncio.Future[Any]] = []
    builders: dict[int, Any] = {}
    count = 0
    for sent in reports:
        number = partition_of(sent.case, partitions)
        entry = {"key": sent.case.encode(), "value": sent.value, "timestamp": None, "headers": sent.headers}
        builder = builders.get(number)
        if builder is None or builder.append(**entry) is None:
            if builder is not None:
                builder.close()
                waiting.append(await producer.send_batch(builder, INBOUND, partition=number))
            builder = builders[number] = producer.create_batch()
            builder.append(**entry)
        count += 1
    for number, builder in builders.items():
        builder.close()
        waiting.append(await producer.send_batch(builder, INBOUND, partition=number))
    for future in waiting:
        await future
    return count
