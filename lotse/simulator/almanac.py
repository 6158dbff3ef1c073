"""The simulator's own calendar, written without Lotse's: months, free days of the two Länder that its bodies sit in."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache

#: Days after Easter Sunday: Good Friday, Easter Monday, Ascension, Whit Monday, Corpus Christi.
_BY_EASTER = (-2, 1, 39, 50, 60)
_EVERYWHERE = ((1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26))
#: Fixed free days that only some have. NW and BY share all others of this simulator.
_ONLY = {"NW": (), "BY": ((1, 6),)}


def easter(year: int) -> date:
    """Easter Sunday (Gauss, in Spencer's form)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


@cache
def free_days(year: int, land: str) -> frozenset[date]:
    """The public holidays of a year. Raises KeyError for a Land in which no body of the simulator sits."""
    fixed = {date(year, month, day) for month, day in (*_EVERYWHERE, *_ONLY[land])}
    return frozenset(fixed | {easter(year) + timedelta(days) for days in _BY_EASTER})


def next_working_day(day: date, land: str) -> date:
    """The day itself, or the next one on which offices work."""
    while day.weekday() >= 5 or day in free_days(day.year, land):
        day += timedelta(1)
    return day


def months_later(day: date, months: int) -> date:
    """The same day number in a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days(number: float) -> timedelta:
    """So many whole days."""
    return timedelta(round(number))


def weeks(number: float) -> timedelta:
    """So many weeks, in whole days."""
    return timedelta(round(number * 7))
