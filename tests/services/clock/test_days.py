"""Which days there are to say, and how: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock.days import day_in_berlin, days_to_say, decode_day, message_of, until_next_day

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(DAYS, st.integers(-50, 400))
def test_no_day_is_left_out(newest: date, ahead: int) -> None:
    """From the day after the newest to the last, one by one; a last day that was there already is no change."""
    until = newest + timedelta(days=ahead)
    assert days_to_say(newest, until) == [newest + timedelta(days=number) for number in range(1, ahead + 1)]


def test_the_first_day_may_be_named() -> None:
    """It counts only when no day was ever said; otherwise the first day is the last one."""
    first, until = date(2025, 12, 30), date(2026, 1, 2)
    assert [day.day for day in days_to_say(None, until, first)] == [30, 31, 1, 2]
    assert days_to_say(None, until) == [until]
    assert days_to_say(None, first, until) == [first]
    assert days_to_say(date(2026, 1, 1), until, first) == [until]


def test_a_day_is_said_as_the_contract_wants_it() -> None:
    """Its id is the day, its time is midnight in Berlin, and saying it again says the same."""
    message = message_of(date(2026, 6, 3))
    assert (message.topic, message.partition, message.key) == ("clock.days", 0, None)
    assert message.value is not None
    assert msgspec.json.decode(message.value) == {
        "specversion": "1.0",
        "id": "2026-06-03",
        "source": "/lotse/clock",
        "type": "lotse.clock.day-began.v1",
        "time": "2026-06-02T22:00:00Z",
        "datacontenttype": "application/json",
        "data": {"day": "2026-06-03"},
    }
    assert decode_day(message.value).data.day == "2026-06-03"
    assert message == message_of(date(2026, 6, 3))


@pytest.mark.parametrize(
    ("moment", "day", "hours"),
    [
        ("2026-06-02T21:59:00", "2026-06-02", 1 / 60),
        ("2026-06-02T22:00:00", "2026-06-03", 24),
        ("2026-01-31T22:59:00", "2026-01-31", 1 / 60),
        ("2026-03-28T23:00:00", "2026-03-29", 23),
        ("2026-10-24T22:00:00", "2026-10-25", 25),
    ],
)
def test_days_are_those_of_berlin(moment: str, day: str, hours: float) -> None:
    """Summer and winter time, and the days on which they change."""
    instant = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert day_in_berlin(instant).isoformat() == day
    assert until_next_day(instant) == timedelta(hours=hours)
