"""Children's needs on the board: several children, forecasts, and what begins before there is care (§§6.2, 7)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from shared.contracts.board import Barrier
from shared.contracts.fact import Day, Fact
from shared.contracts.snapshot import ConflictEntry, FactHeader
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import plus
from tests.support.children import MUNICH, life, need, offered, said
from tests.support.given import report
from tests.support.items import MAPPINGS, Entry, entry, item
from tests.support.lawful import assert_lawful
from tests.support.whole import snapshots

TODAY = "2026-03-01"
#: Lives that bring a child to each status of the barrier.
LIVES = {
    "lapsed": "need-registered care-started care-ended",
    "open": "need-registered offer-declined",
    "in-progress": "need-registered waitlisted",
    "resolved": "need-registered care-started",
    "withdrawn": "need-registered need-withdrawn",
}


def _barrier(*facts: Fact, today: Day = TODAY, more: tuple[ItemSnapshot, ...] = ()) -> Barrier:
    return evaluate(MAPPINGS, [*snapshots(facts), *more], today).board.barriers["childcare"]


def course(path: list[Entry], name: str = "c1", **state: Any) -> ItemSnapshot:
    """A course with a fact for each entry of its path, each carrying it."""
    facts = [FactHeader("/vhs", f"{name}-{n}", "lotse.language.x.v1", e["since"], True) for n, e in enumerate(path)]
    return item("language", f"course-{name}", path, facts=facts, because=facts, **state)


def expected(start: Day, told: Day = "2026-01-20", status: str = "waiting", **state: Any) -> ItemSnapshot:
    """A course that is expected to begin on a day, as told on another."""
    return course([entry(told, status, start=start)], **state)


def started(day: Day, **state: Any) -> ItemSnapshot:
    """A course that began."""
    return course([entry(day, "started")], **state)


def hire(start: Day, told: Day = "2026-01-20", status: str = "hired") -> ItemSnapshot:
    """An employment that begins on a day."""
    path = [entry(told, "hired", start=start)]
    path += [entry("2026-02-25", status, start=start)] if status != "hired" else []
    facts = [FactHeader("/ags", f"h-{n}", "lotse.outreach.x.v1", one["since"], True) for n, one in enumerate(path)]
    return item("outreach", "introduction-i1", path, facts=facts, because=facts)


@pytest.mark.parametrize("first", LIVES)
@pytest.mark.parametrize("second", LIVES)
def test_the_child_that_needs_most_decides(first: str, second: str) -> None:
    """Lapsed, open, in progress, resolved; a withdrawn need counts only when there is no other."""
    order = ["lapsed", "open", "in-progress", "resolved", "withdrawn"]
    status = min(first, second, key=order.index)
    barrier = _barrier(*life(LIVES[first]), *life(LIVES[second], child=2))
    assert barrier.status == ("not-a-barrier" if status == "withdrawn" else status)
    names = [f"child-{number}" for number, one in ((1, first), (2, second)) if one == status]
    assert [one.item for one in barrier.because] == names[:1]


def test_no_child_is_not_assessed() -> None:
    """Nothing is known; a withdrawn report leaves nothing either."""
    assert _barrier(report("case-opened", "case", "2026-01-01", ags=MUNICH)).status == "not-assessed"


def test_turn_and_date_come_from_the_child_that_speaks_and_any_stalled_one_stalls() -> None:
    """Of two that are in progress the stalled one, otherwise the earlier due."""
    first = [need("2026-01-12", child=1, ags=MUNICH, start="2026-12-01"), said("waitlisted", "2026-01-20", child=1)]
    second = [need("2026-01-12", child=2, start="2026-12-01")]
    barrier = _barrier(*first, *second, today="2026-02-12")
    assert (barrier.stalled, barrier.turn, barrier.due_on) == (False, "competent-body", "2026-02-12")
    assert barrier.because[0].item == "child-2"
    assert _barrier(*first, *second, today="2026-02-13").stalled
    third = [said("offer-declined", "2026-02-01", child=3)]
    barrier = _barrier(*first, *second, *third, today="2026-02-13")
    assert (barrier.status, barrier.stalled, barrier.turn) == ("open", False, "capacity")


@pytest.mark.parametrize(
    ("lives", "available"),
    [
        ([[offered("2026-01-10", "2026-05-01")]], "2026-05-29"),
        ([[offered("2026-01-10", "2026-05-01")], [offered("2026-01-10", "2026-06-01", child=2)]], "2026-06-29"),
        ([[offered("2026-01-10", "2026-05-01")], life("need-registered", child=2)], None),
        ([[offered("2026-01-10", "2026-05-01")], life(LIVES["resolved"], child=2)], "2026-05-29"),
        ([[offered("2026-01-10", "2026-05-01")], life(LIVES["withdrawn"], child=2)], "2026-05-29"),
        ([[offered("2026-01-10", "2026-05-01")], life(LIVES["lapsed"], child=2)], None),
        ([life(LIVES["resolved"])], None),
    ],
)
def test_the_forecast_is_the_latest_if_every_child_without_care_has_one(
    lives: list[list[Fact]], available: str | None
) -> None:
    """One child without a place in view, and nobody knows."""
    assert _barrier(*[fact for one in lives for fact in one]).available_from == available


def test_a_declared_absence_ends_it_unless_something_is_reported_later() -> None:
    """With the barrier its conflicts go, too."""
    absent = report("barrier-declared-absent", "case", "2026-02-10", barrier="childcare")
    early = (hire("2026-02-01"),)
    child = life("need-registered waitlisted")
    assert [one.code for one in _barrier(*child, more=early).conflicts] == ["care-after-start"]
    barrier = _barrier(*child, absent, more=early)
    assert (barrier.status, barrier.conflicts) == ("not-a-barrier", ())
    barrier = _barrier(*child, absent, offered("2026-02-20"), more=early)
    assert barrier.status == "in-progress" and barrier.conflicts


def test_since_follows_the_children_over_time() -> None:
    """The status holds since the day on which it last began, whichever child gave it."""
    first = [need("2026-01-10"), said("care-started", "2026-02-01")]
    second = [need("2026-01-20", child=2), said("care-started", "2026-02-20", child=2)]
    assert _barrier(*first, *second).since == "2026-02-20"
    assert _barrier(*first, second[0]).since == "2026-01-10"
    ended = said("care-ended", "2026-02-25")
    barrier = _barrier(*first, *second, ended)
    assert (barrier.status, barrier.since, barrier.turn) == ("lapsed", "2026-02-25", "capacity")


def test_childcare_is_never_bridged() -> None:
    """Whatever an employer offers."""
    terms = {"status": "published", "acceptsPendingRecognition": True, "regulatedOccupation": False}
    introduction = item("outreach", "introduction-i1", [entry("2026-01-05", "introduced", openingId="o1", terms=terms)])
    barrier = _barrier(*life("need-registered"), more=(introduction,))
    assert (barrier.status, barrier.bridged_by) == ("in-progress", ())


PLACE = (need("2026-01-10"), offered("2026-02-01", "2026-05-01"))  # available from 29 May


@pytest.mark.parametrize(
    ("start", "conflicts"),
    [
        (expected("2026-05-28"), True),
        (expected("2026-05-29"), False),
        (expected("2026-05-28", status="referred"), True),
        (course([entry("2026-01-20", "waiting")]), False),
        (course([entry("2026-01-20", "completed", start="2026-01-20")]), False),
        (started("2026-02-20"), True),
        (hire("2026-05-28"), True),
        (hire("2026-05-29"), False),
        (hire("2026-05-28", status="retained-6w"), True),
        (hire("2026-05-28", status="employment-ended"), False),
    ],
)
def test_what_begins_before_there_may_be_care_is_a_conflict(start: ItemSnapshot, conflicts: bool) -> None:
    """A course that is expected or runs, and an employment, against the forecast."""
    barrier = _barrier(*PLACE, said("offer-accepted", "2026-02-02"), more=(start,))
    assert [one.code for one in barrier.conflicts] == (["care-after-start"] if conflicts else [])
    assert barrier.stalled == conflicts


def test_an_early_start_names_both_items_and_their_facts_and_stalls_from_the_later() -> None:
    """Offer and registration, whichever came last; the board names the day on which that changes."""
    for told, stalled in (("2026-01-20", "2026-02-01"), ("2026-02-10", "2026-02-10")):
        start = expected("2026-04-01", told)
        barrier = _barrier(*PLACE, more=(start,))
        reference = [(fact.type, fact.occurred_on) for fact in barrier.conflicts[0].facts]
        assert barrier.conflicts[0].items == ("childcare/child-1", "language/course-c1")
        assert reference == [("lotse.childcare.offered.v1", "2026-02-01"), ("lotse.language.x.v1", told)]
        before = evaluate(MAPPINGS, [*snapshots(PLACE), start], plus(stalled, -1))
        assert (before.board.barriers["childcare"].stalled, before.next_day) == (False, stalled)
        assert _barrier(*PLACE, more=(start,), today=stalled).stalled


def test_the_facts_are_those_that_name_the_days() -> None:
    """An acceptance keeps the offer's day, and a reference to another provider that of the registration."""
    moved = course(
        [entry("2026-01-20", "waiting", start="2026-04-01"), entry("2026-02-20", "referred", start="2026-04-01")]
    )
    accepted = said("offer-accepted", "2026-02-10")
    barrier = _barrier(*PLACE, accepted, more=(moved,), today="2026-02-01")
    assert [fact.occurred_on for fact in barrier.conflicts[0].facts] == ["2026-02-01", "2026-01-20"]
    assert barrier.stalled


def test_settling_in_gives_the_forecast_also_if_it_began_on_the_promised_day() -> None:
    """What the contract named is out of date from then on, though the day is the same."""
    contract = said("contracted", "2026-02-10", weeklyHours=35, start="2026-03-01")
    settling = said("settling-in-started", "2026-03-01")
    barrier = _barrier(*PLACE, contract, settling, more=(started("2026-02-20"),), today="2026-03-02")
    assert barrier.available_from == "2026-03-29"
    assert [fact.type for fact in barrier.conflicts[0].facts][:1] == ["lotse.childcare.settling-in-started.v1"]


def test_a_trial_is_no_employment() -> None:
    """That it began on the same day does not make the hire older."""
    told = [entry("2026-01-20", "trial-agreed", start="2026-04-01"), entry("2026-02-20", "hired", start="2026-04-01")]
    facts = [FactHeader("/ags", f"h-{n}", "lotse.outreach.x.v1", one["since"], True) for n, one in enumerate(told)]
    trial = item("outreach", "introduction-i1", told[:1], facts=facts[:1], because=facts[:1])
    hired = item("outreach", "introduction-i1", told, facts=facts, because=facts)
    assert _barrier(*PLACE, more=(trial,)).conflicts == ()
    assert [fact.occurred_on for fact in _barrier(*PLACE, more=(hired,)).conflicts[0].facts] == [
        "2026-02-01",
        "2026-02-20",
    ]


@pytest.mark.parametrize("start", [started("2026-02-01"), expected("2026-02-01"), hire("2026-02-01")])
def test_without_a_forecast_a_start_is_early_once_it_has_come(start: ItemSnapshot) -> None:
    """Stalled from the start; before that day nobody knows, and that day is the next to look at."""
    child = life("need-registered waitlisted")
    before = evaluate(MAPPINGS, [*snapshots(child), start], "2026-01-31")
    barrier = before.board.barriers["childcare"]
    assert (barrier.conflicts, barrier.stalled, before.next_day) == ((), False, "2026-02-01")
    barrier = _barrier(*child, more=(start,), today="2026-02-01")
    assert [one.code for one in barrier.conflicts] == ["care-after-start"]
    assert barrier.conflicts[0].facts[0].type == "lotse.childcare.waitlisted.v1"
    assert barrier.stalled


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("need-identified", ["care-after-start"]),
        ("need-registered offer-declined", ["care-after-start"]),
        ("need-registered care-started:20", ["care-after-start"]),
        ("care-started care-ended", ["care-after-start", "care-lost"]),
        ("need-registered care-started", []),
        ("need-registered need-withdrawn", []),
    ],
)
def test_a_start_while_childcare_is_open_in_progress_or_lapsed(line: str, codes: list[str]) -> None:
    """The course began on 10 February, weeks after all that is known of the child."""
    assert [one.code for one in _barrier(*life(line), more=(started("2026-02-10"),)).conflicts] == codes


def test_what_came_after_the_start_makes_it_not_early() -> None:
    """A need of which nobody knew, care that was there and was lost, a gap that was closed: no early start."""
    begun = (started("2026-01-05"),)
    assert _barrier(*life("need-registered", "2026-02-01"), more=begun).conflicts == ()
    lost = [said("care-started", "2026-01-01"), said("care-ended", "2026-02-01")]
    assert [one.code for one in _barrier(*lost, more=begun).conflicts] == ["care-lost"]
    closed = [need("2026-01-01"), said("care-started", "2026-01-20"), said("care-ended", "2026-02-01")]
    assert [one.code for one in _barrier(*closed, more=begun).conflicts] == ["care-lost"]


def test_of_several_children_those_without_a_place_count() -> None:
    """The latest forecast counts; if one child has none, what has begun."""
    second = offered("2026-02-01", "2026-06-01", child=2)
    start = expected("2026-06-10")
    assert _barrier(*PLACE, more=(start,)).conflicts == ()
    conflict = _barrier(*PLACE, second, more=(start,)).conflicts[0]
    assert conflict.items == ("childcare/child-2", "language/course-c1")
    assert _barrier(*PLACE, second, need("2026-02-01", child=3), more=(start,)).conflicts == ()


INTERIM: dict[str, Any] = {"purpose": "course", "weeklyHours": 20}


@pytest.mark.parametrize(
    ("interim", "conflicts"),
    [
        (INTERIM, False),
        (INTERIM | {"purpose": "work"}, True),
        (INTERIM | {"from": "2026-03-01"}, False),
        (INTERIM | {"from": "2026-03-02"}, True),
        (INTERIM | {"until": "2026-03-01"}, False),
        (INTERIM | {"until": "2026-02-28"}, True),
    ],
)
def test_care_for_the_course_excuses_courses_while_it_lasts(interim: dict[str, Any], conflicts: bool) -> None:
    """No employment, and only from its first to its last day; the status is the one for work."""
    facts = [*life("need-registered waitlisted"), said("interim-care-arranged", "2026-01-20", **interim)]
    barrier = _barrier(*facts, more=(started("2026-02-10"),))
    assert ([one.code for one in barrier.conflicts], barrier.status) == (
        ["care-after-start"] if conflicts else [],
        "in-progress",
    )
    assert [one.items[1] for one in _barrier(*facts, more=(hire("2026-02-10"),)).conflicts] == [
        "outreach/introduction-i1"
    ]


@pytest.mark.parametrize(("until", "conflicts"), [("2026-03-31", True), ("2026-04-01", False)])
def test_care_for_a_course_to_come_must_reach_its_first_day(until: Day, conflicts: bool) -> None:
    """What ends before the course begins excuses nothing."""
    arranged = said("interim-care-arranged", "2026-02-02", **INTERIM, until=until)
    assert bool(_barrier(*PLACE, arranged, more=(expected("2026-04-01"),)).conflicts) == conflicts


def test_the_days_of_interim_care_are_days_to_look_again() -> None:
    """The day after its last one."""
    arranged = said("interim-care-arranged", "2026-01-20", **INTERIM, until="2026-03-05", start="2026-03-03")
    items = [*snapshots([*life("need-registered offer-accepted"), arranged]), started("2026-02-10")]
    seen = []
    for day in ("2026-03-01", "2026-03-03", "2026-03-06"):
        evaluation = evaluate(MAPPINGS, items, day)
        seen.append((bool(evaluation.board.barriers["childcare"].conflicts), evaluation.next_day))
    assert seen == [(True, "2026-03-03"), (False, "2026-03-06"), (True, None)]


def test_care_at_the_course_itself_excuses_it() -> None:
    """The provider looks after the children."""
    child = life("need-registered waitlisted")
    assert _barrier(*child, more=(started("2026-02-10", childcareAtCourse=True),)).conflicts == ()
    assert _barrier(*child, more=(started("2026-02-10", childcareAtCourse=False),)).conflicts


def test_care_that_is_lost_during_a_course_is_a_conflict() -> None:
    """With all children that lost it, and only while the course runs."""
    lost = [*life("care-started care-ended"), *life("need-registered care-started hours-changed:20", child=2)]
    (conflict,) = [one for one in _barrier(*lost, more=(started("2026-01-01"),)).conflicts if one.code == "care-lost"]
    assert isinstance(conflict, ConflictEntry)
    assert conflict.items == ("childcare/child-1", "childcare/child-2", "language/course-c1")
    assert [fact.type.split(".")[2] for fact in conflict.facts] == ["care-ended", "hours-changed", "x"]
    for other in (course([entry("2026-01-01", "completed")]), expected("2026-06-01"), hire("2026-06-01")):
        assert [one.code for one in _barrier(*lost, more=(other,)).conflicts] == []


# Any reports, on any day.

_days = st.integers(0, 120).map(lambda number: plus("2026-01-01", number))
_hours = st.sampled_from((20, 35, 40))
_plain = ("acknowledged waitlisted claim-enforced offer-declined offer-expired offer-accepted settling-in-started "
          "care-ended interim-care-ended need-withdrawn")  # fmt: skip


def _any(name: str, **data: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    return st.builds(
        lambda day, child, more: said(name, day, child=child, **more),
        _days,
        st.integers(1, 2),
        st.fixed_dictionaries(data),
    )


_facts = st.one_of(
    *(_any(name, **{"from": _days, "weeklyHours": _hours}) for name in ("need-identified", "need-registered")),
    *(_any("offered", **{"from": _days}) for _ in range(2)),
    *(_any(name, weeklyHours=_hours) for name in ("contracted", "care-started", "care-started", "hours-changed")),
    *map(_any, _plain.split()),
    _any("interim-care-arranged", purpose=st.sampled_from(("work", "course")), until=st.none() | _days),
)
_starts = st.lists(
    st.one_of(
        st.builds(lambda day, told: expected(day, told), _days, _days),
        st.builds(lambda day: started(day), _days),
        st.builds(lambda day, told: hire(day, told), _days, _days),
    ),
    max_size=2,
    unique_by=lambda one: one.item,
)


@hypothesis_given(st.lists(_facts, min_size=1, max_size=10), _starts, _days)
@settings(max_examples=150)
def test_any_childrens_board_follows_the_letter(facts: list[Fact], starts: list[ItemSnapshot], today: Day) -> None:
    """It stays as it is until the day that it names, whatever the order, and `since` is the rule's."""
    assert_lawful([*snapshots(facts), *starts], today, plus("2026-01-01", 260))
