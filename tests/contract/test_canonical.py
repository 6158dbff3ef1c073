"""The canonical form agrees with RFC 8785, and the digest with the contract."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.canonical import canonical, digest_of
from tests.contract.examples import CASE, Record, accepted, binary, event, structured

TYPE = "lotse.recognition.documents-complete.v1"
names = st.text(st.characters(codec="ascii"), min_size=1, max_size=12)
strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
halves = st.integers(1, 120).map(lambda number: number // 2 if number % 2 == 0 else number / 2)
values = st.one_of(strings, st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), halves, st.lists(strings, max_size=4))


@given(st.dictionaries(names, values, max_size=8))
def test_the_canonical_form_is_that_of_rfc_8785(data: dict[str, Any]) -> None:
    """For names in ASCII, any text, whole numbers and halves: all that a report can hold."""
    assert canonical(data) == rfc8785.dumps(data)


@given(st.dictionaries(names, values, max_size=8), st.none() | strings)
def test_the_digest_covers_type_subject_corrects_and_data(data: dict[str, Any], corrects: str | None) -> None:
    """Absent `corrects` is left out."""
    content: dict[str, Any] = {"type": TYPE, "subject": CASE, "data": data} | (
        {} if corrects is None else {"corrects": corrects}
    )
    assert digest_of(TYPE, CASE, corrects, data) == hashlib.sha256(rfc8785.dumps(content)).digest()


def test_the_digest_of_the_contract_holds() -> None:
    """The test vector of facts.md §5."""
    data = {"occurredOn": "2026-02-02", "procedureId": "nurse-4f7q", "body": "zag-muenster"}
    expected = "abcf7823a6db5e67be1ba47f92b4e803c86ca263ade636afc29a0ed25f81f702"
    assert digest_of(TYPE, CASE, None, data).hex() == expected


def test_neither_mode_nor_time_nor_id_changes_the_digest() -> None:
    """So that a report sent again in another way is the same."""
    later = event(id="zm-4", time="2026-02-06T08:41:07Z")
    assert len({accepted(record).digest for record in (structured(event()), binary(event()), binary(later))}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"corrects": "zm-2"},
        {"data": {"body": ...}},
        {"subject": CASE.replace("7b", "8b")},
        {"type": TYPE.replace("complete", "supplied")},
    ],
)
def test_everything_else_changes_it(change: dict[str, Any]) -> None:
    """Type, subject, corrects, data."""
    assert accepted(structured(event(**change))).digest != accepted(structured(event())).digest


def test_a_whole_number_is_the_same_however_it_was_written() -> None:
    """`2`, `2.0` and `2e0` are one value."""
    data = {"occurredOn": "2025-08-25", "phase": 2}
    whole = event(type="lotse.intake.phase-changed.v1", source="/jobcenter-neuss")
    whole["data"] = data
    text = json.dumps(whole)
    reports = [
        accepted(
            Record(text.replace('"phase": 2', f'"phase": {written}').encode(), (), "inbound.intake.jobcenter-neuss")
        )
        for written in ("2", "2.0", "2e0")
    ]
    assert len({report.digest for report in reports}) == 1
    assert {repr(report.fact.data["phase"]) for report in reports} == {"2"}
