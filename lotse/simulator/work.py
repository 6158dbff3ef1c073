"""Openings of the region and people's ways into them: how each stands from which day on, and whom an employer takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lotse.simulator.story import Phase, Tale

LEVELS = ("PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2")
LOOKING = ("introduced", "interview-held", "trial-agreed", "trial-done")
HIRED = ("hired", "retained-6w", "retained-3m")
RETAINED = ("retained-6m", "retained-12m")
#: States of somebody who works.
EMPLOYED = (*HIRED, *RETAINED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an employer asks for, as far as it was told: occupation, German, recognition, hours a week."""

    kldb: str | None = None
    level: str | None = None
    pending: bool | None = None
    regulated: bool | None = None
    hours: float | None = None

    def take_with(self, proven: str | None) -> bool:
        """Whether somebody with this German may begin: the employer's wish, and the licence of nurses and doctors."""
        if proven is None or self.level is None:
            return False
        wanted = [self.level, *([licence] if self.regulated and (licence := licence_level(self.kldb)) else [])]
        return all(LEVELS.index(proven) >= LEVELS.index(level) for level in wanted)

    @property
    def take_before_decision(self) -> bool:
        """Whether somebody may begin before the certificate is there; never where the work is reserved by law."""
        return self.pending is True and self.regulated is False


def licence_level(kldb: str | None) -> str | None:
    """The German that a licence asks for: nurses B2, doctors C1; None where none does."""
    if kldb is None:
        return None
    if kldb.startswith("814"):
        return "C1"
    return "B2" if kldb.startswith(("8130", "8210")) and kldb[-1] != "1" else None


class Offer(NamedTuple):
    """How an opening stands from `day` on: `published`, `filled` or `withdrawn`, and its terms."""

    day: date
    status: str
    terms: Terms


@dataclass(slots=True)
class Opening:
    """An opening, reported under its own id. `ends`: the day on which it is gone by its employer's doing, and how."""

    tale: Tale
    kind: str
    places: int
    ags: str
    first: date
    terms: Terms
    changes: list[tuple[date, Terms]] = field(default_factory=list)
    ends: tuple[date, str] | None = None
    again: date | None = None
    #: Days on which people of the simulation were hired for it.
    hires: list[date] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its subject."""
        return self.tale.subject

    def may_hire(self, day: date) -> bool:
        """Whether there is a place left on a day."""
        return len(self.hires) < self.places and (self.ends is None or day <= self.ends[0])

    def on(self, day: date) -> Offer | None:
        """How it stands on a day; None before anybody spoke of it."""
        return next((offer for offer in reversed(self.offers) if offer.day <= day), None)

    @property
    def turning_days(self) -> list[date]:
        """The days on which it begins to stand otherwise."""
        before = [None, *self.offers]
        return [now.day for then, now in zip(before, self.offers, strict=False) if not then or then[1:] != now[1:]]


@dataclass(slots=True)
class Introduction:
    """One person's way to one job. `steps`: the state from which day on, in order.

    `opening` is None when nobody ever reports it, or when the job was found without one. `hired` is the day of the
    hire, `marks` are the days of the marks that the job can reach.
    """

    name: str
    opening: Opening | None = None
    steps: list[tuple[date, str]] = field(default_factory=list)
    hired: date | None = None
    marks: dict[str, date] = field(default_factory=dict)

    @property
    def item(self) -> str:
        """The item's name."""
        return f"introduction-{self.name}"

    def on(self, day: date) -> str | None:
        """Its state on a day; None before it began."""
        return next((state for since, state in reversed(self.steps) if since <= day), None)

    def offer_on(self, day: date) -> Terms | None:
        """The terms under which the employer takes the person on a day, if the introduction runs.

        Before the hire the opening must be published; who was hired keeps the terms of that day, whatever becomes of
        it.
        """
        state = self.on(day)
        if self.opening is None or not self.opening.offers:
            return None
        if state in EMPLOYED:
            assert self.hired is not None
            return (self.opening.on(self.hired) or self.opening.offers[0]).terms
        offer = self.opening.on(day) if state in LOOKING else None
        return offer.terms if offer is not None and offer.status == "published" else None

    def due_on(self, day: date) -> date | None:
        """The next mark of somebody who works: the one after the highest that was confirmed."""
        state = self.on(day)
        if state not in EMPLOYED:
            return None
        order = ("6w", "3m", "6m", "12m")
        place = 0 if state == "hired" else order.index(state.removeprefix("retained-")) + 1
        return self.marks.get(order[place]) if place < len(order) else None

    @property
    def turning_days(self) -> list[date]:
        """The days on which it begins to stand otherwise, its opening too, which counts until the hire."""
        days = [day for day, _ in self.steps]
        changed = self.opening.turning_days if self.opening and days else []
        return days + [day for day in changed if days[0] <= day and (self.hired is None or day < self.hired)]


class PermitStep(NamedTuple):
    """How a permit stands from the day of its phase on; `far`: how many steps it has come, 4 of them in all."""

    far: int
    phase: Phase


@dataclass(slots=True)
class Permit:
    """A permit for one job, of an introduction or of an offer that nobody reports."""

    name: str
    introduction: str | None
    steps: list[PermitStep] = field(default_factory=list)

    def on(self, day: date) -> PermitStep | None:
        """How it stands on a day; None before it was asked for."""
        known = {step.phase.day: step for step in self.steps if step.phase.day <= day}
        return known[max(known)] if known else None

    def since(self, step: PermitStep) -> date:
        """Since when it has come so far."""
        return min(one.phase.day for one in self.steps if one.far == step.far)


class Event(NamedTuple):
    """A job fair or the like, reported under its own id. `introductions` came from it."""

    tale: Tale
    day: date
    introductions: list[Introduction]


class Contact(NamedTuple):
    """A talk with an employer, reported under its own id."""

    tale: Tale
    day: date


@dataclass(slots=True)
class Market:
    """All openings, events and employer contacts of the region."""

    openings: Sequence[Opening] = ()
    events: Sequence[Event] = ()
    contacts: Sequence[Contact] = ()

    @property
    def tales(self) -> list[list[Tale]]:
        """What is reported of them, kind by kind."""
        return [
            [opening.tale for opening in self.openings],
            [event.tale for event in self.events],
            [contact.tale for contact in self.contacts],
        ]
