"""Numbers that identify a person are found wherever they stand, and never repeated (facts.md §7, readings 18)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.envelope import MAX_BYTES, Refusal
from shared.contracts.identifiers import holds_identifier
from tests.contract.examples import CASE, FACT, Record, accepted, binary, event, refused, structured, why

NUMBERS = {
    "customer number": "123D456789",
    "benefit household": "12345BG0001234",
    "register of foreigners": "123456789012",
    "tax id": "12345678901",
    "insurance number": "12345678A123",
    "IBAN": "DE89370400440532013000",
}
HARMLESS = [
    CASE,
    CASE.upper(),
    "7b1f0c52-3f6e-4d1a-9c58-123456789012",
    "1234567890",
    "1234567890123",
    "a12345678901",
    "12345678901b",
    "2026-02-05T08:41:07Z",
    "zm-2026-000123",
    "123d456789",
    "DE8937040044053201300",
    "12345 BG 0001234",
]
CODE = "data.forbidden-identifier"
each_number = pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)


@each_number
def test_a_number_is_found_in_any_surroundings(number: str) -> None:
    """At a word's border, behind or before a UUID, between other words."""
    for text in (
        number,
        f"no. {number}.",
        f"{CASE}{number}",
        f"{CASE}-{number}",
        f"{number}-{CASE}",
        f"a\0{number}",
        f"Ä {number}",
    ):
        assert holds_identifier(text), text


@pytest.mark.parametrize(
    "text",
    [
        "123 456 789 01",
        "DE89 3704 0044 0532 0130 00",
        "12  345 678 901",
        "1 2 3D456 789",
        "12\t345\u00a0678\n901",
        "123\u00a0456\u2009789\u00a001",
        "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661",
    ],
)
def test_spaces_between_digits_do_not_hide_a_number(text: str) -> None:
    """Of whatever kind, whatever script the digits are in."""
    assert holds_identifier(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_resembles_a_number_passes(text: str) -> None:
    """UUIDs above all, whatever digits they have."""
    assert not holds_identifier(text)


@each_number
@pytest.mark.parametrize("name", ["id", "source", "subject"])
def test_where_the_number_names_the_report_nothing_of_its_names_is_repeated(number: str, name: str) -> None:
    """The receipt is keyed by the record."""
    value = f"/zag-muenster/{number}" if name == "source" else number
    for record in (structured(event(**{name: value})), binary(event(**{name: value}))):
        assert refused(record) == Refusal(CODE, None, None, None, f"/{name}", FACT)


@each_number
@pytest.mark.parametrize("name", ["body", "procedureId", "remark", "occurredOn"])
def test_a_number_in_data_is_named_by_its_place(number: str, name: str) -> None:
    """Whatever else is wrong with the field."""
    for record in (structured(event(data={name: number})), binary(event(data={name: number}))):
        assert refused(record) == Refusal(CODE, "/zag-muenster/fv", "zm-3", CASE, f"/data/{name}", FACT)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": {"b": ["x", "12345678901"]}}, "/data/a/b/1"),
        ({"a": [{"12345678901": 1}]}, "/data/a/0"),
        ({"12345678901": "x"}, "/data"),
        (["12345678901"], "/data/0"),
        ("12345678901", "/data"),
    ],
)
def test_a_number_is_found_at_any_depth_and_in_names(data: Any, path: str) -> None:
    """Of a field's name, the object that has it is the place."""
    assert why(structured(event(data=data))) == (CODE, path)
    assert why(binary(event(data=data))) == (CODE, path)


def test_a_number_written_with_escapes_is_found() -> None:
    """Text is searched after it was decoded."""
    value = (structured(event(data={"body": "PLACE"})).value or b"").replace(b"PLACE", rb"1\u0032345678901")
    assert why(Record(value)) == (CODE, "/data/body")


@pytest.mark.parametrize("name", ["time", "type", "corrects", "traceparent", "partitionkey", "specversion"])
def test_every_attribute_is_searched(name: str) -> None:
    """Extensions included."""
    assert why(structured(event(**{name: "12345678901"}))) == (CODE, f"/{name}")
    assert why(binary(event(**{name: "12345678901"}))) == (CODE, f"/{name}")


def test_every_header_is_searched() -> None:
    """Values and names; what is no attribute has no place in the structured form."""
    for header in (
        ("note", b"12345678901"),
        ("12345678901", b"x"),
        ("ce_12345678901", b"x"),
        ("note", b"\xff 12345678901"),
    ):
        assert refused(binary(event(), header)) == Refusal(CODE, "/zag-muenster/fv", "zm-3", CASE, None, FACT)
    assert why(Record(structured(event()).value, [("note", b"12345678901")])) == (CODE, None)


def test_a_number_in_the_lost_half_of_a_doubled_header_is_found() -> None:
    """No report's names can be trusted there."""
    assert refused(binary(event(), ("ce_id", b"12345678901"))).code == CODE


def test_the_search_comes_before_all_other_checks() -> None:
    """Envelope, source, type, data and size may be at fault as well."""
    number = "12345678901"
    assert why(structured(event(time="x", source="/stranger", type="x", data={"remark": number}))) == (
        CODE,
        "/data/remark",
    )
    assert why(binary(event(corrects=number))._replace(value=b"{")) == (CODE, "/corrects")
    assert why(binary(event(corrects=number))._replace(value=b" " * (MAX_BYTES + 1))) == (CODE, "/corrects")
    assert why(binary(event(corrects=number))._replace(value=None)) == (CODE, "/corrects")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("refnr", "10000-12345678901-S", "data.invalid"),
        ("refnr", "10000-123456789012-S", "data.invalid"),
        ("refnr", "10000-123D456789-S", CODE),
        ("refnr", "12345678901", CODE),
        ("remark", "10000-12345678901-S", CODE),
        ("ags", "05162024", "data.invalid"),
        ("ags", "051620240000", CODE),
        ("kldb", "12345678901", CODE),
        ("referenceOccupation", "81302 81302 8", CODE),
    ],
)
def test_a_typed_field_is_exempt_as_far_as_it_has_its_form(name: str, value: str, code: str) -> None:
    """From the two plain numbers only; recognition has no such fields, so that an exempt one is merely unknown."""
    assert refused(structured(event(data={name: value}))).code == code


def test_a_typed_field_is_exempt_in_data_only() -> None:
    """Not as an attribute, not deeper in data."""
    refnr = "10000-12345678901-S"
    assert why(structured(event(refnr=refnr))) == (CODE, "/refnr")
    assert why(structured(event(data={"a": {"refnr": refnr}}))) == (CODE, "/data/a/refnr")


def test_a_pointer_never_holds_what_looks_like_a_number() -> None:
    """Not even one that only the escape of `~` makes."""
    assert why(structured(event(data={"~1234567890": 1}))) == ("data.invalid", "/data")


def test_uuids_may_stand_anywhere() -> None:
    """They are what ids should be."""
    digits = "12345678-1234-4123-8123-123456789012"
    report = accepted(structured(event(id=digits, subject=digits, corrects=digits, data={"procedureId": digits})))
    assert report.fact.item == f"procedure-{digits}"
