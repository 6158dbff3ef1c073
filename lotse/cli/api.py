"""The coordinator's read API, as the command line asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from lotse.cli.where import coordinator_url
from lotse.errors import ExplainedError

_SECONDS = 30.0


class ApiError(ExplainedError):
    """The read API is not there, or does not give what was asked for. `status` is 0 when it is not there."""

    def __init__(self, status: int, *, de: str, en: str) -> None:
        super().__init__(de=de, en=en)
        self.status = status


def ask(path: str, query: Mapping[str, str | int] | None = None) -> Any:
    """The answer to one request, decoded. Raises ApiError, and NothingRuns when no coordinator is known."""
    url = coordinator_url()
    try:
        with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
            answer = client.get(f"{url}{path}", params=dict(query or {}))
    except httpx.HTTPError as error:
        raise ApiError(
            0,
            de=f"Der Koordinator antwortet nicht unter {url} ({type(error).__name__}). Prüfen Sie mit `lotse doctor`.",
            en=f"The coordinator does not answer at {url} ({type(error).__name__}). Check with `lotse doctor`.",
        ) from None
    if answer.status_code == 200:
        return answer.json()
    raise _refused(url, answer)


def _refused(url: str, answer: httpx.Response) -> ApiError:
    detail = _detail(answer)
    if answer.status_code >= 500:
        return ApiError(
            answer.status_code,
            de=f"Der Koordinator ({url}) kann gerade nicht antworten: {detail}. Prüfen Sie mit `lotse doctor`.",
            en=f"The coordinator ({url}) cannot answer now: {detail}. Check with `lotse doctor`.",
        )
    return ApiError(
        answer.status_code,
        de=f"Der Koordinator lehnt die Anfrage ab: {detail}",
        en=f"The coordinator refuses the request: {detail}",
    )


def _detail(answer: httpx.Response) -> str:
    """What a problem (RFC 9457) says of itself."""
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    if not isinstance(problem, dict):
        return f"HTTP {answer.status_code}"
    return str(problem.get("detail") or problem.get("title") or f"HTTP {answer.status_code}")
