"""The vocabulary knows every name that Lotse says, so that nobody reads kebab-case."""

from __future__ import annotations

import pytest

from lotse.cli import words
from shared.contracts.board import BARRIERS
from shared.contracts.verdicts import verdict_of
from shared.platform.services import reporting_services
from shared.rules.rule_table import RULES
from tests.support.services import REPORTS, TABLES

STATUSES = "not-assessed not-a-barrier open in-progress bridged resolved not-resolvable lapsed"
STAGES = "registered clearing ready introduced hired retained closed"
TURNS = "applicant competent-body third-party capacity partner"


@pytest.mark.parametrize(
    ("known", "names"),
    [
        (words.STATUSES, STATUSES.split()),
        (words.STAGES, STAGES.split()),
        (words.TURNS, TURNS.split()),
        (words.BARRIERS, BARRIERS),
        (words.SERVICES, reporting_services()),
        (words.VERDICTS, [verdict_of(code) for code in ("ok", "fact.conflict", "id.seen", "id.reused")]),
        (words.FACTS, ["retracted", *(name for reports in REPORTS.values() for name in reports)]),
    ],
)
def test_every_name_has_a_word(known: dict[str, words.Word], names: list[str]) -> None:
    """Nothing of the contract is missing, and nothing that is not in it is listed where the list is closed."""
    assert set(names) <= set(known)
    assert all(entry.de and entry.en for entry in known.values())


@pytest.mark.parametrize("service", TABLES)
def test_every_state_and_every_flag_of_a_table_has_a_word(service: str) -> None:
    """Those that a fact leads to, and those that the calendar brings."""
    tables = TABLES[service]
    assert {state for table in tables for state in (table.initial, *table.meanings)} <= set(words.STATES[service])
    assert {row.flag for table in tables for row in table.besides} <= set(words.FLAGS)


def test_no_word_breaks_the_markup() -> None:
    """Words are put into marked-up text as they are, so they hold no brackets."""
    tables = [words.BARRIERS, words.STATUSES, words.TURNS, words.STAGES, words.FACTS, words.CODES, words.FLAGS]
    tables += [*words.STATES.values(), *words.NEXT.values(), *words.NEXT_BY_FLAG.values()]
    assert not [entry for table in tables for entry in table.values() if "[" in entry.de + entry.en]


def test_every_rule_is_told_by_its_law() -> None:
    """A due date names the paragraph and the law's name, or says that it is the project's own rule."""
    for rule_id in {rule.rule_id for rule in RULES}:
        told = words.rule_word(rule_id)
        law, _, slug = rule_id.partition(":")
        if law == "lotse":
            assert slug in words.OWN_RULES and "kein Gesetz" in told.de, rule_id
        else:
            assert law in words.LAWS and told.de.startswith("§ ") and "section" in told.en, rule_id


def test_a_paragraph_is_written_as_lawyers_do() -> None:
    """`PflAPrV:§43(3)` is § 43 Abs. 3 PflAPrV."""
    told = words.rule_word("PflAPrV:§43(3)")
    assert told.de == "§ 43 Abs. 3 PflAPrV (Pflegeberufe-Ausbildungs- und -Prüfungsverordnung)"
    assert told.en == "Nursing Training and Examination Ordinance, section 43(3)"
    assert words.rule_word("BQFG:§14a").de.startswith("§ 14a BQFG")


def test_an_unknown_name_speaks_for_itself() -> None:
    """A service of tomorrow is shown before somebody finds words for it."""
    assert words.word(words.STATUSES, "half-open") == words.Word("half-open", "half-open")
    assert words.fact_word("lotse.housing.flat-found.v1").de == "flat-found"
    assert words.word(words.TURNS, None).de == "–"


def test_what_comes_next_follows_flag_state_and_barrier() -> None:
    """A flag goes before the state, the state before the barrier; nothing comes after what is resolved."""

    def told(state: dict[str, object], status: str = "in-progress") -> str:
        found = words.next_word("recognition", state, "recognition", status)
        return found.en if found else ""

    assert told({"status": "complete", "flags": []}) == "The body decides."
    assert told({"status": "complete", "flags": ["fee-due"]}) == "Pay the fee."
    assert told({}, "open") == "Get advice on recognition."
    assert told({"status": "full", "flags": []}, "resolved") == ""
