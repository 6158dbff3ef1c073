"""Problems of the read API (RFC 9457), in German and English."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse


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


async def answer_problem(_: Request, problem: Exception) -> JSONResponse:
    """Starlette's handler for problems."""
    assert isinstance(problem, Problem)
    return problem.response()


def bad_parameter(name: str, de: str, en: str) -> Problem:
    """A parameter of the query that is unknown or has a value that is not allowed."""
    return Problem(
        400, "parameter-invalid", ("Ungültiger Parameter", "invalid parameter"), (f"{name}: {de}", f"{name}: {en}"),
        parameter=name,
    )  # fmt: skip


def no_such_case() -> Problem:
    """A case that is not here, or that nobody may see here."""
    return Problem(
        404,
        "case-unknown",
        ("Fall nicht gefunden", "case not found"),
        (
            "Unter dieser Kennung ist hier kein Fall zu sehen. Eine Fallkennung ist eine UUID in Kleinbuchstaben.",
            "No case can be seen here under this id. A case id is a UUID in lower case.",
        ),
    )
