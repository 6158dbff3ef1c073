"""Problems over HTTP (RFC 9457), in German and English."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Endpoint = Callable[[Request], Awaitable[Response]]


class Problem(Exception):
    """A request that cannot be answered. `detail` has the German text first, `message` both apart."""

    def __init__(self, status: int, slug: str, title: tuple[str, str], detail: tuple[str, str], **more: str) -> None:
        super().__init__(detail[1])
        self.status = status
        self.body: dict[str, Any] = {
            "type": f"urn:lotse:problem:{slug}",
            "title": " / ".join(title),
            "status": status,
            "detail": " / ".join(detail),
            "message": {"de": detail[0], "en": detail[1]},
            **more,
        }

    def response(self) -> JSONResponse:
        """The problem as an answer."""
        return JSONResponse(self.body, status_code=self.status, media_type="application/problem+json")


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with its problems as answers."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Problem as problem:
            return problem.response()

    return answer


def bad_parameter(name: str, de: str, en: str) -> Problem:
    """A parameter of the query that is unknown or has a value that is not allowed."""
    return Problem(
        400, "parameter-invalid", ("Ungültiger Parameter", "invalid parameter"), (f"{name}: {de}", f"{name}: {en}"),
        parameter=name,
    )  # fmt: skip
