"""What is asked of a board while the number of cases grows: reports, filters, and what a day that begins looks for."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from bench.figures import Question
from services.coordinator.answers import find_cases
from services.coordinator.days import FIRST, NOTHING_DUE
from services.coordinator.marks import Filters
from services.coordinator.obstacles import Obstacles
from services.coordinator.query import LIMIT, OPEN_STATUSES
from services.coordinator.store import SQL
from shared.contracts.board import BARRIERS

_FILTERS = {
    "no filter": Filters(),
    "stage that most have": Filters(stage="clearing"),
    "stage that none has": Filters(stage="hired"),
    "open barrier": Filters(barriers=["recognition"], statuses=list(OPEN_STATUSES)),
    "whose turn": Filters(barriers=list(BARRIERS), turn="applicant"),
    "place that none has": Filters(ags="05162024"),
    "status that none has": Filters(barriers=list(BARRIERS), statuses=["bridged"]),
}
_CHUNK = 500
_TIMES = 3


async def ask(pool: asyncpg.Pool[Any], cases: int) -> list[Question]:
    """Asks everything, each some times; the first time may have to read what the others find in memory."""

    def filtered(filters: Filters) -> Callable[[], Awaitable[Any]]:
        async def find() -> None:
            async with pool.acquire() as connection:
                await find_cases(connection, filters, FIRST, LIMIT)

        return find

    def statement(name: str, *arguments: Any) -> Callable[[], Awaitable[Any]]:
        return lambda: pool.fetch(SQL[name], *arguments)

    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "GET /v1/obstacles by barrier": lambda: Obstacles(pool).cells(["barrier"]),
        "… by barrier, body, place and level": lambda: Obstacles(pool).cells(["barrier", "body", "place", "level"]),
        "GET /v1/obstacles/last-barrier": lambda: Obstacles(pool).last_barrier(),
        **{f"GET /v1/cases, {name}": filtered(filters) for name, filters in _FILTERS.items()},
        "a day: the first cases that it changes": statement("cases_due", "2026-01-01", *NOTHING_DUE, _CHUNK),
        "a day: none that it changes": statement("cases_due", "2000-01-01", *NOTHING_DUE, _CHUNK),
        "a day: cases that it had changed": statement("cases_changed_by_days", ["2025-09-01"], FIRST, _CHUNK),
    }
    return [Question(cases, name, await _best(question)) for name, question in questions.items()]


async def _best(question: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds of the quickest of some answers."""
    took = []
    for _ in range(_TIMES):
        began = time.monotonic()
        await question()
        took.append(time.monotonic() - began)
    return round(min(took) * 1000, 1)
