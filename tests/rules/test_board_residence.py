"""The barrier residence, line by line of states.md §5 and clause by clause of §6.4."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.board import Barrier
from shared.rules.board import ItemSnapshot, evaluate
from tests.support.items import MAPPINGS, case, entry, fact, introduction, item, permit, procedure

TODAY = "2026-03-01"
ACCESS = fact("intake", "employment-access-changed", "2026-01-02")
RENEWAL = fact("intake", "title-renewal-requested", "2026-01-20")


def _residence(*items: ItemSnapshot, today: str = TODAY) -> Barrier:
    return evaluate(MAPPINGS, items, today).board.barriers["residence"]


def _access(access: str, *, facts: Any = (ACCESS,), **known: Any) -> ItemSnapshot:
    """Access as reported on 2 January."""
    ahead = known.pop("ahead", ())
    return case(entry("2026-01-02", "open", access=access, **known), facts=facts, because=facts, ahead=ahead)


def _said(found: Barrier) -> tuple[str, str | None, str | None, str | None, str | None]:
    return found.status, found.turn, found.due_on, found.rule_id, found.available_from


def test_nothing_reported_is_not_assessed() -> None:
    """Neither access nor permit."""
    assert _said(_residence(case(entry("2026-01-01", "open")))) == ("not-assessed", None, None, None, None)


def test_free_access_is_no_barrier() -> None:
    """Carried by the report of access alone."""
    found = _residence(_access("free"))
    assert _said(found) == ("not-a-barrier", None, None, None, None)
    assert [(one.item, [ref.id for ref in one.facts]) for one in found.because] == [("case", [ACCESS.id])]


def test_a_needed_permit_that_nobody_asked_for_is_open() -> None:
    """The applicant has the turn."""
    assert _said(_residence(_access("permit-needed"))) == ("open", "applicant", None, None, None)


def test_barred_until_a_day_is_open_with_a_forecast_and_then_a_permit_is_needed() -> None:
    """The bar's last day is still barred."""
    barred = _access("barred", barredUntil="2026-03-10", ahead=[{"from": "2026-03-11"}])
    assert _said(_residence(barred, today="2026-03-10")) == ("open", None, None, None, "2026-03-11")
    assert _said(_residence(barred, today="2026-03-11")) == ("open", "applicant", None, None, None)
    asked = permit("1", "granted")
    assert _residence(barred, asked, today="2026-03-10").status == "open"
    assert _residence(barred, asked, today="2026-03-11").status == "resolved"
    assert evaluate(MAPPINGS, [barred], "2026-03-01").next_day == "2026-03-11"


def test_barred_without_an_end_is_not_resolvable_and_permits_do_not_count() -> None:
    """Whatever was granted before."""
    assert _said(_residence(_access("barred"), permit("1", "granted"))) == ("not-resolvable", None, None, None, None)


# the title


TITLE = _access("free", titleUntil="2026-06-30")


def test_a_title_is_expiring_from_ninety_days_before_its_end() -> None:
    """Due on its last day, the applicant's turn."""
    assert _residence(TITLE, today="2026-03-31").status == "not-a-barrier"
    assert _said(_residence(TITLE, today="2026-04-01")) == (
        "in-progress",
        "applicant",
        "2026-06-30",
        "lotse:title",
        None,
    )
    assert _residence(TITLE, today="2026-06-30").status == "in-progress"


def test_an_expiring_title_is_stalled_from_thirty_days_before_itself() -> None:
    """That day included."""
    assert not _residence(TITLE, today="2026-05-30").stalled
    assert _residence(TITLE, today="2026-05-31").stalled


def test_a_title_that_ended_without_a_request_is_lost() -> None:
    """From the day after its last one."""
    found = _residence(TITLE, today="2026-07-01")
    assert _said(found) == ("lapsed", "applicant", None, None, None)
    assert not found.stalled


def _renewed(day: str) -> ItemSnapshot:
    asked = fact("intake", "title-renewal-requested", day)
    flagged = {"flags": ["renewal"], "renewalRequestedOn": day}
    path = [
        entry("2026-01-02", "open", access="free", titleUntil="2026-06-30"),
        entry(day, "open", access="free", titleUntil="2026-06-30", **flagged),
    ]
    return case(*path, facts=[ACCESS, asked], because=[ACCESS, asked])


def test_a_requested_renewal_waits_for_the_authority_also_after_the_titles_end() -> None:
    """The old title goes on by fiction of law, if the request came up to its last day."""
    for today in ("2026-06-30", "2026-07-01"):
        found = _residence(_renewed("2026-06-30"), today=today)
        assert _said(found) == ("in-progress", "competent-body", None, None, None)
        assert not found.stalled
        assert [one.type for one in found.because[0].facts][-1] == "lotse.intake.title-renewal-requested.v1"


def test_a_renewal_requested_too_late_makes_no_fiction() -> None:
    """The title is lost, but the authority has the turn."""
    assert _said(_residence(_renewed("2026-07-01"), today="2026-07-02")) == (
        "lapsed",
        "competent-body",
        None,
        None,
        None,
    )


def test_the_days_of_a_title_are_known_ahead() -> None:
    """From one look to the next: expiring, stalled, lost, and then nothing any more."""
    looks = []
    today: str | None = "2026-03-01"
    while today is not None:
        today = evaluate(MAPPINGS, [TITLE], today).next_day
        looks.append(today)
    assert looks == ["2026-04-01", "2026-05-31", "2026-07-01", None]


def test_the_title_window_lies_over_a_granted_permit_and_over_nothing_else() -> None:
    """Whoever has no access yet loses none."""
    known = _access("permit-needed", titleUntil="2026-03-15")
    assert _said(_residence(known, permit("1", "granted"))) == (
        "in-progress", "applicant", "2026-03-15", "lotse:title", None,
    )  # fmt: skip
    assert _residence(known, permit("1", "granted"), today="2026-03-16").status == "lapsed"
    assert _residence(known, permit("1", "requested"), today="2026-03-16").status == "in-progress"
    assert _residence(known, today="2026-03-16").status == "open"
    assert _residence(_access("barred", titleUntil="2026-03-15"), today="2026-03-16").status == "not-resolvable"


# permits


@pytest.mark.parametrize(
    ("state", "flags", "status"),
    [
        ("offer", [], "open"),
        ("requested", [], "in-progress"),
        ("approval-pending", [], "in-progress"),
        ("approval-pending", ["information"], "in-progress"),
        ("deemed-approved", [], "in-progress"),
        ("approved", [], "in-progress"),
        ("refused", [], "in-progress"),
        ("granted", [], "resolved"),
        ("denied", [], "open"),
    ],
)
@pytest.mark.parametrize("access", ["permit-needed", None])
def test_each_state_of_a_permit_gives_its_status(state: str, flags: list[str], status: str, access: str | None) -> None:
    """Where a permit is needed, and where nothing but permits is known; turn and deadline are the permit's own."""
    own = {"turn": "partner", "dueOn": "2026-02-20", "ruleId": "BeschV:§36(2)", "stalledFrom": "2026-02-21"}
    asked = permit("1", state, flags=flags, **own)
    found = _residence(asked, *([_access(access)] if access else []))
    assert found.status == status
    assert found.because[0].item == "permit-1"
    if status == "resolved":
        assert (found.turn, found.due_on, found.rule_id, found.stalled) == (None, None, None, False)
    else:
        assert (found.turn, found.due_on, found.rule_id, found.stalled) == (
            "partner",
            "2026-02-20",
            "BeschV:§36(2)",
            True,
        )


def test_an_approval_counts_as_granted_by_the_calendar_alone() -> None:
    """The authority has the turn from the day after the agency's two weeks; what was late is not stalled any more."""
    deemed = {
        "from": "2026-03-03",
        "status": "deemed-approved",
        "turn": "competent-body",
        "dueOn": None,
        "ruleId": None,
    }
    asked = permit(
        "1", "approval-pending", since="2026-02-16", turn="third-party", dueOn="2026-03-02", ruleId="BeschV:§36(2)",
        ahead=[{**deemed, "stalledFrom": "2026-03-31"}],
    )  # fmt: skip
    before, after = _residence(asked, today="2026-03-02"), _residence(asked, today="2026-03-03")
    assert (before.turn, before.due_on) == ("third-party", "2026-03-02")
    assert (after.turn, after.due_on, after.stalled) == ("competent-body", None, False)
    assert (before.since, after.since) == ("2026-02-16", "2026-02-16")
    assert _residence(asked, today="2026-03-31").stalled


def test_a_granted_permit_lapses_after_its_last_day() -> None:
    """`until` is its last day; since then it is lapsed."""
    limited = permit("1", "granted", until="2026-03-10", ahead=[{"from": "2026-03-11", "status": "lapsed"}])
    assert _residence(limited, today="2026-03-10").status == "resolved"
    found = _residence(limited, today="2026-03-12")
    assert (found.status, found.since) == ("lapsed", "2026-03-11")


@pytest.mark.parametrize(
    ("first", "second"),
    [("granted", "approved"), ("requested", "denied"), ("approved", "requested"), ("denied", "offer")],
)
def test_of_several_permits_the_most_advanced_counts(first: str, second: str) -> None:
    """Resolved, in progress, open, lapsed; then the rank."""
    for names in (("1", "2"), ("2", "1")):
        found = _residence(_access("permit-needed"), permit(names[0], first), permit(names[1], second))
        assert found.because[0].item == f"permit-{names[0]}"


def test_an_open_permit_goes_before_a_lapsed_one() -> None:
    """Whoever has asked anew is on the way again."""
    lapsed = permit("1", "granted", until="2026-02-01", ahead=[{"from": "2026-02-02", "status": "lapsed"}])
    assert _residence(lapsed, permit("2", "denied")).status == "open"
    assert _residence(lapsed).status == "lapsed"


def test_of_two_permits_as_far_the_newest_counts_then_the_name() -> None:
    """Rank first, then the newest, then the name."""
    old, new = permit("1", "requested", since="2026-01-10"), permit("2", "requested", since="2026-01-11")
    assert _residence(old, new).because[0].item == "permit-2"
    assert _residence(permit("3", "requested", since="2026-01-11"), new).because[0].item == "permit-2"


def test_of_two_lapsed_permits_the_one_that_lapsed_last_counts() -> None:
    """The newest since it lapsed, not since it was granted."""
    long = permit("1", "granted", since="2026-01-10", ahead=[{"from": "2026-02-20", "status": "lapsed"}])
    short = permit("2", "granted", since="2026-01-15", ahead=[{"from": "2026-02-10", "status": "lapsed"}])
    assert _residence(long, short).because[0].item == "permit-1"


@pytest.mark.parametrize("tie", [{"introductionId": "x"}, {"openingId": "o1"}])
def test_the_permit_of_the_running_employment_counts(tie: dict[str, str]) -> None:
    """Found by the introduction or by its opening; of an employment that ended it counts no more than others."""
    own, other = permit("1", "requested", **tie), permit("2", "granted", introductionId="y")
    hired = introduction("x", "hired", openingId="o1")
    assert _residence(_access("permit-needed"), own, other, hired).status == "in-progress"
    ended = introduction("x", "employment-ended", openingId="o1")
    assert _residence(_access("permit-needed"), own, other, ended).status == "resolved"
    assert _residence(_access("permit-needed"), other, hired).status == "resolved"


def test_residence_is_never_bridged() -> None:
    """No employer can stand in for a permit."""
    job = {"status": "published", "acceptsPendingRecognition": True, "regulatedOccupation": False}
    found = _residence(_access("permit-needed"), introduction("x", "hired", openingId="o1", terms=job))
    assert (found.status, found.bridged_by) == ("open", ())


def test_since_follows_the_calendar_too() -> None:
    """A title that began to expire does so since that day, whenever somebody looks."""
    title = _access("free", titleUntil="2026-06-30", ahead=[{"from": "2026-04-01"}, {"from": "2026-07-01"}])
    assert _residence(title, today="2026-03-31").since == "2026-01-02"
    assert _residence(title, today="2026-04-20").since == "2026-04-01"
    assert _residence(title, today="2026-08-20").since == "2026-07-01"


def test_the_end_of_a_bar_is_looked_at_although_nobody_named_the_day() -> None:
    """The board knows it from the access itself."""
    barred = _access("barred", barredUntil="2026-03-10")
    assert evaluate(MAPPINGS, [barred], "2026-03-01").next_day == "2026-03-11"


def test_a_title_that_was_lost_in_between_is_told_by_a_day_on_which_another_item_changed() -> None:
    """Between two titles somebody was without one: seen if anything at all began on such a day."""
    path = [
        entry("2026-01-02", "open", access="free", titleUntil="2026-06-30"),
        entry("2026-08-20", "open", access="free", titleUntil="2027-12-31"),
    ]
    meanwhile = procedure("1", "submitted", since="2026-07-10")
    assert _residence(case(*path), today="2026-09-01").since == "2026-01-02"
    assert _residence(case(*path), meanwhile, today="2026-09-01").since == "2026-08-20"


def test_a_permit_that_was_taken_back_does_not_count() -> None:
    """An item without standing facts counts nowhere."""
    gone = item("intake", "permit-1", [], facts=[], status="withdrawn")
    assert _residence(gone).status == "not-assessed"
    assert _residence(gone, _access("permit-needed")).because[0].item == "case"
