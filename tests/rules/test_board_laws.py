"""What must hold of every board: it follows the letter, the calendar and the set of items, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.board import BARRIERS, CaseBoard
from shared.rules.barrier import NOT_ASSESSED
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import plus
from shared.rules.stage import stage
from shared.rules.timeline import Timeline
from shared.rules.track import OPEN_STATUSES, Track
from tests.support.items import MAPPINGS
from tests.support.lives import FIRST, days, items_of_a_case

LAST = plus(FIRST, 460)


def _board(items: Sequence[ItemSnapshot], today: str) -> CaseBoard:
    return evaluate(MAPPINGS, items, today).board


@given(items_of_a_case(), days)
def test_a_board_stays_as_it_is_until_the_day_that_it_names(items: list[ItemSnapshot], today: str) -> None:
    """The coordinator looks at a case again only on `next_day`."""
    evaluation = evaluate(MAPPINGS, items, today)
    day = plus(today, 1)
    while day < (evaluation.next_day or LAST):
        assert _board(items, day) == evaluation.board, day
        day = plus(day, 1)


@given(items_of_a_case(), days)
def test_the_next_day_lies_ahead(items: list[ItemSnapshot], today: str) -> None:
    """A day that is over cannot change a board any more."""
    next_day = evaluate(MAPPINGS, items, today).next_day
    assert next_day is None or next_day > today


@given(items_of_a_case(), days, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(items: list[ItemSnapshot], today: str, chance: object) -> None:
    """A board is a function of the set of snapshots."""
    shuffled = list(items)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert evaluate(MAPPINGS, shuffled, today) == evaluate(MAPPINGS, items, today)


@given(items_of_a_case(), days)
def test_since_follows_the_letter_of_the_rule(items: list[ItemSnapshot], today: str) -> None:
    """Asked on each single day on which any entry starts, the statuses and stages give the same `since`."""
    case = Timeline(items, today)
    board = _board(items, today)
    tracks = {name: Track(name, MAPPINGS.get(name), Timeline(items, today)) for name in board.barriers}

    def status_on(name: str, day: str) -> str:
        return tracks[name].find(case.on(day)).status

    def is_ready(day: str) -> bool:
        statuses = {name: status_on(name, day) for name in board.barriers}
        return not any(
            status in OPEN_STATUSES or (status == NOT_ASSESSED and name in BARRIERS)
            for name, status in statuses.items()
        )

    for name, barrier in board.barriers.items():
        assert barrier.since == _since(case, barrier.status, partial(status_on, name)), name
    begun = case.first_beside_opening()
    assert board.since == _since(case, board.stage, lambda day: stage(case.on(day), begun, lambda: is_ready(day)))


def _since(case: Timeline, present: str, word_on: Callable[[str], str]) -> str:
    first = None
    for day in sorted({day for line in case.lines for day in line.days if day <= case.today}, reverse=True):
        if word_on(day) == present:
            first = day
        elif first is not None:
            return first
    return first or case.first_fact


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
