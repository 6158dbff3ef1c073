"""The clock over HTTP: which day it is, and, for one set by hand, which days begin."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.clock.clock import Clock
from services.clock.openapi import openapi_document
from shared.engine.problem import Problem, guarded

_Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
#: More days at once are a slip of the pen: days never go back.
_MOST_DAYS = 11_000


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which days are to begin; `from` counts only when no day was ever said."""

    until: _Day
    first: _Day | None = msgspec.field(name="from", default=None)


_decode = msgspec.json.Decoder(Order).decode


class Api:
    """The endpoints. Only a `manual` clock takes orders."""

    def __init__(self, clock: Clock, *, manual: bool) -> None:
        self._clock, self._manual = clock, manual

    def routes(self) -> list[BaseRoute]:
        """All routes but those of the frame."""

        async def openapi(_: Request) -> Response:
            return JSONResponse(openapi_document(Order))

        return [
            Route("/openapi.json", openapi),
            Route("/v1/days", guarded(self.newest), methods=["GET"]),
            Route("/v1/days", guarded(self.begin), methods=["POST"]),
        ]

    async def newest(self, _: Request) -> Response:
        """The newest day that was said; null when none was."""
        self._check_started()
        return self._answer(self._clock.newest)

    async def begin(self, request: Request) -> Response:
        """Lets days begin; answers when the broker has them all. It may be repeated at any time."""
        if not self._manual:
            raise Problem(
                409,
                "clock-not-manual",
                ("Diese Uhr stellt niemand", "nobody sets this clock"),
                (
                    "Die Uhr folgt dem Kalender. Von Hand gestellt wird sie mit LOTSE_CLOCK=manual.",
                    "The clock follows the calendar. It is set by hand with LOTSE_CLOCK=manual.",
                ),
            )
        self._check_started()
        until, first = _order(await request.body())
        start = self._clock.newest or first or until
        if (until - start).days > _MOST_DAYS:
            raise _bad_order(f"höchstens {_MOST_DAYS} Tage auf einmal", f"at most {_MOST_DAYS} days at once")
        return self._answer(await self._clock.say_until(until, first))

    def _answer(self, day: date | None) -> Response:
        return JSONResponse({"day": day.isoformat() if day else None, "manual": self._manual})

    def _check_started(self) -> None:
        if not self._clock.started:
            raise Problem(
                503,
                "clock-not-ready",
                ("Die Uhr ist noch nicht bereit", "the clock is not ready yet"),
                ("Sie liest noch, welcher Tag war.", "It is still reading which day it was."),
            )


def _order(body: bytes) -> tuple[date, date | None]:
    try:
        order = _decode(body)
        return date.fromisoformat(order.until), date.fromisoformat(order.first) if order.first else None
    except (msgspec.MsgspecError, ValueError) as error:
        raise _bad_order(
            f'gebraucht wird {{"until": "2026-06-03", "from": "2025-06-01"}}, `from` darf fehlen ({_why(error)})',
            f'needed is {{"until": "2026-06-03", "from": "2025-06-01"}}, `from` may be missing ({_why(error)})',
        ) from None


def _why(error: Exception) -> str:
    """What is wrong with an order, without what stands in it: no answer repeats what somebody sent by mistake."""
    text = str(error)
    return "unknown field" if "unknown field" in text else text


def _bad_order(de: str, en: str) -> Problem:
    return Problem(400, "order-invalid", ("Ungültige Tage", "invalid days"), (de, en))
