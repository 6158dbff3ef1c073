"""Deadlines of law and of the project as data (states.md §8): versioned, chosen by what a matter is about.

The first row of a clock that fits decides, so the special stands before the general.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from shared.contracts.fact import Day
from shared.rules.deadlines import end_of, next_working_day, plus_days

__all__ = ["RULES", "Due", "Rule", "RuleFor", "earliest", "finder", "is_nursing", "rule_for", "stalled_from"]

MUST, SHOULD, PROJECT = "statutory-must", "statutory-should", "project"
#: Stands for what nobody reported.
UNKNOWN = "unknown"

_BQFG, _ACCELERATED, _NURSING = "2012-04-01", "2020-03-01", "2020-01-01"
_OWN = "2005-01-01"

Features = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one deadline.

    `selects` names the features that it needs; `length` is as in `end_of`, empty where the end is a date.
    """

    clock: str
    rule_id: str
    length: str
    starts: str
    met_by: str
    kind: str
    shift: bool
    valid_from: Day
    valid_to: Day | None = None
    selects: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def law(self) -> bool:
        return self.kind != PROJECT

    def valid(self, day: Day) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def fits(self, features: Features) -> bool:
        known = dict(features)
        return all(known.get(name, UNKNOWN) in values for name, values in self.selects.items())

    def shifted(self, day: Day, land: str) -> Day:
        return next_working_day(day, land) if self.shift else day

    def due(self, start: Day, land: str) -> Due:
        """The end of this deadline, started by an event on `start`."""
        return Due(self.shifted(end_of(start, self.length), land), self.rule_id, self.law)


@dataclass(frozen=True, slots=True)
class Due:
    """A running clock: its last day, the rule that says so, and whether that is law."""

    day: Day
    rule_id: str
    law: bool


def earliest(clocks: Iterable[Due]) -> Due | None:
    """The earliest clock of law; only if none runs, the earliest of the project (readings 10)."""
    return min(clocks, key=lambda due: (not due.law, due.day), default=None)


def stalled_from(clocks: Iterable[Due]) -> Day | None:
    """The day after the earliest end."""
    first = min((due.day for due in clocks), default=None)
    return plus_days(first, 1) if first else None


class RuleFor(Protocol):
    """Finds the rule for a clock that starts on `start`; None where no rule of that time fits."""

    def __call__(self, clock: str, start: Day, features: Features = ()) -> Rule | None: ...


def finder(rules: Sequence[Rule]) -> RuleFor:
    """Looks in these rows: a further service has rows of its own in its folder."""

    @lru_cache(maxsize=4_096)
    def candidates(clock: str, features: Features) -> tuple[Rule, ...]:
        return tuple(rule for rule in rules if rule.clock == clock and rule.fits(features))

    def find(clock: str, start: Day, features: Features = ()) -> Rule | None:
        return next((rule for rule in candidates(clock, features) if rule.valid(start)), None)

    return find


def is_nursing(kldb: str | None) -> bool:
    """Whether a KldB occupation is nursing above helper level (8130 or 8210, last digit at least 2)."""
    return kldb is not None and kldb[:4] in ("8130", "8210") and kldb[4] >= "2"


def _of(**values: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(value.split()) for name, value in values.items()}


def _law(
    clock: str, rule_id: str, length: str, starts: str, met_by: str, valid_from: Day, *,
    kind: str = MUST, shift: bool = True, selects: dict[str, frozenset[str]] | None = None,
) -> Rule:  # fmt: skip
    return Rule(clock, rule_id, length, starts, met_by, kind, shift, valid_from, selects=selects or {})


def _own(
    clock: str, rule_id: str, length: str, starts: str, met_by: str, selects: dict[str, frozenset[str]] | None = None
) -> Rule:
    return Rule(clock, f"lotse:{rule_id}", length, starts, met_by, PROJECT, False, _OWN, selects=selects or {})


_ACK = ("submitted", "any of ranks 40–80")
_DEC = ("documents-complete", "rank ≥ 60")
_EXAM = ("decided, else measure-chosen; failed exam", "exam-taken, rank ≥ 80")
_KACK = ("need-registered", "rank ≥ 30")
_OFFER = ("need's from", "any offer, rank ≥ 50")
_LAPSE = ("entitlement-issued", "registered, rank ≥ 20")
_BEGIN = ("registered; interrupted", "course-started; resumed")
_START = ("registered; last referred", "course-not-formed, rank ≥ 40")
_REFER = ("course-not-formed", "referred, registered, rank ≥ 40")
_MARK = ("hire's start", "retention-confirmed")

_INTEGRATION = "integration-course integration-course-intensive integration-course-special"
_JOB = "job-language-course workplace-language-course"
_OTHER_LAENDER = "BW BY BE BB HB HH HE MV NI RP SL SN ST SH TH"

RULES: tuple[Rule, ...] = (
    # Recognition. The route that counts: E is B for nursing and A for the rest; nursing without a route is B.
    _law("ACK", "BQFG:§14a", "2w", *_ACK, _ACCELERATED, selects=_of(accelerated="yes", route="a b unknown")),
    _law("ACK", "BQFG:§13(2)", "1m", *_ACK, _BQFG, selects=_of(route="b")),
    _law("ACK", "BQFG:§6(2)", "1m", *_ACK, _BQFG, selects=_of(route="a")),
    _own("ACK", "acknowledgement", "1m", *_ACK, _of(route="c d f unknown")),
    _law(
        "DEC", "BQFG:§14a", "2m", *_DEC, _ACCELERATED, kind=SHOULD, selects=_of(accelerated="yes", route="a b unknown")
    ),
    _law("DEC", "PflAPrV:§43(3)", "4m", *_DEC, _NURSING, selects=_of(nursing="yes", route="a b")),
    _law("DEC", "BQFG:§13(3)", "3m", *_DEC, _BQFG, selects=_of(route="b")),
    _law("DEC", "BQFG:§6(3)", "3m", *_DEC, _BQFG, selects=_of(route="a")),
    _own("DEC", "decision", "3m", *_DEC, _of(route="c d f unknown")),
    _own("DOCS", "documents", "8w", "last documents-requested", "documents-supplied, rank ≥ 50"),
    _own("FEE", "fee", "4w", "fee-due", "fee-paid, rank ≥ 60"),
    _law("EXAM", "PflAPrV:§45(8)", "6m", *_EXAM, _NURSING, selects=_of(nursing="yes")),
    _law("EXAM", "BQFG:§11(4)", "6m", *_EXAM, _BQFG),
    _own("PREP", "preparing", "13w", "last documents-preparing", "rank ≥ 30"),
    _own("PLACE", "measure-place", "13w", "measure-chosen", "rank ≥ 72"),
    _law("OBJ", "VwGO:§70(1)", "1m", "decided(none)", "appeal-filed", "1960-04-01"),
    # Childcare.
    _law("KACK", "KiBiz-NRW:§5(3)", "1m", *_KACK, "2020-08-01", selects=_of(land="NW")),
    _own("KACK", "childcare-acknowledgement", "1m", *_KACK, _of(land=_OTHER_LAENDER)),
    _law("OFFER", "KiBiz-NRW:§5(3)", "-6w", *_OFFER, "2020-08-01", shift=False, selects=_of(land="NW")),
    _own("OFFER", "childcare-offer", "-6w", *_OFFER, _of(land=_OTHER_LAENDER)),
    _own("WAIT", "waitlist", "26w", "waitlisted; declined, expired", "rank ≥ 50"),
    _own("ANSWER", "offer-answer", "2w", "last offered", "any answer, rank ≥ 52"),
    # Language.
    _law("LAPSE", "DeuFöV:§6(3)", "3m", *_LAPSE, "2016-07-01", selects=_of(course=_JOB)),
    _law("LAPSE", "IntV:§5(3)", "1y", *_LAPSE, "2005-01-01", selects=_of(course=_INTEGRATION, basis="admission")),
    _law("BEGIN", "IntV:§4(1)", "1y", *_BEGIN, "2005-01-01", selects=_of(course=_INTEGRATION)),
    _own("REG", "registration", "6w", "entitlement-issued", "rank ≥ 20"),
    _law("START", "IntV:§7(4)", "6w", *_START, "2005-01-01", kind=SHOULD, selects=_of(course=_INTEGRATION)),
    _law("START", "DeuFöV:§9(3)", "4w", *_START, "2016-07-01", selects=_of(course=_JOB)),
    _law("REFER", "DeuFöV:§9(4)", "2w", *_REFER, "2016-07-01", selects=_of(course=_JOB)),
    _own("REFER", "referral", "2w", *_REFER, _of(course=_INTEGRATION)),
    _own("BREAK", "interruption", "8w", "interrupted", "resumed, rank ≥ 46"),
    _own("EXAMDATE", "exam", "8w", "completed", "exam-taken"),
    _own("CERT", "certificate", "8w", "exam-taken", "a certificate since"),
    _own(
        "NEXT",
        "next-step",
        "6w",
        "below-target; level below the target",
        "a course state entered later, a higher level",
    ),
    # Intake.
    _own("TITLE", "title", "", "titleUntil", "title-renewal-requested, a new titleUntil"),
    _law("AGENCY", "BeschV:§36(2)", "2w", "permit-approval-requested", "+information, rank ≥ 30", "2013-07-01"),
    _own("PERMIT", "permit", "4w", "the state", "a later state"),
    _own("INFO", "permit-information", "4w", "+information", "a later state"),
    _own("CONTACT", "contact", "6w", "the later of last contact-held and the start of phase 2", "contact-held"),
    _law("PLAN", "SGB-II:§15(3)", "6m", "plan-agreed, plan-reviewed", "plan-reviewed", "2016-08-01", kind=SHOULD),
    # Outreach.
    _own("MARK", "retention-6w", "42d", *_MARK, _of(mark="6w")),
    _own("MARK", "retention-3m", "3m", *_MARK, _of(mark="3m")),
    _own("MARK", "retention-6m", "", *_MARK, _of(mark="6m")),
    _own("MARK", "retention-12m", "12m", *_MARK, _of(mark="12m")),
)

rule_for = finder(RULES)
