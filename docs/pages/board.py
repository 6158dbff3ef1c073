"""Examples of what coordinator and clock say: a procedure on the board, before and after its deadline has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from pages.samples import Event, Sampler
from services.clock.days import message_of
from services.coordinator.messages import barrier_content, case_content, cause_of, message, said_next
from services.coordinator.packed import OF_CASE
from services.coordinator.registry import find_services
from shared.contracts.snapshot import Cause, Snapshot
from shared.rules.board import ItemSnapshot, evaluate

__all__ = ["board_examples"]


def board_examples(sampler: Sampler, fact: str, barrier: str) -> Iterator[Event]:
    """A day, the barrier that changed with it, and the case that a first snapshot changed.

    `fact` starts a deadline of law after which the barrier is stalled; `sampler` reports it.
    """
    said = sampler.said(sampler.rows[fact])[-1].snapshots[-1]
    items = [ItemSnapshot.of(sampler.service.name, msgspec.convert(said["data"], Snapshot))]
    stalled_from = said["data"]["state"]["stalledFrom"]
    day: Event = msgspec.json.decode(message_of(date.fromisoformat(stalled_from)).value or b"")
    yield day
    case, mappings = said["subject"], find_services().mappings
    before = evaluate(mappings, items, said["time"][:10]).board
    after = evaluate(mappings, items, stalled_from).board
    because, later = _cause(said), _cause(day)
    first = said_next(None, barrier_content(before.barriers[barrier]), because, said["time"])
    second = said_next(first, barrier_content(after.barriers[barrier]), later, day["time"])
    yield msgspec.json.decode(message(case, barrier, second))
    yield msgspec.json.decode(message(case, OF_CASE, said_next(None, case_content(before), because, said["time"])))


def _cause(event: Event) -> bytes:
    return cause_of(Cause(event["source"], event["id"], event["type"]))
