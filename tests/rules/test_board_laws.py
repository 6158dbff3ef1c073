"""What must hold of every board: it follows the letter, the calendar and the set of items, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.board import CaseBoard
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import plus
from shared.rules.track import OPEN_STATUSES
from tests.support.items import MAPPINGS
from tests.support.lawful import assert_since_follows_the_letter, assert_stays_until_the_next_day
from tests.support.lives import FIRST, days, items_of_a_case

LAST = plus(FIRST, 460)


def _board(items: Sequence[ItemSnapshot], today: str) -> CaseBoard:
    return evaluate(MAPPINGS, items, today).board


@given(items_of_a_case(), days)
def test_a_board_stays_as_it_is_until_the_day_that_it_names(items: list[ItemSnapshot], today: str) -> None:
    """The coordinator looks at a case again only on `next_day`."""
    assert_stays_until_the_next_day(items, today, LAST)


@given(items_of_a_case(), days)
def test_since_follows_the_letter_of_the_rule(items: list[ItemSnapshot], today: str) -> None:
    """The days that the board leaves out tell nothing."""
    assert_since_follows_the_letter(items, today)


@given(items_of_a_case(), days, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(items: list[ItemSnapshot], today: str, chance: Any) -> None:
    """A board is a function of the set of snapshots."""
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert evaluate(MAPPINGS, shuffled, today) == evaluate(MAPPINGS, items, today)


@given(items_of_a_case(), days)
def test_what_is_said_of_openness_agrees_with_the_barriers(items: list[ItemSnapshot], today: str) -> None:
    """`openBarriers`, `onlyBarrier` and stalling follow from the statuses; what is done waits for nobody."""
    board = _board(items, today)
    assert board.open_barriers == tuple(n for n, one in board.barriers.items() if one.status in OPEN_STATUSES)
    assert board.only_barrier == (board.open_barriers[0] if len(board.open_barriers) == 1 else None)
    for barrier in board.barriers.values():
        assert not barrier.stalled or barrier.status in ("open", "in-progress")
        assert bool(barrier.bridged_by) == (barrier.status == "bridged")
        if barrier.status in ("resolved", "not-a-barrier", "not-assessed"):
            assert barrier.turn is None and barrier.due_on is None and barrier.rule_id is None
        assert (barrier.because == ()) == (barrier.status == "not-assessed")


@given(items_of_a_case(), days, st.integers(1, 60))
def test_a_later_day_keeps_what_the_calendar_cannot_take_back(
    items: list[ItemSnapshot], today: str, later: int
) -> None:
    """Once stalled, a procedure stays stalled while nothing is reported and nothing ends by itself."""
    still = [item for item in items if not item.state["ahead"]]
    before, after = _board(still, today), _board(still, plus(today, later))
    if before.barriers["recognition"].stalled:
        assert after.barriers["recognition"].stalled
    assert after.barriers["recognition"].status == before.barriers["recognition"].status
