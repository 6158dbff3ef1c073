"""The answers of the read API, made of the rows that were said (facts.md §5). A hidden case has none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.coordinator.marks import Filters, wanted
from services.coordinator.messages import fields_of
from services.coordinator.packed import OF_CASE, facts_of, state_of, unpack_items, unpack_said
from shared.contracts.board import BARRIERS
from shared.contracts.snapshot import FactHeader
from shared.platform.postgres import read_statements

SQL = read_statements(Path(__file__).parent / "sql" / "answers.sql")

Connection = Any
#: A JSON object whose values are bytes already, as they were said.
Answer = dict[str, Any]

#: So many cases are looked at one by one; what fits fewer of them than a page holds is quickly found by its marks.
_NEAR = 5_000
_BARRIER = (
    "status", "stalled", "turn", "since", "dueOn", "ruleId", "availableFrom", "bridgedBy", "conflicts",
)  # fmt: skip
_CASE = ("stage", "since", "openBarriers", "onlyBarrier", "conflicts")


async def find_cases(connection: Connection, filters: Filters, after: str, limit: int) -> list[Answer]:
    """Cases that the filters fit, in the order of their ids after `after`, without `because`."""
    every, some = wanted(filters)
    async with connection.transaction(readonly=True):
        await connection.execute(SQL["plan_each"])
        rows = await connection.fetch(SQL["find_near"], after, every, some, limit, _NEAR)
        if len(rows) < limit:
            if every or some:
                await connection.execute(SQL["by_marks"])
            rows = await connection.fetch(SQL["find_cases"], after, every, some, limit)
    return [_answer(case, ags, said, _BARRIER) for case, ags, said in rows]


async def read_cases(connection: Connection, cases: Sequence[str]) -> list[Answer]:
    """Whole cases: barriers with `because`, and items; those that may be seen, in the order of their ids."""
    found = []
    for case, ags, said, items in await connection.fetch(SQL["visible_cases"], cases):
        answer = _answer(case, ags, said, (*_BARRIER, "because"))
        answer["items"] = [
            {"service": item.service, "item": item.name, "sequence": item.sequence, "state": state_of(item)}
            for item in unpack_items(items)
        ]
        found.append(answer)
    return found


async def read_timelines(connection: Connection, cases: Sequence[str]) -> dict[str, list[Answer]]:
    """All facts of all services in order of occurrence, by case; of cases that may be seen."""
    found: dict[str, list[Answer]] = {}
    for case, _, _, items in await connection.fetch(SQL["visible_cases"], cases):
        entries = [_entry(item.service, item.name, fact) for item in unpack_items(items) for fact in facts_of(item)]
        # Of one day: the order of the services' names, then the order in which the rules walk the facts of an item.
        entries.sort(key=lambda entry: (entry["occurredOn"], entry["service"], entry["item"]))
        found[case] = entries
    return found


def _entry(service: str, item: str, fact: FactHeader) -> Answer:
    entry = {
        "occurredOn": fact.occurred_on,
        "service": service,
        "item": item,
        "source": fact.source,
        "id": fact.id,
        "type": fact.type,
        "inForce": fact.in_force,
    }
    return entry if fact.code is None else entry | {"code": fact.code}


def _answer(case: str, ags: str | None, packed: bytes, fields: Sequence[str]) -> Answer:
    """A case with its barriers in order."""
    said = unpack_said(packed)
    own = fields_of(said.pop(OF_CASE))
    place: Answer = {} if ags is None else {"ags": ags}
    barriers: Answer = {}
    for name in sorted(said, key=lambda name: (_place(name), name)):
        told = fields_of(said[name])
        barriers[name] = {field: told[field] for field in fields}
    return {"caseId": case, **place, **{field: own[field] for field in _CASE}, "barriers": barriers}


def _place(barrier: str) -> int:
    return BARRIERS.index(barrier) if barrier in BARRIERS else len(BARRIERS)
