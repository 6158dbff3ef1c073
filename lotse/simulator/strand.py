"""One of several matters that make up a barrier: a child that needs care, a course. How it stands from which day on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lotse.simulator.story import Happening

DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is due: the day that is shown, and the day from which the matter is stalled."""

    due: date | None = None
    stalled_from: date | None = None


NOTHING_DUE = Watch()


def watch(*ends: tuple[date, bool]) -> Watch:
    """Times that run, each with its last day and whether a law sets it: a law's time is shown before the project's."""
    if not ends:
        return NOTHING_DUE
    by_law = [day for day, law in ends if law]
    return Watch(min(by_law or [day for day, _ in ends]), min(day for day, _ in ends) + DAY)


@dataclass(frozen=True, slots=True)
class Stretch:
    """How a matter stands from `day` on, in words of its own (`state`) and for the barrier (`status`; None: it does not
    count).

    `told` is what brought it there; `available` the forecast, which `promised` gives. `by_itself`: nobody reports it,
    the calendar brings it, unless something is reported before or later.
    """

    day: date
    state: str
    status: str | None
    turn: str | None
    watch: Watch = NOTHING_DUE
    available: date | None = None
    told: Happening | None = None
    promised: Happening | None = None
    by_itself: bool = False

    def is_stalled(self, day: date) -> bool:
        """Whether somebody has let a time pass by then."""
        return self.watch.stalled_from is not None and day >= self.watch.stalled_from


@dataclass(slots=True)
class Strand:
    """One matter under the name of its item, stretch by stretch."""

    name: str
    stretches: list[Stretch] = field(default_factory=list)

    def enter(self, stretch: Stretch) -> None:
        """From its day on it stands so. Whatever the calendar alone would have brought does not come."""
        self.stretches = [one for one in self.stretches if not one.by_itself]
        self.stretches.append(stretch)

    def foresee(self, day: date, state: str, status: str, turn: str | None) -> None:
        """From that day on it stands so if nothing more is reported at all."""
        self.stretches.append(Stretch(day, state, status, turn, by_itself=True))

    def on(self, day: date) -> Stretch | None:
        """How it stands on a day; None before anything is known."""
        known = [one for one in self.stretches if one.day <= day]
        return known[-1] if known else None

    def since(self, day: date) -> date:
        """Since when it has been in the state of that day, without a break."""
        known = {one.day: one for one in self.stretches if one.day <= day}
        first = last = list(known.values())[-1]
        for one in reversed(known.values()):
            if one.state != last.state:
                break
            first = one
        return first.day

    @property
    def last(self) -> Stretch:
        """How it stands as far as it is reported."""
        return [one for one in self.stretches if not one.by_itself][-1]

    def shown(self) -> dict[str, str | None]:
        """What its item must show in the end, as far as it is reported."""
        last = self.last
        days = {
            "since": self.since(last.day),
            "dueOn": last.watch.due,
            "stalledFrom": last.watch.stalled_from,
            "availableFrom": last.available,
        }
        said = {name: day.isoformat() if day else None for name, day in days.items()}
        return {"status": last.state, "turn": last.turn, **said}

    def go_on(self, day: date, watched: Watch) -> None:
        """From that day on something else is due, while all the rest stays as it is."""
        self.enter(replace(self.last, day=day, watch=watched))


@dataclass(frozen=True, slots=True)
class Interim:
    """Care for the time being, from its first to its last day (None: nobody said)."""

    purpose: str
    first: date | None
    last: date | None

    def covers(self, day: date) -> bool:
        """Whether there is care on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(slots=True)
class Child(Strand):
    """A child and its need for care. `interim`: what was arranged beside the search, and has not been ended."""

    interim: Interim | None = None


@dataclass(frozen=True, slots=True)
class Collision:
    """Two matters that stand against each other on the last day: items of the board, and the reports that say so."""

    barrier: str
    code: str
    items: tuple[str, ...]
    told: tuple[Happening, ...]


def turning_days(strands: Iterable[Strand], end: date) -> list[date]:
    """The days up to the end on which one of them begins to stand otherwise, or to be stalled; in order."""
    days = {one.day for strand in strands for one in strand.stretches}
    days |= {one.watch.stalled_from for strand in strands for one in strand.stretches if one.watch.stalled_from}
    return sorted(day for day in days if day <= end)
