"""Deriving the subjects of a batch: facts in, standings and changed items out; one that fails harms only itself."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from shared.contracts.snapshot import Cause
from shared.engine.rows import FactRow, ItemRow
from shared.engine.service import Service
from shared.rules.derive import derive_subject, to_content
from shared.rules.model import OK, RETRACTION, Context, Fact, FactKey, Item, State
from shared.rules.standing import standing

log = logging.getLogger(__name__)

FAULT = "internal.fault"
LATE = "ok.late"
#: Standing facts that one item may hold; corrections and retractions always pass.
MOST_FACTS = 500
#: Reports that a line of the log names at most.
_SOME = 20

_encode = msgspec.json.Encoder().encode


class ParentsMoved(Exception):
    """A subject reads parents that were not locked with it; the transaction is repeated with them."""

    def __init__(self, parents: set[str]) -> None:
        super().__init__(len(parents))
        self.parents = parents


@dataclass(slots=True)
class SubjectWork:
    """One locked subject while a batch is stored: what was there, what came, what was derived."""

    subject: str
    parents: Mapping[str, tuple[int, State]]
    facts: dict[FactKey, FactRow] = field(default_factory=dict)
    items: dict[str, ItemRow] = field(default_factory=dict)
    #: Item, encoded content and cause of everything that was derived.
    derived: list[tuple[str, bytes, Cause | None]] = field(default_factory=list)
    #: Parents that it was linked to so far, and those that its facts read now.
    linked: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    #: What the batch brought, in its order.
    came: list[FactRow] = field(default_factory=list)
    again: bool = False
    failed: bool = False
    mended: bool = False
    _counts: Counter[str] | None = None

    def admit(self, row: FactRow) -> bool:
        """Takes a new report; False when its item is full."""
        fact = row.fact
        self.facts[fact.source, fact.id] = row
        if len(self.facts) > MOST_FACTS and not self._fits(fact):
            del self.facts[fact.source, fact.id]
            return False
        self.came.append(row)
        return True

    def _fits(self, fact: Fact) -> bool:
        """Whether the item of a fact that was just taken has room for it."""
        if self._counts is None:
            self._counts = Counter(stored.fact.item for stored in self.facts.values())
        else:
            self._counts[fact.item] += 1
        if self._counts[fact.item] <= MOST_FACTS or fact.corrects is not None or fact.name == RETRACTION:
            return True
        standing_facts = standing([stored.fact for stored in self.facts.values()]).items
        if len(standing_facts.get(fact.item, ())) <= MOST_FACTS:
            return True
        self._counts[fact.item] -= 1
        return False

    def make_earlier(self, row: FactRow, time: int) -> None:
        """Of resends the earliest `time` counts."""
        row.fact = msgspec.structs.replace(row.fact, time=time)
        row.changed = True
        self.came.append(row)

    @property
    def received_at(self) -> int | None:
        """When the first of what came was received; None where it is a report that was known before."""
        return self.came[0].place.received_at if self.came and self.came[0].is_new else None

    def fail(self) -> None:
        """Keeps what came as `internal.fault`; the items keep their last state and get a mark."""
        self.failed = bool(self.came or self.again)
        self.derived.clear()
        for row in self.came:
            if row.is_new:
                row.code = FAULT


def derive_work(service: Service, subjects: Iterable[SubjectWork], context: Context, now: int) -> None:
    """Derives subjects that something came for; an error of the rules marks its subject only. Raises ParentsMoved."""
    for work in subjects:
        if not work.came and not work.again:
            continue
        try:
            _derive(service, work, context, now)
        except ParentsMoved:
            raise
        except Exception:
            rows = work.came or list(work.facts.values())
            log.error("an item could not be derived", exc_info=True, extra=named(rows))
            work.fail()


def named(rows: Sequence[FactRow]) -> dict[str, Any]:
    """Reports as a log names them: how many, and of some their ids and where they stand, as the dead letter says it."""
    some = rows[:_SOME]
    return {
        "reports": [f"{row.fact.source}#{row.fact.id}" for row in some],
        "records": [f"{row.place.topic}/{row.place.partition}/{row.place.offset}" for row in some],
        "count": len(rows),
    }


def _derive(service: Service, work: SubjectWork, context: Context, now: int) -> None:
    """Derives one subject; nothing of it is touched before everything about it was computed."""
    facts = [row.fact for row in work.facts.values()]
    if service.parent_item:
        context = _with_parents(service, work, facts, context)
    state = derive_subject(service.book, facts, context)
    derived = [
        (name, to_content(service.name, name, item), _cause(service, work, name)) for name, item in state.items.items()
    ]
    codes = state.codes
    unlike = [(key, row, code) for key, row in work.facts.items() if (code := codes[key]) != row.code or row.is_new]
    late = _late(work, state.items)
    for key, row, code in unlike:
        _set_standing(row, code, key in late, now)
    work.derived = derived
    work.mended = any(item.fault for item in work.items.values())


def _set_standing(row: FactRow, code: str, late: bool, now: int) -> None:
    """Gives a report its code; one that changes raises the version, so that its receipt is said again."""
    if row.is_new:
        row.late = late
    if code == OK and row.late:
        code = LATE
    if row.is_new:
        row.code = code
    elif row.code != code:
        row.code, row.version, row.decided_at, row.changed = code, row.version + 1, now, True


def _with_parents(service: Service, work: SubjectWork, facts: Iterable[Fact], context: Context) -> Context:
    work.read = {parent for fact in facts if (parent := service.parent_of(fact))}
    unknown = work.read - work.parents.keys()
    if unknown:
        raise ParentsMoved(unknown)
    return replace(context, parents={parent: work.parents[parent][1] for parent in work.read})


def _late(work: SubjectWork, items: Mapping[str, Item]) -> set[FactKey]:
    """New reports that are in force before a fact that already stood."""
    order = {row.key: number for number, row in enumerate(work.came) if row.is_new}
    late: set[FactKey] = set()
    unseen = len(order)
    for item in items.values():
        # Walking from the newest fact back: the earliest arrival among the facts behind the present one.
        earliest, codes = len(work.came), item.codes
        for fact in reversed(item.facts):
            if not unseen:
                return late
            key = (fact.source, fact.id)
            arrival = order.get(key, -1)
            unseen -= arrival >= 0
            if codes.get(key) != OK:
                continue
            if arrival > earliest:
                late.add(key)
            earliest = min(earliest, arrival)
    return late


def _cause(service: Service, work: SubjectWork, item: str) -> Cause | None:
    """The last report of the batch that touched an item, otherwise the last of its subject."""
    if not work.came:
        return None
    last = next((row for row in reversed(work.came) if row.fact.item == item), work.came[-1])
    return Cause(last.fact.source, last.fact.id, f"lotse.{service.name}.{last.fact.name}.v1")
