"""What employers offer and how they are won: openings, job fairs, talks with employers. Told beside all lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from lotse.simulator.dice import Dice
from lotse.simulator.people import HELPERS, REGULATED, SKILLED
from lotse.simulator.region import Region
from lotse.simulator.story import Tale
from lotse.simulator.work import LEVELS, Contact, Event, Market, Offer, Opening, Terms

_REPORTERS = ("employer-service", "employment-agency", "jobcenter", "employer-body")
_KINDS = {"job": 0.74, "apprenticeship": 0.14, "introductory-training": 0.06, "internship": 0.06}
_FIELDS = {
    "kldb": "kldb",
    "level": "minGermanLevel",
    "pending": "acceptsPendingRecognition",
    "regulated": "regulatedOccupation",
    "hours": "weeklyHours",
}
_MORE: Mapping[str, tuple[object, ...]] = {
    "fixedTerm": (True, False),
    "shiftPattern": ("day", "early-late", "night", "rotating", "weekend", "flexible"),
    "branch": ("10.7", "41.2", "86.1", "52.29", "81.2"),
    "childcareFriendly": (True, False),
    "jobBskOffered": (True,),
    "mentor": (True,),
    "pilot": ("job-turbo-plus", "truck-tests"),
    "employerSite": ("10020030", "44556677"),
    "refnr": ("10001-1000123456-S", "12265-99887766-S"),
}
#: Formats of events with the sizes seen: people invited, and firms.
_FORMATS = {
    "job-fair": (300, 18),
    "speed-dating": (60, 6),
    "employer-day": (80, 8),
    "company-tour": (25, 1),
    "workplace-test": (15, 2),
    "other": (40, 4),
}


def tell_market(region: Region, dice: Dice, first: date, last: date, people: int) -> Market:
    """Draws what so many people meet: about one opening for three of them a year, a talk for four, a fair for 35.

    A third of the openings are older than the simulation. The market is open until `settle`.
    """
    years = ((last - first).days + 1) / 365

    def tales(share: float, least: int) -> list[Tale]:
        return [Tale(dice.uuid(), region, dice, last) for _ in range(max(least, round(people * years * share)))]

    openings = [_opening(tale, first) for tale in tales(0.33, 6)]
    events = [Event(tale, _some_day(dice, first, last), []) for tale in tales(0.028, 1)]
    contacts = [Contact(tale, _some_day(dice, first, last)) for tale in tales(0.25, 1)]
    return Market(openings, events, contacts)


def settle(market: Market) -> None:
    """After all lives: who was hired fills the openings, and what came of the events is known. Everything is told."""
    for opening in market.openings:
        _tell_opening(opening)
    for event in market.events:
        _tell_event(event)
    for contact in market.contacts:
        _tell_contact(contact)


def _some_day(dice: Dice, first: date, last: date) -> date:
    return first + timedelta(dice.integer(0, (last - first).days))


# Openings


def _opening(tale: Tale, first: date) -> Opening:
    dice = tale.dice
    span = (tale.end - first).days
    day = first + timedelta(dice.integer(-max(30, span // 3), max(0, span - 5)))
    opening = Opening(
        tale, dice.weighted(_KINDS), dice.weighted({1: 0.55, 2: 0.25, 3: 0.12, 5: 0.08}), dice.pick(tale.region.ags),
        day, _terms(dice),
    )  # fmt: skip
    if dice.chance(0.3):
        changed = day + dice.duration(4, 0.6)
        opening.changes.append((changed, _other_terms(dice, opening.terms)))
        if dice.chance(0.25):
            opening.changes.append((changed + dice.duration(4, 0.6), _other_terms(dice, opening.changes[0][1])))
    if dice.chance(0.7):
        gone = max([day, *(when for when, _ in opening.changes)]) + dice.duration(16, 0.7)
        opening.ends = (gone, dice.weighted({"filled": 0.6, "withdrawn": 0.4}))
        if dice.chance(0.1):
            opening.again = gone + dice.duration(5, 0.5)
    return opening


def _terms(dice: Dice) -> Terms:
    """Most employers who are won take less German than the work would ask for; half of them wait for no certificate."""
    occupation = dice.pick(dice.weighted({HELPERS: 0.3, SKILLED: 0.5, REGULATED: 0.2}))
    level = LEVELS[max(0, LEVELS.index(occupation.level) - dice.weighted({0: 0.35, 1: 0.45, 2: 0.2}))]
    pending = dice.chance(0.4 if occupation.regulated else 0.5)
    return Terms(occupation.kldb, level, pending, occupation.regulated, dice.pick([20, 25, 30, 35, 38.5, 40]))


def _other_terms(dice: Dice, terms: Terms) -> Terms:
    """The employer learns: asks for less German or more, waits for the certificate or not, offers other hours."""
    what = dice.pick(["level", "pending", "hours"])
    if what == "level" and terms.level is not None:
        step = dice.pick([-1, 1])
        return replace(terms, level=LEVELS[min(5, max(0, LEVELS.index(terms.level) + step))])
    if what == "pending":
        return replace(terms, pending=not terms.pending)
    return replace(terms, hours=dice.pick([15, 28, 32, 37.5]))


def _tell_opening(opening: Opening) -> None:
    """Published, changed, gone; when the last place went to somebody of the region, it is filled on that day."""
    tale, dice = opening.tale, opening.tale.dice
    by = _reporter(tale)
    if len(opening.hires) == opening.places:
        opening.ends, opening.again = (max(opening.first, *opening.hires), "filled"), None
    gone = opening.ends[0] if opening.ends else tale.over
    changes = [(day, terms) for day, terms in opening.changes if day < gone]
    if not changes or dice.chance(0.94):
        _tell_published(opening, opening.first, by)
    known = opening.terms if opening.offers else Terms()
    for day, terms in changes:
        # Nobody reported the opening itself: of its terms only what has changed becomes known.
        patch = {name: new for name, new in asdict(terms).items() if new != getattr(opening.terms, name)}
        if not opening.offers and not patch:
            continue
        known = replace(known, **patch)
        said = {_FIELDS[name]: new for name, new in patch.items()}
        if tale.happens(day, "outreach", "opening-changed", by, openingId=opening.id, **said):
            opening.offers.append(Offer(day, "published", known))
        opening.terms = replace(opening.terms, **patch)
    if opening.ends and opening.offers:
        _tell_gone(opening, by, *opening.ends)
        if opening.again:
            _tell_published(opening, opening.again, by)
        elif dice.chance(0.1):
            _tell_changed_late(opening, by)


def _tell_published(opening: Opening, day: date, by: str) -> None:
    tale, dice, terms = opening.tale, opening.tale.dice, opening.terms
    said: dict[str, Any] = {_FIELDS[name]: value for name, value in asdict(terms).items() if value is not None}
    said |= {"kind": opening.kind, "ags": opening.ags, "places": opening.places}
    said |= {name: dice.pick(values) for name, values in _MORE.items() if dice.chance(0.15)}
    if dice.chance(0.4):
        said["start"] = (day + dice.days(5, 90)).isoformat()
    if dice.chance(0.2):
        said["until"] = (day + dice.days(100, 200)).isoformat()
    if tale.happens(day, "outreach", "opening-published", by, openingId=opening.id, **said):
        opening.offers.append(Offer(day, "published", terms))


def _tell_gone(opening: Opening, by: str, day: date, how: str) -> None:
    if opening.tale.happens(day, "outreach", f"opening-{how}", by, openingId=opening.id):
        opening.offers.append(Offer(day, how, opening.offers[-1].terms))
    # What was filled is taken out of the list some day.
    later = day + opening.tale.dice.days(3, 40)
    cleared = how == "filled" and not opening.again and opening.tale.dice.chance(0.2)
    if cleared and opening.tale.happens(later, "outreach", "opening-withdrawn", by, openingId=opening.id):
        opening.offers.append(Offer(later, "withdrawn", opening.offers[-1].terms))


def _tell_changed_late(opening: Opening, by: str) -> None:
    """Somebody keeps the terms of an opening up to date that is gone; it stays gone."""
    tale, (last, status, terms) = opening.tale, opening.offers[-1]
    day, hours = last + tale.dice.days(1, 30), tale.dice.pick([12, 24, 36])
    if tale.happens(day, "outreach", "opening-changed", by, openingId=opening.id, weeklyHours=hours):
        opening.offers.append(Offer(day, status, replace(terms, hours=hours)))


def _reporter(tale: Tale) -> str:
    """The joint service for both houses in most cases; else whoever knows the employer."""
    kind = tale.dice.weighted(dict(zip(_REPORTERS, (0.45, 0.2, 0.2, 0.15), strict=True)))
    return tale.dice.pick(tale.region.reporters("outreach", kind))


# Events and contacts


def _tell_event(event: Event) -> None:
    """Invited, came, talked, met again, hired. Those of the simulation who came this way are among them."""
    tale, dice = event.tale, event.tale.dice
    form = dice.pick(list(_FORMATS))
    size, firms = _FORMATS[form]
    hires = sum(one.hired is not None for one in event.introductions)
    follow_ups = len(event.introductions) + dice.integer(0, size // 12)
    conversations = follow_ups + dice.integer(size // 8, size // 2)
    attended = conversations + dice.integer(0, size // 3)
    hosts = sorted({tale.region.reporters("outreach", "employer-service")[0], _reporter(tale)})
    more = {"employers": dice.integer(1, firms)} | ({"pilot": "job-turbo-plus"} if dice.chance(0.2) else {})
    tale.happens(
        event.day,
        "outreach",
        "event-held",
        hosts[0],
        eventId=tale.subject,
        format=form,
        hosts=hosts,
        ags=dice.pick(tale.region.ags),
        invited=attended + dice.integer(0, size),
        attended=attended,
        conversations=conversations,
        followUps=follow_ups,
        hires=hires,
        **more,
    )


def _tell_contact(contact: Contact) -> None:
    """Any partner may talk to an employer and say so."""
    tale, dice = contact.tale, contact.tale.dice
    more = {"employerSite": "10020030"} if dice.chance(0.2) else {}
    more |= {"branch": dice.pick(["41.2", "86.1", "10.7"])} if dice.chance(0.4) else {}
    tale.happens(
        contact.day,
        "outreach",
        "employer-contact-logged",
        _reporter(tale),
        contactId=tale.subject,
        channel=dice.pick(["in-person", "phone", "video", "written"]),
        result=dice.weighted({"interested": 0.3, "opening-announced": 0.2, "not-interested": 0.3, "not-reached": 0.2}),
        ags=dice.pick(tale.region.ags),
        **more,
    )
