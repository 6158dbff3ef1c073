"""The read API over HTTP (contract §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.coordinator.answers import find_cases, read_cases, read_timelines
from services.coordinator.obstacles import Obstacles
from services.coordinator.openapi import openapi_document
from services.coordinator.query import (
    FILTERS,
    PAGING,
    case_after,
    cursor_of,
    filters_of,
    given,
    is_case_id,
    keys_of,
    limit_of,
    no_such_case,
    page_of,
)
from shared.engine.problem import guarded

_encode = msgspec.json.Encoder().encode


class Api:
    """The endpoints. `barriers` are the names that there are."""

    def __init__(self, pool: asyncpg.Pool[Any], barriers: Sequence[str]) -> None:
        self._pool, self._barriers = pool, barriers
        self._openapi, self._obstacles = openapi_document(barriers), Obstacles(pool)

    def routes(self) -> list[BaseRoute]:
        """All routes but those of the frame."""

        async def openapi(_: Request) -> Response:
            return JSONResponse(self._openapi)

        return [
            Route("/v1/cases", guarded(self.cases)),
            Route("/v1/cases/{case}", guarded(self.case)),
            Route("/v1/cases/{case}/timeline", guarded(self.timeline)),
            Route("/v1/obstacles", guarded(self.obstacles)),
            Route("/v1/obstacles/last-barrier", guarded(self.last_barrier)),
            Route("/openapi.json", openapi),
        ]

    async def cases(self, request: Request) -> Response:
        """Cases with their barriers, page by page."""
        parameters = given(request.query_params, (*FILTERS, *PAGING))
        filters, limit = filters_of(parameters, self._barriers), limit_of(parameters)
        after = case_after(parameters)
        async with self._pool.acquire() as connection:
            found = await find_cases(connection, filters, after, limit + 1)
        page = found[:limit]
        return _json({"items": page, "next": cursor_of(page[-1]["caseId"]) if len(found) > limit else None})

    async def case(self, request: Request) -> Response:
        """One case: barriers, because, items."""
        given(request.query_params, ())
        case = _case_of(request)
        async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            found = await read_cases(connection, [case])
        if not found:
            raise no_such_case()
        return _json(found[0])

    async def timeline(self, request: Request) -> Response:
        """All facts of all services, page by page."""
        parameters = given(request.query_params, PAGING)
        limit, page = limit_of(parameters), page_of(parameters)
        case = _case_of(request)
        async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            found = await read_timelines(connection, [case])
        if case not in found:
            raise no_such_case()
        entries = found[case][page * limit : (page + 1) * limit]
        more = len(found[case]) > (page + 1) * limit
        return _json({"caseId": case, "items": entries, "next": cursor_of(str(page + 1)) if more else None})

    async def obstacles(self, request: Request) -> Response:
        """Open barriers counted by some keys, page by page."""
        parameters = given(request.query_params, ("by", *PAGING))
        by, limit, page = keys_of(parameters), limit_of(parameters), page_of(parameters)
        found = await self._obstacles.cells(by)
        cells, end = found["items"], (page + 1) * limit
        more = cursor_of(str(page + 1)) if len(cells) > end else None
        return _json({**found, "items": cells[page * limit : end], "next": more})

    async def last_barrier(self, request: Request) -> Response:
        """How many people would be ready if one barrier went away."""
        given(request.query_params, ())
        return _json(await self._obstacles.last_barrier())


def _case_of(request: Request) -> str:
    case = str(request.path_params["case"])
    if not is_case_id(case):
        raise no_such_case()
    return case


def _json(content: Any) -> Response:
    return Response(_encode(content), media_type="application/json")
