"""The marks of an employment: six weeks, three, six and twelve months (states.md §7, MARK of §8)."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.outreach.clocks import MARKS
from shared.rules.deadlines import plus_days
from shared.rules.model import IMPLAUSIBLE
from tests.support.given import correction, retraction
from tests.support.hires import given, hired, retained

START = "2026-01-15"
DAYS = {"6w": "2026-02-26", "3m": "2026-04-15", "6m": "2026-07-01", "12m": "2027-01-15"}
COUNTING = ("insured", "apprenticeship", "self-employed")
NOT_COUNTING = ("introductory-training", "mini-job", "work-opportunity-16d", "subsidised-16i")


@pytest.mark.parametrize(
    ("confirmed", "due", "mark"),
    [
        (None, "2026-02-26", "6w"),
        ("6w", "2026-04-15", "3m"),
        ("3m", "2026-07-01", "6m"),
        ("6m", "2027-01-15", "12m"),
    ],
)
def test_the_next_mark_after_the_highest_confirmed_one_is_due(confirmed: str | None, due: str, mark: str) -> None:
    """A mark of the project's own; it never stalls anything."""
    facts = [hired(START)] + ([retained(DAYS[confirmed], confirmed)] if confirmed else [])
    given(*facts).then(due=due, rule=f"lotse:retention-{mark}", stalled=None, mark=confirmed, turn=None)


def test_after_twelve_months_nothing_is_due() -> None:
    """Nor after the end, whatever was confirmed."""
    given(hired(START), retained("2027-01-15", "12m")).then(due=None, rule=None, mark="12m", status="retained-12m")


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_confirmed_on_its_day_and_not_before(mark: str) -> None:
    """Parked until its day, since nobody can know; late is no harm."""
    early = retained(plus_days(DAYS[mark], -1), mark)
    result = given(hired(START), early).then(status="hired", mark=None, due="2026-02-26")
    assert result.code(early) == IMPLAUSIBLE
    given(hired(START), retained(DAYS[mark], mark)).then(status=f"retained-{mark}", since=DAYS[mark], parked={})
    given(hired(START), retained("2027-12-01", mark)).then(status=f"retained-{mark}", parked={})


@pytest.mark.parametrize(
    ("start", "three", "six", "twelve"),
    [
        ("2026-01-01", "2026-04-01", "2026-07-01", "2027-01-01"),
        ("2026-01-31", "2026-04-30", "2026-07-01", "2027-01-31"),
        ("2025-11-30", "2026-02-28", "2026-05-01", "2026-11-30"),
        ("2026-08-31", "2026-11-30", "2027-02-01", "2027-08-31"),
        ("2024-02-29", "2024-05-29", "2024-08-01", "2025-02-28"),
        ("2026-12-15", "2027-03-15", "2027-06-01", "2027-12-15"),
    ],
)
def test_six_months_are_counted_by_the_official_rule(start: str, three: str, six: str, twelve: str) -> None:
    """Insured in each of the six following months: the first day of the sixth; the others from day to day."""
    for mark, day in (("3m", three), ("6m", six), ("12m", twelve)):
        confirmed = retained(day, mark)
        given(hired(start), confirmed).then(status=f"retained-{mark}")
        given(hired(start), retained(plus_days(day, -1), mark)).then(status="hired")


def test_marks_are_counted_from_the_first_day_of_work() -> None:
    """Not from the day of the contract."""
    given(hired("2026-03-02", "2026-04-01")).then(due="2026-05-13")
    early = retained("2026-04-20", "6w")
    assert given(hired("2026-03-02", "2026-04-01"), early).code(early) == IMPLAUSIBLE


@pytest.mark.parametrize("kind", NOT_COUNTING)
def test_what_is_no_integration_reaches_no_six_months(kind: str) -> None:
    """Training, mini-jobs, SGB II §§16d and 16i: three months are the last mark."""
    facts = (hired(START, kind=kind), retained("2026-02-26", "6w"), retained("2026-04-15", "3m"))
    given(facts[0]).then(due="2026-02-26")
    given(*facts).then(status="retained-3m", due=None, rule=None, parked={})
    for mark in ("6m", "12m"):
        beyond = retained("2027-06-01", mark)
        assert given(*facts, beyond).then(status="retained-3m").code(beyond) == IMPLAUSIBLE


@pytest.mark.parametrize("kind", COUNTING)
def test_what_is_an_integration_reaches_all_marks(kind: str) -> None:
    """Insured work, apprenticeship, self-employment."""
    facts = [hired(START, kind=kind), *(retained(day, mark) for mark, day in DAYS.items())]
    result = given(*facts).then(status="retained-12m", parked={})
    assert result.path() == [("hired", START), *((f"retained-{mark}", day) for mark, day in DAYS.items())]


def test_a_mark_skipped_is_believed_and_not_gone_back_to() -> None:
    """Whoever confirms six months has been there for three."""
    back = retained("2026-07-20", "3m")
    result = given(hired(START), retained("2026-07-10", "6m"), back).then(status="retained-6m", mark="6m")
    assert result.code(back) == IMPLAUSIBLE


@pytest.mark.parametrize("recorded", list(permutations(("6w", "3m", "6m"))))
def test_marks_confirmed_on_one_day_follow_each_other(recorded: tuple[str, ...]) -> None:
    """Each has a rank of its own, whoever typed first."""
    given(*[retained("2026-08-01", mark) for mark in recorded], hired(START)).then(status="retained-6m", parked={})


def test_a_confirmation_without_a_hire_waits_for_it() -> None:
    """Parked, and taken up by itself when the hire is reported; parked again when that is taken back."""
    mark, hire = retained("2026-03-02", "6w"), hired(START)
    given(mark).then(status="none", parked={"retention-confirmed": IMPLAUSIBLE})
    given(mark, hire).then(status="retained-6w", parked={})
    assert given(mark, hire, retraction(hire)).code(mark) == IMPLAUSIBLE


def test_a_start_corrected_moves_the_marks() -> None:
    """As if the wrong day had never been."""
    hire, mark = hired(START), retained("2026-03-02", "6w")
    later = correction(hire, hired(START, "2026-03-01"))
    result = given(hire, mark, later).then(status="hired", due="2026-04-12")
    assert result.code(mark) == IMPLAUSIBLE
    trained = correction(hire, hired(START, kind="mini-job"))
    given(hire, retained("2026-07-01", "6m"), trained).then(status="hired", due="2026-02-26")


def test_no_mark_lies_beyond_the_calendar() -> None:
    """A mistyped year harms nobody."""
    given(hired("2026-01-15", "9999-12-31")).then(due="9999-12-31")
