"""The board held against the truth, person by person, through the coordinator's read API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from lotse.simulator.truth import Truth, shown, shown_items

_PAGE = 200
_AT_ONCE = 8
_PAUSE = 0.3
#: What the board says of somebody whom it does not show.
MISSING = "404"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one person: what the story tells, and what the board says."""

    case: str
    field: str
    expected: Any
    found: Any


@dataclass(slots=True)
class Comparison:
    """A whole comparison. `board` has the answers by case id, without those that are hidden."""

    people: int
    differences: list[Difference] = field(default_factory=list)
    board: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def wrong(self) -> list[str]:
        """The people of whom the board is not true."""
        return sorted({difference.case for difference in self.differences})

    @property
    def right(self) -> int:
        """Of how many people the board is true."""
        return self.people - len(self.wrong)


class Board:
    """The read API of a coordinator; use it with `async with`. `transport` is for tests without a network."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, transport=transport)

    async def __aenter__(self) -> Board:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def cases(self) -> dict[str, Mapping[str, Any]]:
        """All cases by id, page by page. Raises httpx.HTTPError."""
        found: dict[str, Mapping[str, Any]] = {}
        cursor: str | None = None
        while True:
            query: dict[str, str | int] = {"limit": _PAGE} | ({"cursor": cursor} if cursor else {})
            page = await self._get("/v1/cases", query)
            found |= {case["caseId"]: case for case in page["items"]}
            cursor = page["next"]
            if cursor is None:
                return found

    async def case(self, case: str) -> Mapping[str, Any] | None:
        """One case with everything; None when the board does not show it. Raises httpx.HTTPError."""
        answer = await self._client.get(f"/v1/cases/{case}")
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return dict(answer.json())

    async def details(self, cases: Sequence[str]) -> dict[str, Mapping[str, Any] | None]:
        """Many cases with everything, some at a time."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(case: str) -> Mapping[str, Any] | None:
            async with gate:
                return await self.case(case)

        return dict(zip(cases, await asyncio.gather(*map(one, cases)), strict=True))

    async def _get(self, path: str, query: Mapping[str, str | int]) -> Any:
        answer = await self._client.get(path, params=dict(query))
        answer.raise_for_status()
        return answer.json()


async def compare(
    url: str,
    truths: Sequence[Truth],
    *,
    patience: float,
    deadline: float,
    beside: Sequence[Truth] = (),
    transport: httpx.AsyncBaseTransport | None = None,
) -> Comparison:
    """Waits until the board equals the truth twice in a row, or has stood still for `patience` seconds, or until
    `deadline`. Then asks for each person alone and holds the answers against the truth.

    `beside` are subjects that are no people, so that no list may show them. A coordinator that is away is waited for.
    Raises TimeoutError when it never answered.
    """
    loop = asyncio.get_running_loop()
    end, since = loop.time() + deadline, loop.time()
    before: dict[str, Mapping[str, Any]] | None = None
    async with Board(url, transport) as board:
        while True:
            try:
                now = await board.cases()
                equal = not any(differences(truth, now.get(truth.case)) for truth in truths)
                if now == before and (equal or loop.time() - since > patience):
                    break
                if now != before:
                    before, since = now, loop.time()
            except httpx.HTTPError:
                before = None
            if loop.time() > end:
                break
            await asyncio.sleep(_PAUSE)
        return await _thoroughly(board, before, truths, beside)


async def _thoroughly(
    board: Board, read: dict[str, Mapping[str, Any]] | None, truths: Sequence[Truth], beside: Sequence[Truth]
) -> Comparison:
    """Holds what was read last of all cases, and the answer for each person, against the truth."""
    try:
        listed = await board.cases() if read is None else read
        details = await board.details([truth.case for truth in truths])
    except httpx.HTTPError as error:
        raise TimeoutError(f"the coordinator does not answer: {type(error).__name__}") from error
    comparison = Comparison(len(truths))
    comparison.board = {case: found for case, found in details.items() if found is not None}
    for truth in truths:
        # The list and the single answer must both be true.
        found = [*differences(truth, details[truth.case]), *differences(truth, listed.get(truth.case))]
        comparison.differences += dict.fromkeys(found)
    for truth in beside:
        comparison.differences += differences(truth, listed.get(truth.case))
    return comparison


def differences(truth: Truth, case: Mapping[str, Any] | None) -> list[Difference]:
    if truth.hidden or case is None:
        wanted, found = MISSING if truth.hidden else "shown", MISSING if case is None else "shown"
        return [] if wanted == found else [Difference(truth.case, "case", wanted, found)]
    expected, said = truth.expected(), shown(case)
    if "items" in case:
        expected |= truth.expected_items()
        said |= shown_items(case)
    return [
        Difference(truth.case, name, value, said.get(name))
        for name, value in expected.items()
        if said.get(name) != value
    ]
