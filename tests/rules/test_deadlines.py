"""Days, months and working days as BGB §§187–193 count them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.deadlines import days_between, end_of, next_working_day, plus_days, stopped_end

DAYS = st.dates(date(1995, 1, 1), date(2095, 12, 31)).map(date.isoformat)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-02-02", "1m", "2026-03-02"),
        ("2026-01-31", "1m", "2026-02-28"),
        ("2028-01-31", "1m", "2028-02-29"),
        ("2026-01-29", "1m", "2026-02-28"),
        ("2026-02-28", "1m", "2026-03-28"),
        ("2026-08-31", "3m", "2026-11-30"),
        ("2026-11-30", "3m", "2027-02-28"),
        ("2027-11-30", "3m", "2028-02-29"),
        ("2026-08-31", "6m", "2027-02-28"),
        ("2026-12-15", "4m", "2027-04-15"),
        ("2028-02-29", "1y", "2029-02-28"),
        ("2026-03-01", "1y", "2027-03-01"),
        ("2026-03-02", "2w", "2026-03-16"),
        ("2026-12-20", "8w", "2027-02-14"),
        ("2026-03-02", "42d", "2026-04-13"),
        ("2026-03-02", "-6w", "2026-01-19"),
    ],
)
def test_a_period_counts_from_the_day_after_its_start(start: str, length: str, end: str) -> None:
    """Weeks end on the same weekday, months on the same day number, else on the last of the month."""
    assert end_of(start, length) == end


@pytest.mark.parametrize(
    ("day", "land", "end"),
    [
        ("2026-06-02", "NW", "2026-06-02"),
        ("2026-05-02", "NW", "2026-05-04"),  # Saturday
        ("2026-05-03", "NW", "2026-05-04"),  # Sunday
        ("2026-04-03", "NW", "2026-04-07"),  # Good Friday, then Easter Monday
        ("2026-06-04", "NW", "2026-06-05"),  # Corpus Christi
        ("2026-06-04", "BY", "2026-06-05"),
        ("2026-06-04", "SN", "2026-06-04"),  # not there
        ("2026-06-04", "BE", "2026-06-04"),
        ("2026-01-06", "BY", "2026-01-07"),  # Epiphany
        ("2026-01-06", "NW", "2026-01-06"),
        ("2026-11-18", "SN", "2026-11-19"),  # Day of Repentance
        ("2026-11-18", "NW", "2026-11-18"),
        ("2027-03-08", "BE", "2027-03-09"),  # Women's Day
        ("2025-10-31", "NI", "2025-11-03"),  # Reformation Day, then a weekend
        ("2026-12-25", "NW", "2026-12-28"),  # Christmas and a weekend
        ("2025-12-31", "NW", "2025-12-31"),
        ("2027-01-01", "NW", "2027-01-04"),
    ],
)
def test_an_end_on_a_free_day_moves_to_the_next_working_day(day: str, land: str, end: str) -> None:
    """Saturday, Sunday and the public holidays of the Land are free."""
    assert next_working_day(day, land) == end


@given(DAYS, st.sampled_from(["NW", "BY", "SN"]))
def test_the_next_working_day_is_never_before_and_never_far(day: str, land: str) -> None:
    """It is the day itself or soon after, never on a weekend, and working days stay where they are."""
    moved = next_working_day(day, land)
    assert 0 <= days_between(day, moved) <= 5
    assert date.fromisoformat(moved).weekday() < 5
    assert next_working_day(moved, land) == moved


@given(DAYS, st.integers(-800, 800))
def test_days_are_added_and_counted_alike(day: str, count: int) -> None:
    """`plus_days` and `days_between` are each other's reverse, and agree with the calendar."""
    later = plus_days(day, count)
    assert days_between(day, later) == count
    assert date.fromisoformat(later) == date.fromisoformat(day) + timedelta(days=count)


@pytest.mark.parametrize(("day", "count", "end"), [("9999-12-31", 1, "9999-12-31"), ("0001-01-01", -90, "0001-01-01")])
def test_the_calendar_ends_quietly(day: str, count: int, end: str) -> None:
    """A mistyped year harms nobody."""
    assert plus_days(day, count) == end
    assert end_of("9999-10-01", "6m") == "9999-12-31"
    assert next_working_day("9999-12-31", "NW") == "9999-12-31"
    assert next_working_day("0001-01-06", "BY") == "0001-01-08"  # a Saturday; no holidays are known so far back


@pytest.mark.parametrize(
    ("stops", "end"),
    [
        ([], "2026-05-02"),
        ([("2026-03-01", "2026-03-10")], "2026-05-12"),
        ([("2026-03-01", "2026-03-01")], "2026-05-03"),
        ([("2026-05-01", "2026-05-03")], "2026-05-05"),
        ([("2026-05-02", "2026-05-03")], "2026-05-02"),  # begun on the last day, not before it
        ([("2026-03-01", "2026-03-10"), ("2026-05-08", "2026-05-09")], "2026-05-14"),  # begun before the moved end
        ([("2026-03-01", "2026-03-10"), ("2026-03-05", "2026-03-12")], "2026-05-14"),  # a day in both counts once
        ([("2026-03-01", "2026-03-10"), ("2026-03-02", "2026-03-03")], "2026-05-12"),
        ([("2026-03-10", "2026-03-01")], "2026-05-02"),  # ends before it begins
    ],
)
def test_stops_move_the_end_by_their_days(stops: list[tuple[str, str]], end: str) -> None:
    """First and last day count, in the order of the stops, whatever order they come in."""
    assert stopped_end("2026-05-02", stops) == stopped_end("2026-05-02", stops[::-1]) == end
