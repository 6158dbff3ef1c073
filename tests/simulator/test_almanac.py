"""The simulator's calendar against the library that Lotse itself uses."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from lotse.simulator.almanac import free_days, months_later, next_working_day


@pytest.mark.parametrize("land", ["NW", "BY"])
@pytest.mark.parametrize("year", range(2023, 2034))
def test_free_days_are_those_of_the_land(land: str, year: int) -> None:
    """Both calendars, written apart, know the same holidays."""
    assert free_days(year, land) == set(holidays.country_holidays("DE", subdiv=land, years=year))


def test_an_end_on_a_free_day_moves_to_the_next_working_day() -> None:
    """Christmas 2026 falls on Friday and Saturday; Epiphany is free in Bavaria only."""
    assert next_working_day(date(2026, 12, 25), "NW") == date(2026, 12, 28)
    assert next_working_day(date(2026, 1, 6), "NW") == date(2026, 1, 6)
    assert next_working_day(date(2026, 1, 6), "BY") == date(2026, 1, 7)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 2, 2), 4, date(2026, 6, 2)),
        (date(2025, 10, 31), 4, date(2026, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
    ],
)
def test_months_end_on_the_same_day_number_or_the_months_last_day(day: date, months: int, end: date) -> None:
    """BGB §188(2), (3)."""
    assert months_later(day, months) == end


def test_a_working_day_stays_what_it_is() -> None:
    """Nothing moves that need not."""
    tuesday = date(2026, 6, 2)
    assert [next_working_day(tuesday + timedelta(n), "NW") - tuesday for n in range(2)] == [timedelta(0), timedelta(1)]
