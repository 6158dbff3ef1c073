"""Holding a board against the truth: what is waited for, what is found, what is not shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from lotse.simulator.comparison import compare
from lotse.simulator.plan import Plan
from lotse.simulator.truth import Truth
from lotse.stack.services import default_institutions
from tests.simulator.pure_line import PureLine

Cases = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def truths(plan: Plan) -> tuple[Truth, ...]:
    """Two dozen people, somebody hidden among them."""
    hidden = [truth for truth in plan.truths if truth.hidden]
    return (*plan.truths[:24], hidden[0])


@pytest.fixture(scope="module")
def board(plan: Plan, truths: tuple[Truth, ...]) -> Cases:
    """What a right coordinator shows of them."""
    boards = PureLine(default_institutions()).run(plan.records, plan.last)
    return {truth.case: boards[truth.case] for truth in truths if boards[truth.case] is not None}


def api(cases: Callable[[], Cases]) -> httpx.MockTransport:
    """A read API that shows these cases, five on a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        shown = cases()
        path = request.url.path
        if path == "/v1/cases":
            begin = int(request.url.params.get("cursor", "0"))
            page = list(shown.values())[begin : begin + 5]
            following = str(begin + 5) if begin + 5 < len(shown) else None
            return httpx.Response(200, json={"items": page, "next": following})
        case = path.rsplit("/", 1)[1]
        return httpx.Response(200, json=shown[case]) if case in shown else httpx.Response(404)

    return httpx.MockTransport(answer)


async def held(truths: tuple[Truth, ...], cases: Callable[[], Cases], deadline: float = 20.0) -> Any:
    """A comparison that is not patient."""
    return await compare("http://board", truths, patience=0.5, deadline=deadline, transport=api(cases))


async def test_a_true_board_is_found_true(truths: tuple[Truth, ...], board: Cases) -> None:
    """Hidden people count as true when they are not shown."""
    comparison = await held(truths, lambda: board)
    assert (comparison.right, comparison.people, comparison.differences) == (25, 25, [])


async def test_a_board_that_is_on_its_way_is_waited_for(truths: tuple[Truth, ...], board: Cases) -> None:
    """While it still changes it is not judged."""
    looks = iter(range(10_000))

    def growing() -> Cases:
        return dict(list(board.items())[: next(looks)])

    assert (await held(truths, growing)).right == 25


async def test_a_wrong_field_is_named_with_both_values(truths: tuple[Truth, ...], board: Cases) -> None:
    """A developer sees the person, the field, the truth and what the board says."""
    case = next(iter(board))
    status = board[case]["barriers"]["childcare"]["status"]
    barriers = {**board[case]["barriers"], "childcare": {**board[case]["barriers"]["childcare"], "status": "bridged"}}
    comparison = await held(truths, lambda: {**board, case: {**board[case], "barriers": barriers}})
    assert comparison.wrong == [case]
    difference = comparison.differences[0]
    assert (difference.field, difference.expected, difference.found) == ("childcare.status", status, "bridged")


async def test_somebody_hidden_must_not_be_shown(truths: tuple[Truth, ...], board: Cases) -> None:
    """And somebody who is not hidden must be."""
    hidden, seen = truths[-1].case, next(iter(board))
    shown = {case: one for case, one in board.items() if case != seen} | {hidden: {**board[seen], "caseId": hidden}}
    comparison = await held(truths, lambda: shown)
    assert comparison.wrong == sorted([hidden, seen])


async def test_a_coordinator_that_never_answers_is_told(truths: tuple[Truth, ...]) -> None:
    """After the deadline."""

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    with pytest.raises(TimeoutError, match="coordinator"):
        await compare("http://x", truths, patience=0.1, deadline=0.5, transport=httpx.MockTransport(away))
