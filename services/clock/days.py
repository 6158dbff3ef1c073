"""Which days there are to say, and how one is said. No I/O and no clock here."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from shared.contracts.topics import CLOCK_TOPIC
from shared.engine.say import Message

BERLIN = ZoneInfo("Europe/Berlin")


class DayData(msgspec.Struct, frozen=True):
    """`data` of `lotse.clock.day-began.v1`."""

    day: str


class DayBegan(msgspec.Struct, frozen=True):
    """A day that begins, as it stands on `clock.days`. `time` is its midnight in Berlin: said again it is the same."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    datacontenttype: str
    data: DayData


decode_day = msgspec.json.Decoder(DayBegan).decode


def day_in_berlin(moment: datetime) -> date:
    """The calendar day of a moment."""
    return moment.astimezone(BERLIN).date()


def until_next_day(moment: datetime) -> timedelta:
    """How long the calendar day of a moment still lasts, changes to and from summer time included."""
    following = datetime.combine(day_in_berlin(moment) + timedelta(days=1), time(), BERLIN)
    return following.astimezone(UTC) - moment.astimezone(UTC)


def days_to_say(newest: date | None, until: date, first: date | None = None) -> list[date]:
    """The days to say, in order, none left out; `first` counts only when no day was ever said."""
    start = min(first or until, until) if newest is None else newest + timedelta(days=1)
    return [start + timedelta(days=number) for number in range((until - start).days + 1)]


def message_of(day: date) -> Message:
    """A day as it is said."""
    midnight = datetime.combine(day, time(), BERLIN).astimezone(UTC)
    event = DayBegan(
        specversion="1.0",
        id=day.isoformat(),
        source="/lotse/clock",
        type="lotse.clock.day-began.v1",
        time=midnight.strftime("%Y-%m-%dT%H:%M:%SZ"),
        datacontenttype="application/json",
        data=DayData(day.isoformat()),
    )
    return Message(CLOCK_TOPIC, 0, None, msgspec.json.encode(event))
