"""Openings and ways to jobs: that a year of 500 people shows all of them, and what single parts of them say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lotse.simulator.chapters.outreach import mark_day
from lotse.simulator.comparison import differences
from lotse.simulator.dice import Dice
from lotse.simulator.plan import Plan
from lotse.simulator.simulation import Simulation
from lotse.simulator.story import Tale
from lotse.simulator.truth import BarrierTruth
from lotse.simulator.work import EMPLOYED, LOOKING, Introduction, Offer, Opening, Terms
from lotse.stack.services import default_institutions
from services.outreach.reports import REPORTS
from services.outreach.table import INTRODUCTION
from tests.simulator.pure_line import PureLine

MONDAY = date(2026, 3, 2)


def ways(plan: Plan) -> list[Introduction]:
    """All introductions."""
    return [way for story in plan.stories.values() for way in story.introductions]


def bridged(plan: Plan) -> list[tuple[str, BarrierTruth]]:
    """All barriers that an employer bridges on the last day, with their names."""
    shown = [one for truth in plan.truths if not truth.hidden for one in truth.barriers.items()]
    return [(name, barrier) for name, barrier in shown if barrier.status == "bridged"]


# A plan of 500 people over one year


def test_every_fact_of_outreach_is_reported(plan: Plan) -> None:
    """As it should be, not only by mistake."""
    said = {one.report.fact for one in plan.records if one.report.service == "outreach" and one.mistake is None}
    assert said == REPORTS.keys()


def test_an_introduction_comes_through_every_state(plan: Plan) -> None:
    """From the first talk to the mark of a year, and to both ends."""
    states = {state for way in ways(plan) for _, state in way.steps}
    assert states == INTRODUCTION.meanings.keys() - {"none"}


def test_every_kind_of_hire_and_every_stage_comes_about(plan: Plan) -> None:
    """The official figures count some of them, the board shows all."""
    kinds = {one.report.data["hireKind"] for one in plan.records if one.report.fact == "hired" and not one.mistake}
    assert len(kinds) == 7
    stages = {truth.stage for truth in plan.truths if not truth.hidden}
    assert stages == {"registered", "clearing", "ready", "introduced", "hired", "retained", "closed"}


def test_employers_bridge_language_and_recognition(plan: Plan) -> None:
    """Before the hire and after it; also for one who was hired although the opening is gone since."""
    assert {name for name, _ in bridged(plan)} == {"language", "recognition"}
    assert len(bridged(plan)) > 15
    bridging = {opening for _, barrier in bridged(plan) for opening in barrier.bridged_by}
    found = [(way.on(plan.last), way.opening) for way in ways(plan) if way.opening and way.opening.id in bridging]
    assert {state for state, _ in found} & {*LOOKING}
    assert {state for state, _ in found} & {*EMPLOYED}
    assert any(state in EMPLOYED and opening.offers[-1].status != "published" for state, opening in found)


def test_some_openings_are_reported_late_or_never(plan: Plan) -> None:
    """Or by a change of them alone; the introductions to them stand all the same."""
    openings = [way.opening for way in ways(plan)]
    assert any(opening is None for opening in openings)
    assert any(way.opening and way.opening.offers and way.opening.offers[0].day > way.steps[0][0] for way in ways(plan))
    first = [opening.tale.happenings[0].fact for opening in plan.market.openings if opening.tale.happenings]
    assert "opening-changed" in first
    arrived = {
        record.case: record.day for record in reversed(plan.records) if record.report.fact == "opening-published"
    }
    introduced = [record for record in plan.records if record.report.fact == "candidate-introduced"]
    assert any(arrived.get(record.report.data["openingId"], record.day) > record.day for record in introduced)


def test_events_bring_people_to_openings(plan: Plan) -> None:
    """Their yields count those of the region's people who came this way."""
    came = [event for event in plan.market.events if event.introductions]
    assert came
    for event in came:
        (held,) = event.tale.happenings
        assert held.data["followUps"] >= len(event.introductions)
        assert held.data["hires"] == sum(way.hired is not None for way in event.introductions)
        assert held.data["invited"] >= held.data["attended"] >= held.data["conversations"] >= held.data["followUps"]


def test_permits_of_a_job_and_of_others_stand_beside_each_other(plan: Plan) -> None:
    """The one of the running job counts."""
    asked = [permit for story in plan.stories.values() for permit in story.permits]
    assert any(permit.introduction for permit in asked)
    assert any(not permit.introduction for permit in asked)


def test_all_institutions_of_the_region_report(simulation: Simulation, plan: Plan) -> None:
    """At least twelve of them must."""
    assert {record.report.institution for record in plan.records} == simulation.region.offices.keys()
    assert len(simulation.region.offices) >= 12


@pytest.mark.parametrize("fact", ["opening-published", "retention-confirmed"])
def test_a_lost_report_of_outreach_is_found(plan: Plan, fact: str) -> None:
    """The comparison can fail: without these reports the board is untrue of somebody."""
    kept = [record for record in plan.records if record.report.fact != fact]
    boards = PureLine(default_institutions()).run(kept, plan.last)
    assert any(differences(truth, boards.get(truth.case)) for truth in plan.truths)


# Single parts


def opening(*offers: tuple[int, str, Terms]) -> Opening:
    """An opening that stands so from so many days after that Monday on."""
    tale = Tale("0b8e5a50-1111-4222-8333-444455556666", Simulation(default_institutions()).region, Dice("x"), MONDAY)
    found = Opening(tale, "job", 1, "05162024", MONDAY, Terms())
    found.offers = [Offer(MONDAY + timedelta(days), status, terms) for days, status, terms in offers]
    return found


def way(found: Opening | None, *steps: tuple[int, str]) -> Introduction:
    """An introduction that comes to these states so many days after that Monday."""
    told = Introduction("a1", found, [(MONDAY + timedelta(days), state) for days, state in steps])
    told.hired = next((day for day, state in told.steps if state == "hired"), None)
    return told


EASY, HARD = Terms("29222", "A2", True, False, 38.5), Terms("29222", "C1", False, False, 38.5)


def test_an_opening_counts_while_it_is_published_and_for_a_hire_as_it_was_then() -> None:
    """Changed on day 5, filled on day 10; hired on day 3 or never."""
    found = opening((0, "published", EASY), (5, "published", HARD), (10, "filled", HARD))
    days = [MONDAY + timedelta(days) for days in (1, 3, 6, 12)]
    looking, hired = way(found, (1, "introduced")), way(found, (1, "introduced"), (3, "hired"))
    assert [looking.offer_on(day) for day in days] == [EASY, EASY, HARD, None]
    assert [hired.offer_on(day) for day in days] == [EASY, EASY, EASY, EASY]


def test_a_hire_before_the_opening_is_known_has_its_first_terms() -> None:
    """And one to an opening that nobody reports has none."""
    hired = way(opening((5, "published", EASY), (8, "published", HARD)), (1, "hired"))
    assert hired.offer_on(MONDAY + timedelta(2)) == EASY
    assert way(None, (1, "hired")).offer_on(MONDAY + timedelta(2)) is None
    assert way(opening(), (1, "hired")).offer_on(MONDAY + timedelta(2)) is None


def test_an_introduction_that_ended_counts_no_more() -> None:
    """Neither without a hire nor after the job."""
    for steps in ([(1, "introduced"), (2, "ended")], [(1, "hired"), (2, "employment-ended")]):
        assert way(opening((0, "published", EASY)), *steps).offer_on(MONDAY + timedelta(3)) is None


@pytest.mark.parametrize(
    ("terms", "proven", "taken"),
    [
        (Terms("29222", "A2"), "A2", True),
        (Terms("29222", "A2"), "A1", False),
        (Terms("29222", "A2"), None, False),
        (Terms("29222"), "C2", False),
        (Terms("81302", "A2", regulated=True), "B1", False),
        (Terms("81302", "A2", regulated=True), "B2", True),
        (Terms("81301", "A2", regulated=True), "A2", True),
        (Terms("81404", "B1", regulated=True), "B2", False),
        (Terms("84124", "B1", regulated=True), "B1", True),
        (Terms("81302", "A2", regulated=False), "A2", True),
    ],
)
def test_german_is_measured_against_the_opening_and_the_licence(terms: Terms, proven: str | None, taken: bool) -> None:
    """Nurses need B2 and doctors C1, whatever the employer thinks; nursing helpers do not."""
    assert terms.take_with(proven) == taken


def test_nobody_waives_a_certificate_where_work_is_reserved_or_where_it_is_not_known() -> None:
    """An employer may wait for the decision in unregulated work only."""
    asked = [
        Terms(pending=pending, regulated=regulated)
        for pending in (True, False, None)
        for regulated in (False, True, None)
    ]
    assert [terms.take_before_decision for terms in asked] == [True] + [False] * 8


@pytest.mark.parametrize(
    ("start", "mark", "day"),
    [
        (date(2026, 1, 15), "6w", date(2026, 2, 26)),
        (date(2025, 11, 30), "3m", date(2026, 2, 28)),
        (date(2026, 1, 31), "6m", date(2026, 7, 1)),
        (date(2026, 1, 1), "6m", date(2026, 7, 1)),
        (date(2024, 2, 29), "12m", date(2025, 2, 28)),
    ],
)
def test_marks_are_reckoned_from_the_first_day_of_work(start: date, mark: str, day: date) -> None:
    """Half a year: insured in each of the six following months, once the sixth has begun."""
    assert mark_day(start, mark) == day
