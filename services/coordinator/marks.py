"""Marks: what the filters of the read API look for, as words of one indexed column of a case's row.

One index over them answers every filter and every mix of filters, so a case that changes costs one index entry per mark
and not one index per filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

STATUSES = (
    "not-assessed", "not-a-barrier", "open", "in-progress", "bridged", "resolved", "not-resolvable", "lapsed",
)  # fmt: skip
TURNS = ("applicant", "competent-body", "third-party", "capacity", "partner")
_NOBODY = ""


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


def marks_of_case(stage: str | None, ags: str | None, only_barrier: str | None) -> list[str]:
    """The marks of what is known of the case itself."""
    named = (("stage", stage), ("ags", ags), ("only", only_barrier))
    return [f"{name} {value}" for name, value in named if value is not None]


@lru_cache(maxsize=10_000)
def mark_of_barrier(barrier: str, status: str, stalled: bool, turn: str | None) -> str:
    """The mark of how one barrier stands."""
    return f"{barrier} {status} {'stalled' if stalled else 'moves'} {turn if turn in TURNS else _NOBODY}"


def wanted(filters: Filters) -> tuple[list[str] | None, list[str] | None]:
    """The marks that a case must have, all of the first and one of the second; None: any will do."""
    every = marks_of_case(filters.stage, filters.ags, filters.only_barrier)
    if filters.barriers is None:
        return every or None, None
    stalled: Iterable[bool] = (True, False) if filters.stalled is None else (filters.stalled,)
    turns = (*TURNS, None) if filters.turn is None else (filters.turn,)
    ways = product(filters.barriers, filters.statuses or STATUSES, stalled, turns)
    return every or None, [mark_of_barrier(*way) for way in ways]
