"""The case: opened, closed, and everything that it remembers (states.md §5)."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.reports import REPORTS
from services.intake.table import CASE, PERMIT
from shared.contracts.fact import Fact
from tests.support.cases import access, assessed, given, opened, said

CLOSED = said("case-closed", "2026-03-01", reason="in-work")

#: One fact of each kind that never moves the case.
REGISTERS: dict[str, dict[str, Any]] = {
    "benefit-carrier-changed": {"benefitCarrier": "employment-agency"},
    "phase-changed": {"phase": 2},
    "potential-assessed": {
        "targetKldb": "81302",
        "targetGermanLevel": "B2",
        "targetRegulated": True,
        "foreignDegree": "none",
    },
    "plan-agreed": {},
    "plan-reviewed": {},
    "contact-held": {"channel": "phone"},
    "employment-access-changed": {"access": "free"},
    "title-renewal-requested": {},
    "consent-granted": {"consentId": "c", "purposes": ["case-view"], "recipients": ["vhs-neuss"]},
    "consent-revoked": {"consentId": "c"},
    "barrier-declared-absent": {"barrier": "language"},
    "barrier-declared-needed": {"barrier": "language"},
    "measure-granted": {"fundingInstrument": "trial-work", "start": "2026-02-01"},
}


def _register(name: str, day: str) -> Fact:
    return said(name, day, **REGISTERS[name])


def test_every_fact_of_intake_stands_in_a_table() -> None:
    """Case and permits know all reports, and nothing else."""
    assert set(CASE.ranks) | set(PERMIT.ranks) == set(REPORTS)
    assert {"case-opened", "case-closed", *REGISTERS} == set(CASE.ranks)


@pytest.mark.parametrize(
    ("facts", "status", "since"),
    [
        ([opened("2026-01-10")], "open", "2026-01-10"),
        ([opened("2026-01-10"), opened("2026-02-10")], "open", "2026-01-10"),
        ([opened("2026-01-10"), CLOSED], "closed", "2026-03-01"),
        ([CLOSED], "closed", "2026-03-01"),
        ([opened("2026-01-10"), CLOSED, said("case-closed", "2026-04-01", reason="other")], "closed", "2026-03-01"),
        ([opened("2026-01-10"), CLOSED, opened("2026-05-01")], "open", "2026-05-01"),
        ([said("plan-agreed", "2026-01-10")], "not-opened", "2026-01-10"),
    ],
)
def test_a_case_is_opened_closed_and_opened_again(facts: list[Fact], status: str, since: str) -> None:
    """Said twice it is an echo."""
    given(*facts).then(status=status, since=since, parked={}, turn=None, dueOn=None, ruleId=None, stalledFrom=None)


@pytest.mark.parametrize("name", REGISTERS)
@pytest.mark.parametrize(
    ("before", "status"),
    [([], "not-opened"), ([opened("2026-01-10")], "open"), ([opened("2026-01-10"), CLOSED], "closed")],
)
def test_everything_else_is_allowed_in_every_state(name: str, before: list[Fact], status: str) -> None:
    """Closed too: late facts are kept, and move nothing."""
    given(*before, _register(name, "2026-04-01")).then(status=status, parked={}, availableFrom=None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([opened("2026-01-10", phase=1)], {"ags": "05162024", "statusClass": "temporary-protection", "phase": 1}),
        ([opened("2026-01-10"), said("phase-changed", "2026-02-01", phase=3)], {"phase": 3}),
        (
            [opened("2026-01-10", phase=3), said("phase-changed", "2026-02-01", phase=1)],
            {"phase": 1},  # it may fall
        ),
        (
            [
                opened("2026-01-10"),
                said("benefit-carrier-changed", "2026-02-01", benefitCarrier="none", ags="05116000"),
            ],
            {"benefitCarrier": "none", "ags": "05116000"},
        ),
        (
            [opened("2026-01-10"), said("benefit-carrier-changed", "2026-02-01", benefitCarrier="none")],
            {"benefitCarrier": "none", "ags": "05162024"},
        ),
        (
            [opened("2026-01-10"), access("2026-02-01", "free", statusClass="recognised-protection")],
            {"statusClass": "recognised-protection", "access": "free"},
        ),
        (
            [assessed("2026-01-10", qualificationLevel=3), assessed("2026-02-10", "26302", "B1", "none")],
            {"targetKldb": "26302", "targetGermanLevel": "B1", "foreignDegree": "none", "qualificationLevel": 3},
        ),
        (
            [assessed("2026-01-10", targetRegulated=False)],
            {"targetRegulated": False, "targetKldb": "81302"},
        ),
        (
            [access("2026-01-10", "free", titleUntil="2026-09-30"), access("2026-02-10", "permit-needed")],
            {"access": "permit-needed", "titleUntil": "2026-09-30", "barredUntil": None},  # kept until another is named
        ),
        (
            [
                access("2026-01-10", "free", titleUntil="2026-09-30"),
                access("2026-02-10", "free", titleUntil="2027-09-30"),
            ],
            {"titleUntil": "2027-09-30"},
        ),
        ([access("2026-01-10", "barred", until="2026-06-30")], {"access": "barred", "barredUntil": "2026-06-30"}),
        (
            [access("2026-01-10", "barred", until="2026-06-30"), access("2026-02-10", "barred")],
            {"access": "barred", "barredUntil": None},  # an end holds for its own fact only
        ),
        (
            [access("2026-01-10", "barred", until="2026-06-30"), access("2026-02-10", "free")],
            {"access": "free", "barredUntil": None},
        ),
        ([access("2026-01-10", "free", until="2026-06-30")], {"barredUntil": None}),
    ],
)
def test_registers_hold_what_was_said_last(facts: list[Fact], expected: dict[str, Any]) -> None:
    """Field by field, in the order of the days."""
    for order in (facts, facts[::-1]):
        given(*order).then(parked={}, **expected)


def test_on_one_day_the_time_decides_between_registers() -> None:
    """What was recorded later holds."""
    day = "2026-02-01"
    earlier, later = access(day, "barred", time=5), access(day, "free", time=6)
    given(later, earlier).then(access="free")
    absent = said("barrier-declared-absent", day, barrier="language", time=6)
    needed = said("barrier-declared-needed", day, barrier="language", time=5)
    given(absent, needed).then(declared={"language": "absent"})


def test_declarations_are_kept_for_each_barrier() -> None:
    """The last word on each."""
    given(
        said("barrier-declared-needed", "2026-01-10", barrier="childcare"),
        said("barrier-declared-absent", "2026-01-11", barrier="language"),
        said("barrier-declared-absent", "2026-02-11", barrier="childcare"),
    ).then(declared={"childcare": "absent", "language": "absent"})


def test_all_measures_are_kept() -> None:
    """In their order, with what was said of each."""
    given(
        said("measure-granted", "2026-02-10", fundingInstrument="wage-subsidy", start="2026-03-01", until="2026-08-31"),
        said("measure-granted", "2026-01-10", fundingInstrument="trial-work", start="2026-02-01", pilot="fast-lane"),
    ).then(
        measures=[
            {"fundingInstrument": "trial-work", "start": "2026-02-01", "pilot": "fast-lane"},
            {"fundingInstrument": "wage-subsidy", "start": "2026-03-01", "until": "2026-08-31"},
        ]
    )


# The title's renewal.

TITLE = access("2026-01-10", "free", titleUntil="2026-09-30")


def test_a_renewal_runs_until_the_next_word_on_access() -> None:
    """The day of the request is a facet while it runs."""
    request = said("title-renewal-requested", "2026-08-01")
    result = given(TITLE, request).then(flags=["renewal"], renewalRequestedOn="2026-08-01")
    assert result.path("flags", "renewalRequestedOn")[-1] == ("not-opened", "2026-08-01", ["renewal"], "2026-08-01")
    assert request in result.item().because
    given(TITLE, request, access("2026-10-10", "free", titleUntil="2028-09-30")).then(
        flags=[], renewalRequestedOn=None, titleUntil="2028-09-30"
    )


def test_a_second_request_is_an_echo_and_one_after_the_renewal_starts_anew() -> None:
    """The first day counts while it runs."""
    first, second = (said("title-renewal-requested", day) for day in ("2026-08-01", "2026-08-20"))
    given(TITLE, first, second).then(flags=["renewal"], renewalRequestedOn="2026-08-01", parked={})
    given(TITLE, first, access("2026-08-10", "free"), second).then(renewalRequestedOn="2026-08-20")


def test_on_the_same_day_the_time_says_whether_the_renewal_is_over() -> None:
    """Both facts of the flag share one rank."""
    request = said("title-renewal-requested", "2026-08-01", time=5)
    given(request, access("2026-08-01", "free", time=6)).then(flags=[])
    given(request, access("2026-08-01", "free", time=4)).then(flags=["renewal"])


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ([opened("2026-01-10")], []),
        ([TITLE], ["2026-07-02", "2026-10-01"]),
        ([access("2026-01-10", "barred", until="2026-06-30")], ["2026-07-01"]),
        (
            [access("2026-01-10", "barred", until="2026-06-30", titleUntil="2026-09-30")],
            ["2026-07-01", "2026-07-02", "2026-10-01"],
        ),
        ([access("2026-01-10", "barred", until="2026-09-30", titleUntil="2026-09-30")], ["2026-07-02", "2026-10-01"]),
        ([access("2026-01-10", "barred")], []),
    ],
)
def test_the_days_ahead_are_bare(facts: list[Fact], days: list[str]) -> None:
    """The bar is over, the title begins to expire, the title has ended: the coordinator looks again."""
    given(*facts).then(ahead=[{"from": day} for day in days])


# Contact, plan, consent.


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ([opened("2026-01-10", phase=2)], "2026-02-21"),
        ([opened("2026-01-10", phase=1)], None),
        ([opened("2026-01-10", phase=1), said("phase-changed", "2026-02-01", phase=2)], "2026-03-15"),
        ([opened("2026-01-10", phase=2), said("phase-changed", "2026-02-01", phase=3)], None),
        ([opened("2026-01-10", phase=2), said("phase-changed", "2026-02-01", phase=2)], "2026-02-21"),
        (
            [
                opened("2026-01-10", phase=2),
                said("phase-changed", "2026-02-01", phase=1),
                said("phase-changed", "2026-02-15", phase=2),
            ],
            "2026-03-29",
        ),
        ([opened("2026-01-10", phase=2), said("contact-held", "2026-02-01", channel="phone")], "2026-03-15"),
        ([said("contact-held", "2026-01-05", channel="phone"), opened("2026-01-10", phase=2)], "2026-02-21"),
        ([opened("2026-01-10", phase=2), CLOSED], None),
        ([opened("2026-01-10", phase=2), CLOSED, opened("2026-04-01")], "2026-02-21"),
    ],
)
def test_contact_is_due_six_weeks_after_the_last_one_in_phase_two(facts: list[Fact], due: str | None) -> None:
    """From the later of contact and start of the phase, while the case is open."""
    given(*facts).then(contactDueOn=due, dueOn=None)


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ([opened("2026-01-10")], None),
        ([said("plan-agreed", "2026-01-13")], "2026-07-13"),
        ([said("plan-agreed", "2026-01-10")], "2026-07-10"),
        ([said("plan-agreed", "2026-02-15")], "2026-08-17"),  # from a Saturday to Monday
        ([said("plan-agreed", "2025-10-03")], "2026-04-07"),  # over Easter
        ([said("plan-agreed", "2025-08-31")], "2026-03-02"),  # end of February, a Saturday
        ([said("plan-agreed", "2026-01-13"), said("plan-reviewed", "2026-06-02")], "2026-12-02"),
        ([said("plan-agreed", "2026-01-13"), said("plan-agreed", "2026-03-02")], "2026-09-02"),
        ([said("plan-reviewed", "2026-01-13"), CLOSED], "2026-07-13"),
    ],
)
def test_the_plan_is_reviewed_six_months_after_the_last_word_on_it(facts: list[Fact], due: str | None) -> None:
    """SGB II §15(3), moved to a working day."""
    given(*facts).then(planReviewDueOn=due, dueOn=None, ruleId=None)


def _consent(word: str, day: str, consent: str = "c") -> Fact:
    data: dict[str, Any] = {"purposes": ["case-view"], "recipients": ["vhs-neuss"]} if word == "granted" else {}
    return said(f"consent-{word}", day, consentId=consent, **data)


@pytest.mark.parametrize(
    ("facts", "revoked"),
    [
        ([opened("2026-01-10")], None),
        ([_consent("granted", "2026-01-10")], None),
        ([_consent("revoked", "2026-02-10")], "2026-02-10"),
        ([_consent("granted", "2026-01-10"), _consent("revoked", "2026-02-10")], "2026-02-10"),
        ([_consent("revoked", "2026-02-10"), _consent("granted", "2026-03-10")], None),
        ([_consent("granted", "2026-01-10", "a"), _consent("revoked", "2026-02-10", "b")], None),
        ([_consent("revoked", "2026-03-10", "a"), _consent("revoked", "2026-02-10", "b")], "2026-03-10"),
        ([_consent("revoked", "2026-03-10", "a"), _consent("granted", "2026-02-10", "a")], "2026-03-10"),
    ],
)
def test_a_consent_is_revoked_when_one_is_and_none_is_granted(facts: list[Fact], revoked: str | None) -> None:
    """The last word on each consent counts."""
    given(*facts).then(consentRevokedOn=revoked)


def test_the_path_holds_every_facet_from_the_day_it_was_named() -> None:
    """Target, access, title, phase, declarations; carrier and status class are none."""
    result = given(
        opened("2026-01-10", phase=1),
        access("2026-01-10", "barred", until="2026-06-30"),
        said("benefit-carrier-changed", "2026-01-15", benefitCarrier="none"),
        said("barrier-declared-needed", "2026-01-20", barrier="childcare"),
        assessed("2026-02-01", "26302", "B1", "unclear", targetRegulated=False),
    )
    first = {"status": "open", "since": "2026-01-10", "phase": 1, "access": "barred", "barredUntil": "2026-06-30"}
    declared = {"declared": {"childcare": "needed"}, "declaredOn": {"childcare": "2026-01-20"}}
    second = first | {"since": "2026-01-20"} | declared
    target = {"targetKldb": "26302", "targetGermanLevel": "B1", "targetRegulated": False, "foreignDegree": "unclear"}
    result.then(path=[first, second, second | {"since": "2026-02-01"} | target])


def test_because_names_the_opening_and_what_the_barriers_read() -> None:
    """Access, target, declarations; not contact, plan or consent."""
    carrying = [
        opened("2026-01-10"),
        access("2026-01-11", "free"),
        assessed("2026-01-12"),
        said("barrier-declared-absent", "2026-01-13", barrier="childcare"),
    ]
    silent = [said("contact-held", "2026-01-14", channel="phone"), _consent("granted", "2026-01-15")]
    older = access("2026-01-01", "barred")
    assert list(given(older, *carrying, *silent).item().because) == carrying
