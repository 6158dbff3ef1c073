"""What the demo and `lotse simulate` print of a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lotse.cli import simulated
from lotse.cli.out import answer
from lotse.cli.words.mistakes import MISTAKES as TOLD
from lotse.simulator.comparison import Comparison, differences
from lotse.simulator.mistakes import MISTAKES
from lotse.simulator.plan import Plan
from lotse.simulator.receipts import Answer, Verdicts, judge
from lotse.simulator.simulation import Simulation
from lotse.stack.services import default_institutions
from shared.contracts.verdicts import verdict_of
from tests.simulator.pure_line import PureLine


@pytest.fixture(scope="module")
def line(plan: Plan) -> PureLine:
    """The plan's records, answered by the rules."""
    line = PureLine(default_institutions())
    line.boards = line.run(plan.records, plan.last)
    return line


@pytest.fixture(scope="module")
def comparison(plan: Plan, line: PureLine) -> Comparison:
    """The board of the rules."""
    shown: dict[str, Mapping[str, Any]] = {
        case: {**board, "items": []} for case, board in line.boards.items() if board is not None
    }
    return Comparison(len(plan.truths), [], shown)


def verdicts_of(plan: Plan, line: PureLine, *, without: str = "") -> Verdicts:
    """Receipts as the rules would give them; those of one mistake are left out."""
    places = [("inbound", 0, number) for number in range(len(plan.records))]
    answers = {
        place: Answer(1, verdict_of(code), code, path)
        for place, record, (code, path) in zip(places, plan.records, line.answers, strict=True)
        if record.mistake != without or not without
    }
    return judge(plan.records, places, answers)


def test_every_mistake_has_a_word_in_both_languages() -> None:
    """A further mistake must be named before it is shown."""
    assert TOLD.keys() == {"", *(mistake.name for mistake in MISTAKES)}


def test_receipts_are_shown_by_verdict_and_by_mistake(plan: Plan, line: PureLine) -> None:
    """Nothing is marked when all are as expected."""
    with answer.capture() as shown:
        simulated.tell_receipts(verdicts_of(plan, line))
    told = shown.get()
    assert "data.forbidden-identifier" in told
    assert "two different decisions" in told
    assert "✗" not in told


def test_a_mistake_without_its_receipt_is_marked(plan: Plan, line: PureLine) -> None:
    """With the records that were not answered as they must be."""
    with answer.capture() as shown:
        simulated.tell_receipts(verdicts_of(plan, line, without="broken-json"))
    told = shown.get()
    assert "✗" in told
    assert "(broken-json): erwartet" in told


def test_the_region_is_shown_as_a_table(comparison: Comparison) -> None:
    """Barriers across, statuses and turns down, the number of people in each cell."""
    with answer.capture() as shown:
        simulated.tell_board(comparison)
    rows = {row.split("  ")[0].strip(): row.split() for row in shown.get().splitlines()}
    wanted = [
        sum(case["barriers"][name]["status"] == "not-assessed" for case in comparison.board.values())
        for name in ("recognition", "childcare", "language", "residence")
    ]
    assert [int(cell) for cell in rows["ungeklärt (not assessed)"][-4:]] == wanted


def test_a_true_board_is_told_in_one_line(simulation: Simulation, comparison: Comparison) -> None:
    """The line that the demo is known by."""
    with answer.capture() as shown:
        simulated.tell_truth(simulation, comparison)
    assert "board equals truth for 500 of 500 people" in shown.get()


def test_an_untrue_board_is_told_with_the_life_behind_it(
    simulation: Simulation, plan: Plan, comparison: Comparison
) -> None:
    """Person, field, truth, board, and all that happened."""
    truth = next(truth for truth in plan.truths if not truth.hidden)
    found = differences(replace(truth, stage="retained"), comparison.board[truth.case])
    with answer.capture() as shown:
        simulated.tell_truth(simulation, replace(comparison, differences=found))
    told = shown.get()
    assert "board equals truth for 499 of 500 people" in told
    assert f"Fall {truth.case}" in told
    assert "retained" in told
    assert "intake case-opened" in told
