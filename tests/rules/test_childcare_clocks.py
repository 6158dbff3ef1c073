"""The clocks of a need for care: acknowledgement, offer, waiting list and answer (states.md §3 and §8)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.fact import Fact
from shared.rules.model import Context
from tests.support.children import MUNICH, NEUSS, given, life, need, offered, said

NW_LAW = "KiBiz-NRW:§5(3)"
OWN_ACKNOWLEDGEMENT, OWN_OFFER = "lotse:childcare-acknowledgement", "lotse:childcare-offer"
WAIT, ANSWER = "lotse:waitlist", "lotse:offer-answer"


@pytest.mark.parametrize(
    ("registered", "ags", "due", "rule"),
    [
        ("2026-01-12", NEUSS, "2026-02-12", NW_LAW),
        ("2026-01-31", NEUSS, "2026-03-02", NW_LAW),  # 28 February is a Saturday
        ("2026-04-01", NEUSS, "2026-05-04", NW_LAW),  # 1 May is a holiday, then comes a weekend
        ("2026-01-31", MUNICH, "2026-02-28", OWN_ACKNOWLEDGEMENT),
        ("2026-04-01", "14612000", "2026-05-01", OWN_ACKNOWLEDGEMENT),
    ],
)
def test_a_registration_is_acknowledged_within_a_month(registered: str, ags: str, due: str, rule: str) -> None:
    """By law in North Rhine-Westphalia, moved to a working day; elsewhere by the project's own rule, unmoved."""
    given(need(registered, ags=ags, start="2026-12-01")).then(turn="competent-body", due=due, rule=rule)


@pytest.mark.parametrize("code", range(1, 17))
def test_the_law_of_a_land_is_chosen_by_the_first_two_digits_of_the_key(code: int) -> None:
    """05 is North Rhine-Westphalia, whatever Land the region is in; every Land has a rule."""
    rule = NW_LAW if code == 5 else OWN_ACKNOWLEDGEMENT
    given(need("2026-01-12", ags=f"{code:02}000000"), context=Context("BY")).then(rule=rule)


def test_the_key_that_was_said_last_names_the_land() -> None:
    """A family that moved away is under the rule of its new Land."""
    moved = said("need-identified", "2026-01-20", ags=MUNICH)
    given(need("2026-01-12"), moved).then(status="need-registered", due="2026-02-12", rule=OWN_ACKNOWLEDGEMENT)


def test_before_the_law_there_was_no_rule_of_it() -> None:
    """The childcare act of North Rhine-Westphalia holds since 1 August 2020."""
    given(need("2020-07-01", start="2020-07-15")).then(due=None, rule=None, stalled=None)
    given(need("2020-08-01", start="2021-08-01")).then(due="2020-09-01", rule=NW_LAW)


@pytest.mark.parametrize(
    ("registered", "start", "due"),
    [
        ("2026-01-10", "2026-08-01", "2026-06-20"),  # a Saturday stays
        ("2026-01-10", "2026-02-15", "2026-01-10"),
        ("2026-01-10", "2026-02-21", "2026-01-10"),
        ("2026-01-10", "2026-02-22", "2026-01-11"),
        ("2026-01-10", "2025-09-01", "2026-01-10"),
        ("2026-01-10", "2019-09-01", "2026-01-10"),  # the law of the registration's day, not of the day of need
    ],
)
def test_a_place_is_offered_six_weeks_before_it_is_needed(registered: str, start: str, due: str) -> None:
    """Counted backwards, not moved, and never due before the day of registration."""
    acknowledged = said("acknowledged", "2026-01-30")
    day_after = f"{due[:8]}{int(due[8:]) + 1:02}"
    given(need(registered, start=start), acknowledged).then(due=due, rule=NW_LAW, stalled=day_after)
    given(need(registered, start=start, ags=MUNICH), acknowledged).then(due=due, rule=OWN_OFFER, stalled=day_after)


@pytest.mark.parametrize("state", ["acknowledged", "claim-enforced"])
def test_without_a_day_of_need_no_offer_is_due(state: str) -> None:
    """Nobody registered a need, so nothing runs."""
    given(*life(f"acknowledged {state}")).then(due=None, stalled=None)


def test_a_later_day_of_need_moves_the_offer() -> None:
    """The newest day counts, said by whichever fact names it; the registration's day is that of the first."""
    facts = [need("2026-01-10"), said("acknowledged", "2026-01-20")]
    later = said("need-identified", "2026-02-01", start="2026-10-01")
    again = need("2026-02-01", start="2026-01-15")
    given(*facts, later).then(due="2026-08-20")
    given(*facts, again).then(due="2026-01-10")


def test_a_registration_that_came_after_its_acknowledgement_counts_from_its_day() -> None:
    """It only registers the need, but nothing was due before it."""
    given(said("acknowledged", "2026-01-05"), need("2026-01-20", start="2026-02-01")).then(due="2026-01-20")


def test_the_registered_need_is_stalled_by_whichever_comes_first() -> None:
    """Acknowledgement and offer are both law; the earlier end counts for both."""
    given(need("2026-01-12", start="2026-08-01")).then(due="2026-02-12", stalled="2026-02-13")
    given(need("2026-01-12", start="2026-03-10")).then(due="2026-01-27", stalled="2026-01-28")


@pytest.mark.parametrize(
    "met",
    [
        "offered offer-declined waitlisted",
        "offer-declined waitlisted",
        "offer-expired waitlisted",
        "offer-accepted offer-declined waitlisted",
    ],
)
def test_one_offer_meets_the_duty_for_good(met: str) -> None:
    """What was answered with no leads back to the waiting list, not to the offer's date; skipped, it was made."""
    given(*life(f"need-registered {met}")).then(status="waitlisted", rule=WAIT)


def test_the_claim_after_a_declined_offer_has_no_offers_date() -> None:
    """Nothing else runs there."""
    given(*life("need-registered offered offer-declined claim-enforced")).then(due=None, stalled=None)


def test_the_waiting_list_names_the_law_and_is_stalled_by_the_earlier() -> None:
    """Twenty-six weeks, beside the offer's date, which is law and goes first in what is due."""
    waiting = said("waitlisted", "2026-01-20")
    given(need("2026-01-10", start="2027-08-01"), waiting).then(due="2027-06-20", rule=NW_LAW, stalled="2026-07-22")
    given(need("2026-01-10", start="2027-08-01", ags=MUNICH), waiting).then(due="2026-07-21", rule=WAIT)
    given(waiting).then(due="2026-07-21", rule=WAIT, stalled="2026-07-22")


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ([said("waitlisted", "2026-01-20"), said("waitlisted", "2026-03-20")], "2026-07-21"),
        ([offered("2026-01-20"), said("offer-declined", "2026-02-01")], "2026-08-02"),
        ([offered("2026-01-20"), said("offer-expired", "2026-02-01")], "2026-08-02"),
        ([said("offer-declined", "2026-02-01"), said("waitlisted", "2026-02-10")], "2026-08-11"),
        ([said("offer-declined", "2026-02-01"), said("offer-declined", "2026-02-10")], "2026-08-02"),
    ],
)
def test_waiting_begins_with_the_list_or_the_lost_offer(facts: list[Fact], due: str) -> None:
    """Saying it again does not begin it anew; another state does."""
    given(*facts).then(turn="capacity", due=due, rule=WAIT)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([offered("2026-03-01")], {"due": "2026-03-15", "rule": ANSWER, "stalled": "2026-03-16"}),
        ([offered("2026-03-01"), offered("2026-03-10")], {"due": "2026-03-24", "since": "2026-03-01"}),
        ([offered("2026-03-01"), said("offer-accepted", "2026-03-10")], {"due": None, "stalled": None}),
    ],
)
def test_an_offer_is_answered_within_two_weeks(facts: list[Fact], expected: dict[str, Any]) -> None:
    """Of the newest offer; any answer meets it."""
    given(*facts).then(**expected)


@pytest.mark.parametrize(
    "line",
    [
        "need-identified",
        "need-registered offer-accepted",
        "need-registered contracted",
        "need-registered settling-in-started",
        "need-registered care-started",
        "need-registered care-started:20",
        "need-registered care-started hours-changed:20",
        "need-registered care-started care-ended",
        "need-registered need-withdrawn",
    ],
)
def test_elsewhere_nothing_is_due(line: str) -> None:
    """No rule runs there."""
    given(*life(line)).then(due=None, rule=None, stalled=None)


def test_interim_care_stops_no_clock() -> None:
    """It is shown beside the search, whose dates go on."""
    alone, beside = given(*life("need-registered")), given(*life("need-registered interim-care-arranged"))
    for field in ("turn", "dueOn", "ruleId", "stalledFrom", "availableFrom"):
        assert beside.state[field] == alone.state[field]


def test_a_need_registered_anew_is_acknowledged_anew() -> None:
    """After care was cut or ended the month runs again, from the new registration."""
    for way in ("care-started:20", "care-started care-ended", "need-withdrawn"):
        again = need("2026-03-12")
        given(*life(f"need-registered {way}"), again).then(due="2026-04-13", rule=NW_LAW, since="2026-03-12")
