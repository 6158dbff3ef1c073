"""The board, which leaves out what cannot matter, against the letter of the text, which leaves out nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hypothesis import given

from shared.contracts.fact import Day, Fact
from shared.rules.board import ItemSnapshot, evaluate
from tests.support.items import MAPPINGS
from tests.support.lives import days, items_of_a_case
from tests.support.plain import PlainBoard
from tests.support.whole import days as whole_days
from tests.support.whole import reported, snapshots


def _assert_plain(items: Sequence[ItemSnapshot], today: Day) -> None:
    board, plain = evaluate(MAPPINGS, items, today).board, PlainBoard(MAPPINGS, items, today)
    for name, barrier in board.barriers.items():
        assert (barrier.status, barrier.since) == (plain.status(name), plain.since(partial(plain.status, name))), name
    assert (board.stage, board.since) == (plain.stage(), plain.since(plain.stage))


@given(items_of_a_case(), days)
def test_statuses_and_stages_are_those_of_the_letter(items: list[ItemSnapshot], today: Day) -> None:
    """Whatever a case's snapshots tell, every status, the stage and their days are as the plain rules find them."""
    _assert_plain(items, today)


@given(reported, whole_days)
def test_so_they_are_of_what_the_services_derive(facts: list[Fact], today: Day) -> None:
    """The same from any reports, through the services' own rule books."""
    _assert_plain(snapshots(facts), today)
