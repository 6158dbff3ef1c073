"""The plan of a whole simulation: every record with its day and its expected receipt, every person with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from lotse.simulator.chapters import CHAPTERS
from lotse.simulator.chapters.openings import settle, tell_market
from lotse.simulator.dice import Dice
from lotse.simulator.mistakes import MISTAKES, Desk
from lotse.simulator.people import draw_person
from lotse.simulator.region import Region
from lotse.simulator.report import Outbox, Record, Report
from lotse.simulator.story import Happening, Story
from lotse.simulator.truth import Truth, nothing_to_show, truth_of
from lotse.simulator.work import Market

#: The simulated year begins here unless somebody says otherwise.
FIRST_DAY = date(2025, 6, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that will be sent, in order, and all that is true in the end. `stories` are by case id.

    `market` has what is reported beside the lives; `beside` says that none of it is a case.
    """

    first: date
    last: date
    records: tuple[Record, ...]
    truths: tuple[Truth, ...]
    stories: dict[str, Story]
    market: Market
    beside: tuple[Truth, ...]

    def days(self) -> Iterator[tuple[date, tuple[Record, ...]]]:
        """Every day from first to last with what is sent on it."""
        by_day = {day: tuple(records) for day, records in groupby(self.records, key=lambda record: record.day)}
        for number in range((self.last - self.first).days + 1):
            day = self.first + timedelta(number)
            yield day, by_day.get(day, ())

    def mistakes(self) -> Counter[str]:
        """How many records each kind of mistake makes."""
        return Counter(record.mistake for record in self.records if record.mistake)


def make_plan(region: Region, *, seed: int, people: int, days: int, first: date = FIRST_DAY) -> Plan:
    """Draws the lives of so many people over so many days. The same arguments give the same plan; another first day
    gives other people, so that one simulation may follow another on the same line.
    """
    last = first + timedelta(days - 1)
    seeded = f"{seed}/{first}"
    market = tell_market(region, Dice(f"{seeded}/market"), first, last, people)
    stories = [tell_story(region, market, Dice(f"{seeded}/{number}"), first, last) for number in range(people)]
    settle(market)
    lives = _send_lives(stories, seeded, first)
    beside = _send_market(market, seeded, first)
    desks = [*lives, *beside]
    # A day's post: subjects in any order, the records of one in the order in which its offices send them.
    shuffled = Dice(f"{seeded}/post").shuffled(range(len(desks)))
    turn = {desk.story.subject: number for desk, number in zip(desks, shuffled, strict=True)}
    records = [record for desk in desks for record in desk.outbox.records]
    records.sort(
        key=lambda record: (record.day, (turn[record.case] * 7919 + record.day.toordinal()) % len(desks), record.order)
    )
    return Plan(
        first,
        last,
        tuple(records),
        tuple(desk.truth for desk in lives),
        {story.subject: story for story in stories},
        market,
        tuple(desk.truth for desk in beside),
    )


def tell_story(region: Region, market: Market, dice: Dice, first: date, last: date) -> Story:
    """One life, told by all chapters."""
    person = draw_person(dice, region, first, last)
    story = Story(person.case, region, dice, last, person=person, market=market)
    for chapter in CHAPTERS:
        chapter(story)
    return story


def _send_lives(stories: Sequence[Story], seeded: str, first: date) -> list[Desk]:
    """What the offices report of each person."""
    desks = []
    cases = [story.subject for story in stories]
    for number, story in enumerate(stories):
        dice = Dice(f"{seeded}/{number}/desk")
        strangers = [case for case in dice.shuffled(cases)[:3] if case != story.subject]
        desk = Desk(story, truth_of(story), Outbox(first, story.end), dice, strangers)
        send_all(desk)
        tell_collisions(desk, story)
        desks.append(desk)
    return desks


def _send_market(market: Market, seeded: str, first: date) -> list[Desk]:
    """What they report of openings, events and contacts. The board shows no case of them."""
    desks = []
    for number, tales in enumerate(market.tales):
        for tale in tales:
            dice = Dice(f"{seeded}/market/{number}/{tale.subject}/desk")
            strangers = [other.subject for other in dice.shuffled(tales)[:3] if other is not tale]
            desk = Desk(tale, nothing_to_show(tale.subject, first), Outbox(first, tale.end), dice, strangers)
            send_all(desk)
            desks.append(desk)
    return desks


def send_all(desk: Desk) -> None:
    """Sends the reports on one subject, in any order, with the mistakes that offices make."""
    for happening in desk.dice.shuffled(desk.story.happenings):
        desk.happening = happening
        report, day = _typed_in(desk, happening)
        for mistake in MISTAKES:
            if desk.dice.chance(mistake.share) and mistake.commit(desk, report, day):
                break
        else:
            desk.deliver(report, day)


def tell_collisions(desk: Desk, story: Story) -> None:
    """What stands against each other, by the ids of the reports that say so."""
    for one in story.collisions:
        ids = frozenset(desk.standing[id(happening)].id for happening in one.told)
        desk.truth.conflicts += [(one.barrier, one.code, item, ids) for item in one.items]


def _typed_in(desk: Desk, happening: Happening) -> tuple[Report, date]:
    """When an office types something in, and when its software sends it."""
    dice, outbox = desk.dice, desk.outbox
    lag = dice.duration(5, 0.6) if happening.late else timedelta(dice.integer(0, 3))
    typed = happening.day + lag
    if typed < outbox.start:
        # What happened before the simulation is typed in during its first weeks.
        typed = outbox.start + dice.days(0, 20)
    typed = min(typed, outbox.end)
    sent = desk.later(typed, 5) if dice.chance(0.1) else typed
    report = Report(
        id=dice.uuid(),
        source=f"/{happening.by}" + ("/fv" if dice.chance(0.5) else ""),
        service=happening.service,
        fact=happening.fact,
        subject=desk.story.subject,
        at=desk.moment(typed),
        data={"occurredOn": happening.day.isoformat(), **happening.data},
    )
    return report, sent
