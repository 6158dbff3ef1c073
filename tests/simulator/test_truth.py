"""The truth of the lives against the rules of Lotse, two things that were written apart from each other."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from lotse.simulator.comparison import Difference, differences
from lotse.simulator.plan import Plan
from lotse.simulator.report import Record
from lotse.simulator.simulation import Simulation
from lotse.simulator.story import Phase
from lotse.simulator.truth import barrier_truth
from lotse.stack.services import default_institutions
from tests.simulator.pure_line import PureLine


def untrue(plan: Plan, records: Sequence[Record]) -> list[Difference]:
    """Where the rules' board of these records is not the plan's truth."""
    boards = PureLine(default_institutions()).run(records, plan.last)
    return [one for truth in plan.truths for one in differences(truth, boards.get(truth.case))]


@pytest.mark.parametrize(("seed", "people", "days"), [(1, 500, 365), (2, 300, 365), (3, 300, 200), (4, 200, 700)])
def test_the_board_of_the_rules_is_true_for_everybody(seed: int, people: int, days: int) -> None:
    """Two authors of one law: the lives say what must be shown, the rules compute it from the reports."""
    plan = Simulation(default_institutions(), seed=seed, people=people, days=days).plan()
    assert untrue(plan, plan.records) == []


def test_the_board_is_true_in_any_order_of_the_reports(plan: Plan) -> None:
    """Only records of one id keep their order, since the first of them is the one that counts."""
    shuffled = random.Random(5).sample(plan.records, len(plan.records))
    by_id: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in plan.records:
        by_id[record.report.source, record.report.id].append(record)
    turns = {key: iter(records) for key, records in by_id.items()}
    assert untrue(plan, [next(turns[record.report.source, record.report.id]) for record in shuffled]) == []


def test_every_record_is_answered_as_its_mistake_must_be(plan: Plan) -> None:
    """Code and path, by the contract and the rules alone."""
    line = PureLine(default_institutions())
    line.run(plan.records, plan.last)
    for record, (code, path) in zip(plan.records, line.answers, strict=True):
        assert (code in record.codes, path) == (True, record.path), (record, code, path)


@pytest.mark.parametrize("lost", ["decided", "need-registered", "course-started"])
def test_a_lost_report_is_found(plan: Plan, lost: str) -> None:
    """The comparison can fail: without such reports the board is untrue of those whom they are about."""
    kept = [record for record in plan.records if record.report.fact != lost]
    assert len({one.case for one in untrue(plan, kept)}) > 20


MONDAY = date(2026, 3, 2)


def on(days: int, status: str, *, stalled_from: date | None = None) -> Phase:
    """A phase so many days after that Monday."""
    return Phase(MONDAY + timedelta(days), status, stalled_from=stalled_from)


def test_since_is_the_begin_of_the_unbroken_run_of_the_status() -> None:
    """Another turn in the same status moves nothing."""
    phases = [on(0, "open"), on(5, "in-progress"), on(9, "in-progress"), on(30, "resolved")]
    shown = barrier_truth(phases, MONDAY, MONDAY + timedelta(20))
    assert (shown.status, shown.since) == ("in-progress", MONDAY + timedelta(5))


def test_of_one_day_the_last_word_counts() -> None:
    """A letter that confirms the receipt and asks for papers leaves the turn with the applicant."""
    phases = [on(0, "open"), on(3, "resolved"), on(3, "open")]
    assert barrier_truth(phases, MONDAY, MONDAY + timedelta(3)).since == MONDAY


def test_a_body_that_decides_too_late_is_stalled_from_the_day_after_its_time() -> None:
    """Not on the last day, and not any more once it decided."""
    due = MONDAY + timedelta(10)
    phases = [on(0, "in-progress", stalled_from=due + timedelta(1)), on(22, "resolved")]
    stalls = [barrier_truth(phases, MONDAY, MONDAY + timedelta(n)).stalled for n in range(24)]
    assert [n for n, stalled in enumerate(stalls) if stalled] == list(range(11, 22))


def test_who_was_never_asked_is_not_assessed_since_the_first_day() -> None:
    """No phase, no status."""
    assert barrier_truth([], MONDAY, MONDAY).status == "not-assessed"
