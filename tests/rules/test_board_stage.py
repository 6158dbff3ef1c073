"""How far a case has come, what is left open, and who may see it (states.md §7)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.rules.board import Evaluation, ItemSnapshot, evaluate
from tests.support.items import MAPPINGS, Entry, case, entry, fact, introduction, item, procedure

TODAY = "2026-03-01"
OPENED = fact("intake", "case-opened", "2026-01-02")
FOUR = ("recognition", "childcare", "language", "residence")


def _evaluate(*items: ItemSnapshot, today: str = TODAY) -> Evaluation:
    return evaluate(MAPPINGS, items, today)


def _stage(*items: ItemSnapshot, today: str = TODAY) -> tuple[str, str]:
    board = _evaluate(*items, today=today).board
    return board.stage, board.since


def _opened(*path: Entry, **state: Any) -> ItemSnapshot:
    return case(*(path or (entry("2026-01-02", "open"),)), **{"facts": [OPENED], **state})


def _settled(**but: str | None) -> ItemSnapshot:
    """All four declared absent on 10 January, but some: needed, or (None) not declared at all."""
    day = "2026-01-10"
    words = {name: word for name, word in (dict.fromkeys(FOUR, "absent") | but).items() if word}
    facts = [OPENED, fact("intake", "barrier-declared-absent", day)]
    return case(entry("2026-01-02", "open"), entry(day, "open", declared=words), facts=facts)


def test_a_case_that_was_only_opened_is_registered() -> None:
    """Since its opening."""
    assert _stage(_opened()) == ("registered", "2026-01-02")


def test_any_other_fact_in_force_makes_it_clearing() -> None:
    """In its own item or in another one; a parked fact does not."""
    assert _stage(_opened(), procedure("1", "submitted", since="2026-01-15")) == ("clearing", "2026-01-15")
    assert _stage(procedure("1", "submitted", since="2026-01-15"))[0] == "clearing"
    assert _stage(_opened(facts=[OPENED, fact("intake", "contact-held", "2026-01-05")]))[0] == "clearing"
    parked = fact("recognition", "documents-supplied", "2026-01-15", in_force=False)
    bare = item("recognition", "procedure-1", [], facts=[parked], status="unclear", since="2026-01-15")
    assert _stage(_opened(), bare)[0] == "registered"


def test_nothing_open_and_all_four_assessed_is_ready() -> None:
    """Since the day on which the last of them was settled."""
    assert _stage(_settled()) == ("ready", "2026-01-10")


@pytest.mark.parametrize("barrier", FOUR)
def test_one_barrier_that_is_not_assessed_or_open_keeps_a_case_from_ready(barrier: str) -> None:
    """Not assessed is not open, and yet not ready."""
    assert _stage(_settled(**{barrier: "needed"}))[0] == "clearing"
    assert _stage(_settled(**{barrier: None}))[0] == "clearing"


def test_a_bridged_barrier_keeps_nobody_from_ready() -> None:
    """Bridged is not open; whoever is introduced is further anyway."""
    job = {"status": "published", "acceptsPendingRecognition": True, "regulatedOccupation": False}
    introduced = introduction("x", "introduced", since="2026-02-01", openingId="o1", terms=job)
    board = _evaluate(_settled(recognition="needed"), introduced).board
    assert board.barriers["recognition"].status == "bridged"
    assert (board.stage, board.open_barriers) == ("introduced", ())


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("introduced", "introduced"),
        ("interview-held", "introduced"),
        ("trial-agreed", "introduced"),
        ("trial-done", "introduced"),
        ("ended", "ready"),
        ("hired", "hired"),
        ("retained-6w", "hired"),
        ("retained-3m", "hired"),
        ("retained-6m", "retained"),
        ("retained-12m", "retained"),
        ("employment-ended", "ready"),
        ("none", "ready"),
    ],
)
def test_an_introduction_gives_the_stage(status: str, stage: str) -> None:
    """Retained from the six-month mark; an ended employment counts for none."""
    found = _stage(_settled(), introduction("x", status, since="2026-02-01"))
    assert found == (stage, "2026-01-10" if stage == "ready" else "2026-02-01")


def test_the_furthest_introduction_counts() -> None:
    """Retained before hired before introduced."""
    introduced, hired = introduction("x", "introduced"), introduction("y", "hired", since="2026-02-05")
    retained = introduction("z", "retained-6m", since="2026-02-10")
    assert _stage(_settled(), introduced, hired) == ("hired", "2026-02-05")
    assert _stage(_settled(), introduced, hired, retained) == ("retained", "2026-02-10")


def test_a_closed_case_is_closed_whatever_goes_on() -> None:
    """And open again when it was opened again."""
    path = [entry("2026-01-02", "open"), entry("2026-02-01", "closed")]
    assert _stage(_opened(*path), introduction("x", "hired")) == ("closed", "2026-02-01")
    again = [*path, entry("2026-02-20", "open")]
    assert _stage(_opened(*again), procedure("1", "submitted", since="2026-01-15")) == ("clearing", "2026-02-20")


def test_the_stage_moves_with_the_calendar() -> None:
    """A title that begins to expire takes a ready case back to clearing, on a day known before."""
    facts = [OPENED, fact("intake", "employment-access-changed", "2026-01-10")]
    words = dict.fromkeys(FOUR[:3], "absent")
    known = entry("2026-01-10", "open", access="free", titleUntil="2026-06-30", declared=words)
    ready = case(
        entry("2026-01-02", "open"), known, facts=facts, ahead=[{"from": "2026-04-01"}, {"from": "2026-07-01"}]
    )
    assert _stage(ready, today="2026-03-31") == ("ready", "2026-01-10")
    assert _evaluate(ready, today="2026-03-31").next_day == "2026-04-01"
    assert _stage(ready, today="2026-05-01") == ("clearing", "2026-04-01")


def test_open_barriers_stand_in_their_order_and_the_only_one_is_named() -> None:
    """Open, in progress, lapsed and not resolvable; whatever is not assessed."""
    board = _evaluate(_settled(residence="needed", recognition="needed")).board
    assert (board.open_barriers, board.only_barrier) == (("recognition", "residence"), None)
    board = _evaluate(_opened(), procedure("1", "none")).board
    assert (board.open_barriers, board.only_barrier) == (("recognition",), "recognition")
    board = _evaluate(_settled()).board
    assert (board.open_barriers, board.only_barrier) == ((), None)


def test_a_lapsed_title_is_open_again() -> None:
    """Lapsed counts as open."""
    lost = _opened(entry("2026-01-02", "open", access="free", titleUntil="2026-02-20"))
    assert _evaluate(lost).board.open_barriers == ("residence",)


def test_the_place_of_residence_is_the_cases_own() -> None:
    """Unknown while nobody has opened the case."""
    assert _evaluate(_opened(ags="05162024")).board.ags == "05162024"
    assert _evaluate(procedure("1", "submitted")).board.ags is None


def test_a_case_whose_consent_was_revoked_is_hidden() -> None:
    """Its board is known all the same."""
    assert not _evaluate(_opened()).hidden
    evaluation = _evaluate(_opened(consentRevokedOn="2026-02-01"), procedure("1", "submitted"))
    assert evaluation.hidden
    assert evaluation.board.open_barriers == ("recognition",)


def test_a_case_of_which_every_report_was_taken_back_is_as_if_it_had_never_been() -> None:
    """Nobody sees it, and no day can change that."""
    gone = item("intake", "case", [], facts=[], status="withdrawn")
    evaluation = _evaluate(gone)
    assert evaluation.hidden and evaluation.next_day is None
    assert evaluation.board == _evaluate().board
    assert not _evaluate(gone, procedure("1", "submitted")).hidden
