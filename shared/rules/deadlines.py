"""Deadlines: days, weeks and months as BGB §§187–193 count them, and working days by Land.

A period counts from the day after its start. Months end on the same day number, else on the last day of the month
(§188(3)). Days beyond the calendar stop at its ends, so that a mistyped year harms nobody.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache

import holidays

from shared.contracts.fact import Day

__all__ = ["days_between", "end_of", "next_working_day", "plus_days", "stopped_end"]

_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()
#: The years for which the library knows how holidays fall; before and after, only weekends are free.
_KNOWN = range(1990, 2200)
_SATURDAY = 5


@lru_cache(maxsize=65_536)
def plus_days(day: Day, count: int) -> Day:
    """The day `count` days later; earlier if negative."""
    number = date.fromisoformat(day).toordinal() + count
    return date.fromordinal(min(max(number, _FIRST), _LAST)).isoformat()


@lru_cache(maxsize=65_536)
def days_between(first: Day, last: Day) -> int:
    """How many days `last` lies after `first`; negative if before."""
    return date.fromisoformat(last).toordinal() - date.fromisoformat(first).toordinal()


@lru_cache(maxsize=65_536)
def end_of(start: Day, length: str) -> Day:
    """The last day of a period that is started by an event on `start`. `length`: `14d`, `6w`, `3m` or `1y`."""
    count, unit = int(length[:-1]), length[-1]
    if unit == "d":
        return plus_days(start, count)
    if unit == "w":
        return plus_days(start, 7 * count)
    return _plus_months(start, count if unit == "m" else 12 * count)


def _plus_months(start: Day, count: int) -> Day:
    day = date.fromisoformat(start)
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return (date.max if year > MAXYEAR else date.min).isoformat()
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).isoformat()


@lru_cache(maxsize=65_536)
def next_working_day(day: Day, land: str) -> Day:
    """`day`, or the first day after it that is no Saturday, Sunday or public holiday in `land` (BGB §193)."""
    moving = date.fromisoformat(day)
    while moving < date.max and (moving.weekday() >= _SATURDAY or moving in _holidays(moving.year, land)):
        moving += timedelta(days=1)
    return moving.isoformat()


@lru_cache(maxsize=4_096)
def _holidays(year: int, land: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DE", subdiv=land, years=year)) if year in _KNOWN else frozenset()


def stopped_end(end: Day, stops: Iterable[tuple[Day, Day]]) -> Day:
    """`end`, later by the days of every stop begun before it; first and last day count, a day in two stops once.

    Each stop moves the end on, so that a later one may still begin before it.
    """
    counted = ""
    for first, last in sorted(stops):
        if first >= end:
            break
        first = max(first, plus_days(counted, 1)) if counted else first
        if last >= first:
            end = plus_days(end, days_between(first, last) + 1)
            counted = last
    return end
