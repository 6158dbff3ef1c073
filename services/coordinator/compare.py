"""Two boards held against each other: the answers of the read API, case by case (readings 31)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from services.coordinator.answers import read_cases, read_timelines
from services.coordinator.days import FIRST
from services.coordinator.heard import REBUILD
from services.coordinator.store import SQL

_CHUNK = 500
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"

Connection = Any
_encode = msgspec.json.Encoder().encode


async def compare_all(old: Connection, new: Connection) -> tuple[int, list[str]]:
    """Compares every case of either board; returns how many there are, and which differ."""
    cursor, compared = FIRST, 0
    different: list[str] = []
    while cursor != _LAST:
        rows = await old.fetch(REBUILD["next_cases"], cursor, _CHUNK)
        end = rows[-1]["id"] if len(rows) == _CHUNK else _LAST
        here = {row["id"] for row in rows}
        here |= {row["id"] for row in await new.fetch(REBUILD["cases_up_to"], cursor, end)}
        different += await compare_some(old, new, sorted(here))
        compared += len(here)
        cursor = end
    return compared, different


async def compare_some(old: Connection, new: Connection, cases: Sequence[str]) -> list[str]:
    """Which of some cases differ in what the read API answers of them, a refusal included, or in how they are found."""
    different: list[str] = []
    for start in range(0, len(cases), _CHUNK):
        part = cases[start : start + _CHUNK]
        before, after = await answers_of(old, part), await answers_of(new, part)
        different += [case for case in part if before.get(case) != after.get(case)]
    return different


async def same_day(old: Connection, new: Connection) -> bool:
    """Whether both boards are of one day."""
    return bool(await old.fetchval(SQL["read_day"]) == await new.fetchval(SQL["read_day"]))


async def answers_of(connection: Connection, cases: Sequence[str]) -> dict[str, bytes]:
    """All that a board answers of cases, as bytes; a case that may not be seen is left out."""
    found: dict[str, list[Any]] = {answer["caseId"]: [answer] for answer in await read_cases(connection, cases)}
    for case, entries in (await read_timelines(connection, cases)).items():
        found[case].append(entries)
    for case, *columns in await connection.fetch(REBUILD["found_by"], cases):
        found[case].append(columns)
    return dict(_encoded(found))


def _encoded(found: dict[str, list[Any]]) -> Iterator[tuple[str, bytes]]:
    for case, parts in found.items():
        yield case, _encode(parts)
