"""Receipts: golden bytes, the list of codes, keys, and what each verdict carries (contract §4, readings 15)."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec
import pytest

from shared.contracts.receipt import ReceiptRow, receipt_message
from shared.contracts.verdicts import CODES, verdict_of
from tests.contract.examples import CASE, GOLDEN, accepted, event, structured

DIGEST = bytes.fromhex("abcf7823a6db5e67be1ba47f92b4e803c86ca263ade636afc29a0ed25f81f702")
VERDICTS = {
    "accepted": {"ok", "ok.late", "ok.corrected", "ok.retracted"},
    "parked": {"fact.implausible", "fact.conflict", "target.unknown", "internal.fault"},
    "duplicate": {"id.seen"},
    "rejected": {
        "envelope.invalid",
        "json.invalid",
        "type.unknown",
        "source.foreign",
        "data.invalid",
        "data.forbidden-identifier",
        "id.reused",
        "item.full",
        "too-large",
    },
}


class Place(NamedTuple):
    topic: str = "inbound.recognition.zag-muenster"
    partition: int = 3
    offset: int = 871
    received_at: int = 1_770_280_868_731


def row(code: str = "ok", **changes: Any) -> ReceiptRow:
    """The row behind the receipt of the contract."""
    given: dict[str, Any] = {
        "source": "/zag-muenster/fv",
        "id": "zm-3",
        "subject": CASE,
        "version": 1,
        "digest": DIGEST,
    }
    return ReceiptRow("recognition", Place(), code, 1_770_280_868_999, **given | changes)


def said(row: ReceiptRow) -> tuple[str, dict[str, Any]]:
    """Key and event of a receipt."""
    key, value = receipt_message(row)
    event = json.loads(value)
    assert isinstance(event, dict)
    return key, event


def test_the_receipt_of_the_contract_comes_out_byte_for_byte() -> None:
    """Order of members included; between them no spaces."""
    report = accepted(structured(event()))
    key, value = receipt_message(row(digest=report.digest))
    golden = json.loads((GOLDEN / "receipt.json").read_text(encoding="utf-8"))
    assert key == "recognition#/zag-muenster/fv#zm-3"
    assert value == json.dumps(golden, ensure_ascii=False, separators=(",", ":")).encode()


def test_the_codes_are_those_of_the_contract() -> None:
    """Each with its verdict."""
    assert {code: entry.verdict for code, entry in CODES.items()} == {
        code: verdict for verdict, codes in VERDICTS.items() for code in codes
    }


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_was_found_what_to_do_and_who_helps(code: str) -> None:
    """In both languages, in whole sentences, each text of its own."""
    entry = CODES[code]
    for text in (entry.message, entry.hint, entry.helper):
        assert text.de.endswith(".") and text.en.endswith(".") and text.de != text.en
    assert entry.message.de not in {other.message.de for other in CODES.values() if other.code != code}
    _, event = said(row(code))
    assert event["data"]["message"] == {"de": entry.message.de, "en": entry.message.en}
    assert event["data"]["hint"] == {"de": entry.hint.de, "en": entry.hint.en}


@pytest.mark.parametrize("code", CODES)
def test_a_receipt_carries_what_its_verdict_allows(code: str) -> None:
    """No digest with a refusal; `path` and `standing` only where there is one."""
    _, event = said(row(code))
    data = event["data"]
    assert (data["verdict"], data["code"]) == (verdict_of(code), code)
    assert ("digest" in data) == (code not in VERDICTS["rejected"])
    assert not {"path", "standing"} & set(data)
    _, event = said(row(code, path="/data/body", standing="fact.conflict"))
    assert (event["data"]["path"], event["data"]["standing"]) == ("/data/body", "parked")


@pytest.mark.parametrize(
    ("code", "standing", "verdict"),
    [
        ("id.seen", "ok.late", "accepted"),
        ("id.reused", "fact.implausible", "parked"),
        ("id.seen", "internal.fault", "parked"),
    ],
)
def test_a_repeated_id_says_the_verdict_that_stands(code: str, standing: str, verdict: str) -> None:
    """With the version of the stored report."""
    key, event = said(row(code, standing=standing, version=4))
    assert event["data"]["standing"] == verdict
    assert (event["data"]["version"], event["id"]) == (4, f"{key}#4")


def test_a_refusal_has_version_0() -> None:
    """The id stays free for the repaired report."""
    key, event = said(row("data.invalid", version=0, digest=None, path="/data/body"))
    assert (event["id"], event["data"]["version"]) == ("recognition#/zag-muenster/fv#zm-3#0", 0)
    assert key == "recognition#/zag-muenster/fv#zm-3"


@pytest.mark.parametrize("missing", ["id", "source"])
def test_a_record_whose_names_cannot_be_read_is_answered_by_its_place(missing: str) -> None:
    """What is missing is left out, never null."""
    key, event = said(row("envelope.invalid", version=0, digest=None, subject=None, **{missing: None}))
    assert key == "inbound.recognition.zag-muenster/3/871"
    assert event["id"] == f"{key}#0"
    assert "subject" not in event
    assert {"id": "reportId"}.get(missing, missing) not in event["data"]
    assert event["data"]["record"] == {"topic": "inbound.recognition.zag-muenster", "partition": 3, "offset": 871}


def test_a_receipt_is_a_function_of_its_row() -> None:
    """Said again it is the same, byte for byte; a new standing raises the version and gets a new id."""
    assert receipt_message(row()) == receipt_message(row())
    before, after = said(row("fact.implausible")), said(row("ok", version=2))
    assert before[0] == after[0]
    assert (before[1]["id"][-2:], after[1]["id"][-2:]) == ("#1", "#2")


def test_texts_reveal_nothing_of_other_institutions() -> None:
    """They are the same for every report: no part of a row goes into them."""
    for code in CODES:
        texts = [
            msgspec.json.decode(receipt_message(one)[1])["data"] for one in (row(code), row(code, id="x", subject=None))
        ]
        assert texts[0]["message"] == texts[1]["message"] and texts[0]["hint"] == texts[1]["hint"]
