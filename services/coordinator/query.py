"""What a request asks for: filters, cursor and limit, checked (contract §6)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import QueryParams

from services.coordinator import marks
from services.coordinator.marks import Filters
from shared.engine.problem import Problem, bad_parameter

STATUSES, TURNS = marks.STATUSES, marks.TURNS
OPEN_STATUSES = ("open", "in-progress", "lapsed", "not-resolvable")
STAGES = ("registered", "clearing", "ready", "introduced", "hired", "retained", "closed")
FILTERS = ("barrier", "status", "stalled", "stage", "turn", "ags", "onlyBarrier")
PAGING = ("cursor", "limit")
#: What obstacles can be counted by.
KEYS = ("barrier", "body", "place", "level")
#: How many entries a page has unless asked otherwise, and at most.
LIMIT, MOST = 50, 500
FIRST = "00000000-0000-0000-0000-000000000000"
_NAME = re.compile(r"[A-Za-z]{1,30}").fullmatch

_AGS = re.compile(r"(0[1-9]|1[0-6])\d{6}").fullmatch
_CASE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


def is_case_id(text: str) -> bool:
    """Whether a text can be the id of a case."""
    return _CASE(text) is not None


def given(query: QueryParams, allowed: Sequence[str]) -> dict[str, str]:
    """The parameters that have a value. Raises Problem for one that is unknown or given twice."""
    for name in query:
        if name not in allowed:
            # What somebody put there by mistake may be the id of a case, which no answer repeats.
            name = name if _NAME(name) else "…"
            names = ", ".join(allowed)
            raise bad_parameter(name, f"unbekannt; es gibt {names}.", f"unknown; there are {names}.")
        if len(query.getlist(name)) > 1:
            raise bad_parameter(name, "darf nur einmal vorkommen.", "may be given once only.")
    return {name: value for name, value in query.items() if value}


def filters_of(parameters: Mapping[str, str], barriers: Sequence[str]) -> Filters:
    """The filters of `/v1/cases`; a barrier alone means the cases in which it is open. Raises Problem."""
    barrier = _one_of(parameters, "barrier", barriers)
    status = _one_of(parameters, "status", STATUSES)
    stalled = _one_of(parameters, "stalled", ("true", "false"))
    turn = _one_of(parameters, "turn", TURNS)
    ags = parameters.get("ags")
    if ags is not None and not _AGS(ags):
        raise bad_parameter(
            "ags",
            "ein Gemeindeschlüssel hat acht Ziffern, zum Beispiel 05162024.",
            "a municipality key has eight digits, for example 05162024.",
        )
    asks = any(value is not None for value in (barrier, status, stalled, turn))
    alone = barrier is not None and status is None and stalled is None and turn is None
    return Filters(
        stage=_one_of(parameters, "stage", STAGES),
        ags=ags,
        only_barrier=_one_of(parameters, "onlyBarrier", barriers),
        barriers=[barrier] if barrier else list(barriers) if asks else None,
        statuses=list(OPEN_STATUSES) if alone else [status] if status else None,
        stalled=None if stalled is None else stalled == "true",
        turn=turn,
    )


def keys_of(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """What obstacles are counted by, in the order asked for; by barrier unless asked otherwise. Raises Problem."""
    keys = tuple(parameters.get("by", KEYS[0]).split(","))
    if len({*keys}) < len(keys) or not {*keys} <= {*KEYS}:
        names = ",".join(KEYS)
        raise bad_parameter(
            "by", f"eines oder mehrere von {names}, jedes einmal.", f"one or more of {names}, each of them once."
        )
    return keys


def limit_of(parameters: Mapping[str, str]) -> int:
    """How many entries are wanted. Raises Problem."""
    text = parameters.get("limit", str(LIMIT))
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST:
        raise bad_parameter("limit", f"eine Zahl von 1 bis {MOST}.", f"a number from 1 to {MOST}.")
    return int(text)


def case_after(parameters: Mapping[str, str]) -> str:
    """The case after which a page begins. Raises Problem."""
    text = parameters.get("cursor")
    if text is None:
        return FIRST
    case = _decoded(text)
    if not is_case_id(case):
        raise _bad_cursor()
    return case


def page_of(parameters: Mapping[str, str]) -> int:
    """The number of a page, from 0. Raises Problem."""
    text = parameters.get("cursor")
    if text is None:
        return 0
    number = _decoded(text)
    if not re.fullmatch(r"[0-9]{1,6}", number):
        raise _bad_cursor()
    return int(number)


def cursor_of(place: str) -> str:
    """What a client hands back to read on."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None


def _bad_cursor() -> Problem:
    return bad_parameter("cursor", "nur das, was als `next` zurückkam.", "only what came back as `next`.")


def _one_of(parameters: Mapping[str, str], name: str, allowed: Sequence[str]) -> str | None:
    value = parameters.get(name)
    if value is not None and value not in allowed:
        names = ", ".join(allowed)
        raise bad_parameter(name, f"erlaubt sind {names}.", f"allowed are {names}.")
    return value


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
