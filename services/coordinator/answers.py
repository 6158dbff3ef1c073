"""The answers of the read API, made of the rows that were said (facts.md §5). A hidden case has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts.board import BARRIERS
from shared.contracts.snapshot import FactHeader
from shared.platform.postgres import read_statements

SQL = read_statements(Path(__file__).parent / "sql" / "answers.sql")

Connection = Any
#: A JSON object whose values are bytes already, as they were said.
Answer = dict[str, Any]

_BARRIER = (
    "status", "stalled", "turn", "since", "dueOn", "ruleId", "availableFrom", "bridgedBy", "conflicts",
)  # fmt: skip
_CASE = ("stage", "since", "openBarriers", "onlyBarrier", "conflicts")


class _Said(msgspec.Struct, frozen=True):
    data: dict[str, msgspec.Raw]


class _Facts(msgspec.Struct, frozen=True):
    facts: tuple[FactHeader, ...]


class _FactsSaid(msgspec.Struct, frozen=True):
    data: _Facts


_said = msgspec.json.Decoder(_Said).decode
_facts = msgspec.json.Decoder(_FactsSaid).decode


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cases are asked for; None: all. `status`, `stalled` and `turn` must fit one of `barriers`."""

    stage: str | None = None
    ags: str | None = None
    only_barrier: str | None = None
    barriers: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    stalled: bool | None = None
    turn: str | None = None


async def find_cases(connection: Connection, filters: Filters, after: str, limit: int) -> list[Answer]:
    """Cases that the filters fit, in the order of their ids after `after`, without `because`."""
    async with connection.transaction(readonly=True):
        await connection.execute(SQL["plan_each"])
        rows = await connection.fetch(
            SQL["find_cases"], after, filters.stage, filters.ags, filters.only_barrier, filters.barriers,
            filters.statuses, filters.stalled, filters.turn, limit,
        )  # fmt: skip
    return await _with_barriers(connection, rows, _BARRIER)


async def read_cases(connection: Connection, cases: Sequence[str]) -> list[Answer]:
    """Whole cases: barriers with `because`, and items; those that may be seen, in the order of their ids."""
    rows = await connection.fetch(SQL["visible_cases"], cases)
    found = await _with_barriers(connection, rows, (*_BARRIER, "because"))
    items: dict[str, list[Answer]] = {answer["caseId"]: [] for answer in found}
    for case, service, item, sequence, value in await connection.fetch(SQL["snapshots_of_cases"], list(items)):
        state = _said(value).data["state"]
        items[case].append({"service": service, "item": item, "sequence": sequence, "state": state})
    for answer in found:
        answer["items"] = items[answer["caseId"]]
    return found


async def read_timelines(connection: Connection, cases: Sequence[str]) -> dict[str, list[Answer]]:
    """All facts of all services in order of occurrence, by case; of cases that may be seen."""
    visible = [row["id"] for row in await connection.fetch(SQL["visible_cases"], cases)]
    found: dict[str, list[Answer]] = {case: [] for case in visible}
    for case, service, item, _, value in await connection.fetch(SQL["snapshots_of_cases"], visible):
        found[case] += [_entry(service, item, fact) for fact in _facts(value).data.facts]
    for entries in found.values():
        # Of one day: the order of the services' names, then the order in which the rules walk the facts of an item.
        entries.sort(key=lambda entry: (entry["occurredOn"], entry["service"], entry["item"]))
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


async def _with_barriers(connection: Connection, rows: Sequence[Any], fields: Sequence[str]) -> list[Answer]:
    """Cases (id, ags, said) with their barriers in order."""
    answers: dict[str, Answer] = {}
    for case, ags, said in rows:
        data = _said(said).data
        place: Answer = {} if ags is None else {"ags": ags}
        answers[case] = {"caseId": case, **place, **{name: data[name] for name in _CASE}, "barriers": {}}
    barriers = await connection.fetch(SQL["said_of_barriers"], list(answers))
    for case, barrier, said in sorted(barriers, key=lambda row: (_place(row["barrier"]), row["barrier"])):
        data = _said(said).data
        answers[case]["barriers"][barrier] = {name: data[name] for name in fields}
    return list(answers.values())


def _place(barrier: str) -> int:
    return BARRIERS.index(barrier) if barrier in BARRIERS else len(BARRIERS)
