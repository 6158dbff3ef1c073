"""Slips of form: what is refused, and then sent again in order, under the same id where it is still free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from lotse.simulator.mistakes.desk import Desk, Mistake
from lotse.simulator.report import Report, binary, dump, structured

Headers = tuple[tuple[str, bytes], ...]
Raw = tuple[bytes, Headers]

#: A code that nobody knows, for fields that hold codes.
_WRONG_CODES = {
    "outcome": "positive",
    "recognitionRoute": "z",
    "access": "yes",
    "channel": "letter",
    "statusClass": "refugee",
    "suspensionReason": "holiday",
    "barrier": "housing",
    "targetGermanLevel": "B3",
    "compensationMeasure": "course",
    "result": "good",
    "germanLevel": "B1+",
    "toLevel": "B3",
    "evidence": "impression",
    "courseType": "evening-class",
    "entitlementBasis": "wish",
    "mode": "hybrid",
    "timeOfDay": "night",
    "purpose": "shopping",
    "reason": "because",
}
#: Numbers of nobody, in the forms in which clerks type them.
_NUMBERS = ("123A456789", "12345BG1234567", "123456789012", "12 345 678 901", "12345678A123", "DE12345678901234567890")


def _content(name: str, share: float, code: str, spoil: Callable[[Desk, Report], tuple[Report, str] | None]) -> Mistake:
    """A slip in the content: `spoil` gives the spoilt report and the path that the refusal must name."""

    def commit(desk: Desk, report: Report, day: date) -> bool:
        spoilt = spoil(desk, report)
        if spoilt is None:
            return False
        wrong, path = spoilt
        desk.send(wrong, day, codes=frozenset({code}), mistake=name, path=path, whole=desk.dice.chance(0.3))
        desk.deliver(report, desk.later(day, 2))
        return True

    return Mistake(name, share, commit)


def _form(name: str, share: float, code: str, path: str | None, spoil: Callable[[Report], Raw]) -> Mistake:
    """A slip in the form: `spoil` gives value and headers as they go out."""

    def commit(desk: Desk, report: Report, day: date) -> bool:
        desk.send(report, day, codes=frozenset({code}), mistake=name, path=path, raw=spoil(report))
        desk.deliver(report, desk.later(day, 2))
        return True

    return Mistake(name, share, commit)


def _wrong_code(desk: Desk, report: Report) -> tuple[Report, str] | None:
    fields = [field for field in report.data if field in _WRONG_CODES]
    if not fields:
        return None
    field = desk.dice.pick(fields)
    return report.with_data(**{field: _WRONG_CODES[field]}), f"/data/{field}"


def _unknown_field(desk: Desk, report: Report) -> tuple[Report, str]:
    return report.with_data(remark="see our file"), "/data/remark"


def _missing_field(desk: Desk, report: Report) -> tuple[Report, str]:
    return report.with_data(occurredOn=None), "/data/occurredOn"


def _future_day(desk: Desk, report: Report) -> tuple[Report, str]:
    later = report.at.date() + timedelta(desk.dice.integer(3, 60))
    return report.with_data(occurredOn=later.isoformat()), "/data/occurredOn"


def _wrong_number(desk: Desk, report: Report) -> tuple[Report, str] | None:
    """Hours of a month instead of a week, quarters of an hour, a child without a number."""
    slips = {"weeklyHours": (140, 22.75, 0), "child": (0, 21), "lessonUnits": (0, 45_000), "places": (0,)}
    fields = [field for field in report.data if field in slips]
    if not fields:
        return None
    field = desk.dice.pick(fields)
    return report.with_data(**{field: desk.dice.pick(slips[field])}), f"/data/{field}"


def _birth_date(desk: Desk, report: Report) -> tuple[Report, str] | None:
    """Of a child the month may be told, not the day."""
    month = report.data.get("birthMonth")
    return (report.with_data(birthMonth=f"{month}-17"), "/data/birthMonth") if month else None


def _personal_number(desk: Desk, report: Report) -> tuple[Report, str]:
    keys = [key for key in ("procedureId", "permitId", "consentId", "episodeId") if key in report.data]
    field = desk.dice.pick([*keys, "note"])
    return report.with_data(**{field: desk.dice.pick(_NUMBERS)}), f"/data/{field}"


def _misspelt_type(desk: Desk, report: Report) -> tuple[Report, str]:
    return replace(report, fact=report.fact.replace("-", "_") + "s"), "/type"


def _no_case(desk: Desk, report: Report) -> tuple[Report, str]:
    return replace(report, subject="case-4711"), "/subject"


def _forged(desk: Desk, report: Report, day: date) -> bool:
    """Somebody speaks in another office's name on the own topic."""
    others = desk.story.region.others(report.institution, report.service)
    if not others:
        return False
    forged = desk.anew(report, source=f"/{desk.dice.pick(others)}/fv")
    desk.send(
        forged,
        day,
        codes=frozenset({"source.foreign"}),
        mistake="forged-source",
        path="/source",
        institution=report.institution,
    )
    desk.deliver(report, day)
    return True


def _cut(report: Report) -> Raw:
    value, headers = binary(report)
    return value[:-3], headers


def _without_time(report: Report) -> Raw:
    value, headers = binary(report)
    return value, tuple(header for header in headers if header[0] != "ce_time")


def _id_twice(report: Report) -> Raw:
    value, headers = binary(report)
    return value, (*headers, ("ce_id", b"another"))


def _both_modes(report: Report) -> Raw:
    return structured(report)[0], binary(report)[1]


def _huge(report: Report) -> Raw:
    return dump({**report.data, "attachment": "x" * 270_000}), binary(report)[1]


MISTAKES = (
    _content("wrong-code", 0.012, "data.invalid", _wrong_code),
    _content("wrong-number", 0.01, "data.invalid", _wrong_number),
    _content("birth-date", 0.05, "data.invalid", _birth_date),
    _content("unknown-field", 0.006, "data.invalid", _unknown_field),
    _content("missing-field", 0.004, "data.invalid", _missing_field),
    _content("future-day", 0.004, "data.invalid", _future_day),
    _content("personal-number", 0.006, "data.forbidden-identifier", _personal_number),
    _content("misspelt-type", 0.003, "type.unknown", _misspelt_type),
    _content("no-case-id", 0.003, "envelope.invalid", _no_case),
    Mistake("forged-source", 0.005, _forged),
    _form("broken-json", 0.006, "json.invalid", None, _cut),
    _form("no-time", 0.003, "envelope.invalid", "/time", _without_time),
    _form("id-twice", 0.002, "envelope.invalid", "/id", _id_twice),
    _form("both-modes", 0.002, "envelope.invalid", None, _both_modes),
    _form("too-large", 0.0005, "too-large", None, _huge),
)
