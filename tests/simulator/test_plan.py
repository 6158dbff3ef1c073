"""The plan: the same seed gives the same lives, every mistake comes about, every record is what it is said to be."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from lotse.simulator.mistakes import MISTAKES
from lotse.simulator.plan import Plan, make_plan
from lotse.simulator.simulation import Simulation


def test_the_same_seed_gives_the_same_plan(simulation: Simulation) -> None:
    """Down to every byte that is sent."""
    first, second = (make_plan(simulation.region, seed=7, people=30, days=200) for _ in range(2))
    assert first.records == second.records
    assert first.truths == second.truths


def test_another_seed_or_another_first_day_gives_other_people(simulation: Simulation) -> None:
    """So that one simulation may follow another on the same line without reusing an id."""
    plans = [
        make_plan(simulation.region, seed=1, people=10, days=30),
        make_plan(simulation.region, seed=2, people=10, days=30),
        make_plan(simulation.region, seed=1, people=10, days=30, first=simulation.first + timedelta(30)),
    ]
    ids = [{record.report.id for record in plan.records} | set(plan.stories) for plan in plans]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_every_kind_of_mistake_happens_among_five_hundred_people(plan: Plan) -> None:
    """The demo shows each of them."""
    assert plan.mistakes().keys() == {mistake.name for mistake in MISTAKES}


def test_nothing_is_sent_before_it_happened_or_outside_the_simulation(plan: Plan) -> None:
    """Letters come late, never early; retractions may come before what they take back."""
    for record in plan.records:
        assert plan.first <= record.day <= plan.last
        if record.mistake is None:
            assert record.report.occurred_on <= record.report.at.date() <= record.day


def test_reports_come_in_another_order_than_things_happened(plan: Plan) -> None:
    """Some letters are typed in weeks later, past what happened after them."""
    weeks_late = [
        record
        for record in plan.records
        if record.mistake is None and (record.day - max(record.report.occurred_on, plan.first)).days > 14
    ]
    assert len(weeks_late) > len(plan.records) // 50


def test_records_of_one_id_keep_their_order(plan: Plan) -> None:
    """What is expected of a duplicate or a reused id holds only behind the report that it repeats."""
    first_seen: set[tuple[str, str]] = set()
    for record in plan.records:
        key = (record.report.source, record.report.id)
        if record.codes & {"id.seen", "id.reused"}:
            assert key in first_seen
        if not record.codes & {"json.invalid", "data.invalid"}:
            first_seen.add(key)


def test_the_board_of_the_plan_has_every_status_that_two_services_can_bring_about(plan: Plan) -> None:
    """Otherwise the comparison would prove less than it seems."""
    shown = Counter((name, barrier.status) for truth in plan.truths for name, barrier in truth.barriers.items())
    for status in ("not-assessed", "not-a-barrier", "open", "in-progress", "resolved"):
        assert shown["recognition", status] > 5
        assert shown["residence", status] > 5
    assert shown["residence", "lapsed"] > 3
    assert shown["residence", "not-resolvable"] > 3
    stalls = Counter(
        (name, barrier.turn) for truth in plan.truths for name, barrier in truth.barriers.items() if barrier.stalled
    )
    assert stalls["recognition", "competent-body"] > 2
    assert stalls["recognition", "applicant"] > 5
    assert stalls["residence", "applicant"]
    assert {truth.stage for truth in plan.truths} >= {"registered", "clearing", "ready", "closed"}
    assert any(truth.hidden for truth in plan.truths)
    assert any(truth.conflicts for truth in plan.truths)
