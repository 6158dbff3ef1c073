"""Messages of the board, and what a row keeps of them: the same bytes come out again (law 3)."""

from __future__ import annotations

import msgspec

from services.coordinator.messages import cause_of, message, said_next, said_of
from services.coordinator.packed import OF_CASE, Said, pack_said, unpack_said
from shared.contracts.snapshot import Cause
from tests.services.coordinator.harness import case_id

CASE = case_id(1)
WHY = cause_of(Cause("/lotse/recognition", f'{CASE}/procedure-"a"/7', "lotse.recognition.procedure-changed.v1"))
FIRST = said_next(None, b'"status":"open","turn":null,"conflicts":[]', WHY, "2026-02-01T08:00:00Z")
NEXT = said_next(FIRST, b'"status":"open","turn":"applicant","conflicts":[]', WHY, "2026-02-02T08:00:00Z")


def data_of(said: Said, barrier: str = "recognition") -> dict[str, object]:
    """What a message tells."""
    found: dict[str, object] = msgspec.json.decode(message(CASE, barrier, said))["data"]
    return found


def test_the_first_message_says_all_from_nothing() -> None:
    """Every field has changed, and was null."""
    data = data_of(FIRST)
    assert data["changed"] == ["status", "turn", "conflicts"]
    assert data["previous"] == {"status": None, "turn": None, "conflicts": None}


def test_the_next_message_says_what_differs() -> None:
    """With the values before; fields that stayed are not named."""
    data = data_of(NEXT)
    assert (data["version"], data["changed"], data["previous"]) == (2, ["turn"], {"turn": None})


def test_what_was_said_can_be_read_back_and_said_again() -> None:
    """From the topic or from the row: byte for byte, of barriers and of the case itself."""
    for barrier in ("recognition", OF_CASE):
        for said in (FIRST, NEXT):
            assert said_of(message(CASE, barrier, said)) == said
            assert unpack_said(pack_said({barrier: said})) == {barrier: said}


def test_a_field_that_was_not_said_before_was_nothing() -> None:
    """A newer program tells more; what it did not tell before counts as null."""
    more = said_next(NEXT, NEXT.content + b',"dueOn":null,"ruleId":"R-1"', WHY, "2026-02-03T08:00:00Z")
    assert data_of(more)["previous"] == {"dueOn": None, "ruleId": None}
