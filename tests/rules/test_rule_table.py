"""The rule table: which rule a clock has, how long it runs, what it shifts (states.md §8)."""

from __future__ import annotations

from itertools import combinations

import pytest

from shared.rules.rule_table import RULES, Due, Rule, earliest, is_nursing, rule_for, stalled_from

MUST, SHOULD, PROJECT = "statutory-must", "statutory-should", "project"
DAY = "2026-03-02"

#: Clock, what it is about, rule, length, kind, shifted.
ROWS = [
    ("ACK", {"route": "a"}, "BQFG:§6(2)", "1m", MUST, True),
    ("ACK", {"route": "b"}, "BQFG:§13(2)", "1m", MUST, True),
    ("ACK", {"route": "b", "nursing": "yes"}, "BQFG:§13(2)", "1m", MUST, True),
    ("ACK", {"route": "a", "accelerated": "yes"}, "BQFG:§14a", "2w", MUST, True),
    ("ACK", {"accelerated": "yes"}, "BQFG:§14a", "2w", MUST, True),
    ("ACK", {"route": "c", "accelerated": "yes"}, "lotse:acknowledgement", "1m", PROJECT, False),
    ("ACK", {"route": "d"}, "lotse:acknowledgement", "1m", PROJECT, False),
    ("ACK", {"route": "f"}, "lotse:acknowledgement", "1m", PROJECT, False),
    ("ACK", {}, "lotse:acknowledgement", "1m", PROJECT, False),
    ("DEC", {"route": "a"}, "BQFG:§6(3)", "3m", MUST, True),
    ("DEC", {"route": "b"}, "BQFG:§13(3)", "3m", MUST, True),
    ("DEC", {"route": "b", "nursing": "yes"}, "PflAPrV:§43(3)", "4m", MUST, True),
    ("DEC", {"route": "b", "nursing": "yes", "accelerated": "yes"}, "BQFG:§14a", "2m", SHOULD, True),
    ("DEC", {"route": "c"}, "lotse:decision", "3m", PROJECT, False),
    ("DEC", {"route": "d"}, "lotse:decision", "3m", PROJECT, False),
    ("DEC", {"route": "f"}, "lotse:decision", "3m", PROJECT, False),
    ("DEC", {}, "lotse:decision", "3m", PROJECT, False),
    ("DOCS", {}, "lotse:documents", "8w", PROJECT, False),
    ("FEE", {}, "lotse:fee", "4w", PROJECT, False),
    ("EXAM", {}, "BQFG:§11(4)", "6m", MUST, True),
    ("EXAM", {"nursing": "yes"}, "PflAPrV:§45(8)", "6m", MUST, True),
    ("PREP", {}, "lotse:preparing", "13w", PROJECT, False),
    ("PLACE", {}, "lotse:measure-place", "13w", PROJECT, False),
    ("OBJ", {}, "VwGO:§70(1)", "1m", MUST, True),
    ("KACK", {"land": "NW"}, "KiBiz-NRW:§5(3)", "1m", MUST, True),
    ("KACK", {"land": "BY"}, "lotse:childcare-acknowledgement", "1m", PROJECT, False),
    ("OFFER", {"land": "NW"}, "KiBiz-NRW:§5(3)", "-6w", MUST, False),
    ("OFFER", {"land": "TH"}, "lotse:childcare-offer", "-6w", PROJECT, False),
    ("WAIT", {}, "lotse:waitlist", "26w", PROJECT, False),
    ("ANSWER", {}, "lotse:offer-answer", "2w", PROJECT, False),
    ("LAPSE", {"course": "job-language-course"}, "DeuFöV:§6(3)", "3m", MUST, True),
    ("LAPSE", {"course": "workplace-language-course"}, "DeuFöV:§6(3)", "3m", MUST, True),
    ("LAPSE", {"course": "integration-course", "basis": "admission"}, "IntV:§5(3)", "1y", MUST, True),
    ("BEGIN", {"course": "integration-course-special"}, "IntV:§4(1)", "1y", MUST, True),
    ("REG", {}, "lotse:registration", "6w", PROJECT, False),
    ("START", {"course": "integration-course-intensive"}, "IntV:§7(4)", "6w", SHOULD, True),
    ("START", {"course": "workplace-language-course"}, "DeuFöV:§9(3)", "4w", MUST, True),
    ("REFER", {"course": "job-language-course"}, "DeuFöV:§9(4)", "2w", MUST, True),
    ("REFER", {"course": "integration-course"}, "lotse:referral", "2w", PROJECT, False),
    ("BREAK", {}, "lotse:interruption", "8w", PROJECT, False),
    ("EXAMDATE", {}, "lotse:exam", "8w", PROJECT, False),
    ("CERT", {}, "lotse:certificate", "8w", PROJECT, False),
    ("NEXT", {}, "lotse:next-step", "6w", PROJECT, False),
    ("TITLE", {}, "lotse:title", "", PROJECT, False),
    ("AGENCY", {}, "BeschV:§36(2)", "2w", MUST, True),
    ("PERMIT", {}, "lotse:permit", "4w", PROJECT, False),
    ("INFO", {}, "lotse:permit-information", "4w", PROJECT, False),
    ("CONTACT", {}, "lotse:contact", "6w", PROJECT, False),
    ("PLAN", {}, "SGB-II:§15(3)", "6m", SHOULD, True),
    ("MARK", {"mark": "6w"}, "lotse:retention-6w", "42d", PROJECT, False),
    ("MARK", {"mark": "3m"}, "lotse:retention-3m", "3m", PROJECT, False),
    ("MARK", {"mark": "6m"}, "lotse:retention-6m", "", PROJECT, False),
    ("MARK", {"mark": "12m"}, "lotse:retention-12m", "12m", PROJECT, False),
]


@pytest.mark.parametrize(("clock", "about", "rule_id", "length", "kind", "shift"), ROWS)
def test_a_clock_has_the_rule_that_fits_what_it_is_about(
    clock: str, about: dict[str, str], rule_id: str, length: str, kind: str, shift: bool
) -> None:
    """Each line of the table."""
    rule = rule_for(clock, DAY, tuple(about.items()))
    assert rule is not None
    assert (rule.rule_id, rule.length, rule.kind, rule.shift) == (rule_id, length, kind, shift)


def test_every_rule_is_found_by_some_row() -> None:
    """No rule stands in the table that nothing selects."""
    assert {(row[0], row[2]) for row in ROWS} == {(rule.clock, rule.rule_id) for rule in RULES}


def test_what_no_rule_is_about_has_none() -> None:
    """A course of the Land has no lapse; an obligation to attend an integration course neither."""
    assert rule_for("LAPSE", DAY, (("course", "other"),)) is None
    assert rule_for("LAPSE", DAY, (("course", "integration-course"), ("basis", "claim"))) is None


def test_no_two_versions_of_one_key_hold_on_the_same_day() -> None:
    """The key is clock and selection."""
    for one, other in combinations(RULES, 2):
        if (one.clock, one.selects) == (other.clock, other.selects):
            later = max(one.valid_from, other.valid_from)
            assert not (one.valid(later) and other.valid(later)), (one, other)


def test_a_version_holds_from_its_first_to_its_last_day() -> None:
    """Both included; without an end until further notice."""
    rule = Rule("X", "x", "1w", "", "", PROJECT, False, "2026-01-01", "2026-12-31")
    assert [rule.valid(day) for day in ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")] == [
        False,
        True,
        True,
        False,
    ]
    assert Rule("X", "x", "1w", "", "", PROJECT, False, "2026-01-01").valid("2099-01-01")


def test_the_earliest_deadline_of_law_goes_before_any_of_the_project() -> None:
    """What is stalled looks at all of them."""
    law, later, own = Due("2026-05-04", "law", True), Due("2026-06-04", "later", True), Due("2026-04-01", "own", False)
    assert earliest([own, later, law]) == law
    assert earliest([own]) == own
    assert earliest([]) is None
    assert stalled_from([later, own, law]) == "2026-04-02"
    assert stalled_from([]) is None


@pytest.mark.parametrize(
    ("kldb", "nursing"),
    [
        ("81302", True),
        ("81303", True),
        ("81301", False),
        ("82102", True),
        ("82101", False),
        ("81402", False),
        (None, False),
    ],
)
def test_nursing_begins_above_the_helper(kldb: str | None, nursing: bool) -> None:
    """8130 and 8210, last digit at least 2."""
    assert is_nursing(kldb) is nursing
