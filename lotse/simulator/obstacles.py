"""What the obstacle report must count on the last day, read off the truth; and how the report is held against it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from lotse.simulator.story import BARRIERS
from lotse.simulator.truth import BarrierTruth, Truth

#: A group of fewer people is not shown.
_FEWEST = 3
Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reports:
    """The two obstacle reports: by barrier, and whom one last barrier stops."""

    obstacles: Report
    last: Report


async def read_reports(url: str, by: str = "barrier", transport: httpx.AsyncBaseTransport | None = None) -> Reports:
    """Both as the coordinator answers them, the first page of 500 cells. Raises httpx.HTTPError."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, transport=transport) as client:
        answers = [
            await client.get("/v1/obstacles", params={"by": by, "limit": 500}),
            await client.get("/v1/obstacles/last-barrier"),
        ]
    return Reports(*[answer.raise_for_status().json() for answer in answers])


def expected_reports(truths: Iterable[Truth], today: date) -> Reports:
    """Both as they must be by barrier: of everybody who may be seen and whose case is not closed."""
    seen = [truth for truth in truths if not truth.hidden and truth.stage != "closed"]
    groups = {name: [one.barriers[name] for one in seen if name in one.open_barriers] for name in BARRIERS}
    cells = [_cell(name, group, today) for name, group in groups.items() if len(group) >= _FEWEST]
    last = Counter(one.only_barrier for one in seen if one.only_barrier and _all_but_ready(one))
    lasts = [{"barrier": name, "count": count} for name, count in last.items() if count >= _FEWEST]
    hidden = sum(0 < len(group) < _FEWEST for group in groups.values())
    as_of = today.isoformat()
    return Reports(
        {"asOf": as_of, "by": ["barrier"], "items": _in_order(cells), "hidden": hidden, "next": None},
        {"asOf": as_of, "items": _in_order(lasts)},
    )


def _all_but_ready(truth: Truth) -> bool:
    known = all(barrier.status != "not-assessed" for barrier in truth.barriers.values())
    return known and truth.stage in ("registered", "clearing")


def _cell(name: str, group: Sequence[BarrierTruth], today: date) -> dict[str, Any]:
    ages, number = sorted((today - one.since).days for one in group), len(group)
    percent = math.floor(100 * sum(one.stalled for one in group) / number + 0.5)
    return {
        "barrier": name,
        "count": number,
        "medianDays": ages[math.ceil(number / 2) - 1],
        "p80Days": ages[math.ceil(4 * number / 5) - 1],
        "stalledShare": percent / 100,
        "turns": dict(Counter(one.turn for one in group if one.turn)),
    }


def _in_order(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(cells, key=lambda cell: (-cell["count"], cell["barrier"]))
