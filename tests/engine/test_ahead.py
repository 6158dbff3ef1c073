"""Reading ahead: what is fetched while a batch is dealt with, and when none of it may be worked on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from shared.engine.consume import _Ahead

PLACE = TopicPartition("events.intake", 0)


def fetched(*offsets: int, size: int = 10) -> dict[TopicPartition, list[Any]]:
    """Records of one partition."""
    return {PLACE: [SimpleNamespace(offset=offset, value=b"x" * size) for offset in offsets]}


def test_a_batch_is_bounded_in_records_and_in_bytes() -> None:
    """Whichever comes first; taking it makes room again."""
    ahead = _Ahead(5, 1_000)
    ahead.add(fetched(1, 2, 3), 7)
    assert ahead.room() == 2
    ahead.add(fetched(4, size=2_000), 7)
    assert ahead.room() == 0
    epoch, records = ahead.take()
    assert (epoch, [record.offset for record in records[PLACE]]) == (7, [1, 2, 3, 4])
    assert ahead.room() == 5


def test_records_of_two_assignments_are_all_handed_back() -> None:
    """Whatever was fetched before a rebalance may belong to somebody else, and what came after it follows it."""
    ahead = _Ahead(5, 1_000)
    ahead.add(fetched(1), 7)
    ahead.add(fetched(2), 8)
    assert ahead.take()[0] == -1
    ahead.add(fetched(3), 8)
    assert ahead.take()[0] == 8


def test_batches_that_take_too_long_become_smaller() -> None:
    """And grow again, up to what was set, while they are quick."""
    ahead = _Ahead(4_000, 1_000)
    rooms = []
    for seconds in (6.0, 6.0, 6.0, 3.0, 1.0, 1.0, 1.0):
        ahead.adapt(seconds)
        rooms.append(ahead.room())
    assert rooms == [2_000, 1_000, 1_000, 1_000, 2_000, 4_000, 4_000]
