"""From facts to the board with the real rule books: what the services derive and say is what the board reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from hypothesis import strategies as st

from shared.contracts.fact import Day, Fact
from shared.contracts.snapshot import ConflictEntry, FactHeader, Reference
from shared.rules.board import Evaluation, ItemSnapshot, evaluate
from shared.rules.derive import derive_subject, to_content
from shared.rules.model import Context, RuleBook, State
from shared.rules.scene import plus
from tests.support.given import CONTEXT, report
from tests.support.items import MAPPINGS
from tests.support.services import BOOKS

FIRST = "2026-01-01"
PROCEDURE, CASE, PERMIT, OPENING = "procedure-", "case", "permit-", "opening"


class _Content(msgspec.Struct):
    state: dict[str, Any]
    because: tuple[Reference, ...]
    conflicts: tuple[ConflictEntry, ...]
    facts: tuple[FactHeader, ...]


_decode = msgspec.json.Decoder(_Content).decode


def snapshots(facts: Iterable[Fact]) -> list[ItemSnapshot]:
    """What the services say of one case, through the bytes of the message; a retraction is told to each of them.

    Openings stand beside the case: its introductions are derived with them.
    """
    told = list(facts)
    of_case = [fact for fact in told if fact.item != OPENING]
    context = replace(CONTEXT, parents=openings(told))
    said: list[ItemSnapshot] = []
    for service, book in BOOKS.items():
        own = [fact for fact in of_case if not fact.item or _claims(book, fact.item)]
        for name, item in derive_subject(book, own, context).items.items():
            content = _decode(to_content(service, name, item))
            said.append(
                ItemSnapshot(service, name, 1, content.state, content.because, content.conflicts, content.facts)
            )
    return said


def openings(facts: Iterable[Fact], context: Context = CONTEXT) -> dict[str, State]:
    """What outreach says of each opening that is reported among these facts, by its id."""
    told = list(facts)
    found: dict[str, State] = {}
    for opening in sorted({fact.data["openingId"] for fact in told if fact.item == OPENING}):
        own = [fact for fact in told if not fact.item or (fact.item == OPENING and fact.data["openingId"] == opening)]
        item = derive_subject(BOOKS["outreach"], own, context).items[OPENING]
        found[opening] = _decode(to_content("outreach", OPENING, item)).state
    return found


def _claims(book: RuleBook, item: str) -> bool:
    try:
        book.kind(item)
    except KeyError:
        return False
    return True


def board_of(*facts: Fact, today: Day) -> Evaluation:
    """The board of a case on a day."""
    return evaluate(MAPPINGS, snapshots(facts), today)


# Random lives: any fact on any day, so that days meet and much is parked.

_days = st.integers(0, 200).map(lambda number: plus(FIRST, number))
_kldb = st.sampled_from(("81302", "81301", "43104", "43102"))
_body = st.sampled_from(("zag-muenster", "chamber-bavaria", "zab"))
_maybe_day = st.none() | _days


def _facts(name: str, item: str, **data: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    """Facts of one name; of the item's number or of the case."""
    key = {PROCEDURE: "procedureId", PERMIT: "permitId"}.get(item)

    def build(day: Day, by: str, time: int, number: int, said: Mapping[str, Any]) -> Fact:
        keyed = {key: str(number)} if key else {}
        return report(name, f"{item}{number}" if key else item, day, by=by, time=time, **keyed, **said)

    return st.builds(build, _days, _body, st.integers(0, 5), st.integers(1, 2), st.fixed_dictionaries(data))


_HEAD = {"recognitionRoute": st.sampled_from("abce"), "referenceOccupation": _kldb, "body": _body}
REPORTS = st.one_of(
    _facts("submitted", PROCEDURE, **_HEAD),
    _facts("advised", PROCEDURE, **_HEAD),
    *(
        _facts(name, PROCEDURE)
        for name in (
            *("receipt-confirmed", "documents-requested", "documents-supplied", "documents-complete", "clock-resumed"),
            *("fee-due", "fee-paid", "appeal-filed", "withdrawn", "measure-started", "licence-issued"),
        )
    ),
    _facts("clock-suspended", PROCEDURE, suspensionReason=st.just("authenticity-check"), until=_maybe_day),
    _facts("deadline-extended", PROCEDURE, newDate=_maybe_day),
    _facts("decided", PROCEDURE, outcome=st.sampled_from(("full", "partial", "compensation-required", "none"))),
    _facts("measure-chosen", PROCEDURE, compensationMeasure=st.sampled_from(("adaptation-course", "knowledge-test"))),
    _facts("exam-taken", PROCEDURE, result=st.sampled_from(("passed", "failed"))),
    _facts("case-opened", CASE, ags=st.just("05162024"), benefitCarrier=st.just("jobcenter")),
    *(_facts(name, CASE) for name in ("contact-held", "case-closed", "title-renewal-requested")),
    *(
        _facts(name, CASE, barrier=st.sampled_from(("recognition", "childcare", "language", "residence")))
        for name in ("barrier-declared-absent", "barrier-declared-absent", "barrier-declared-needed")
    ),
    _facts(
        "potential-assessed",
        CASE,
        targetKldb=_kldb,
        targetGermanLevel=st.just("B2"),
        targetRegulated=st.booleans(),
        foreignDegree=st.sampled_from(("none", "regulated", "unclear")),
    ),
    *(
        _facts("employment-access-changed", CASE, access=st.just(access), until=until, titleUntil=_maybe_day)
        for access, until in (
            *(("free", st.none()), ("free", st.none())),
            *(("permit-needed", st.none()), ("barred", _maybe_day)),
        )
    ),
    *(
        _facts(f"permit-{name}", PERMIT)
        for name in ("requested", "approval-requested", "information-demanded", "approved", "denied")
    ),
    _facts("permit-granted", PERMIT, until=_maybe_day),
)

days = _days
reported = st.lists(REPORTS, min_size=1, max_size=14)
