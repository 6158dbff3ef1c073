"""What a record must look like to be a report, and which code answers each fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.contracts.envelope import MAX_BYTES, Refusal, parse_report
from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import Count, Uuid
from tests.contract.examples import (
    CASE,
    FACT,
    GOLDEN,
    INSTITUTIONS,
    TYPE,
    Record,
    accepted,
    binary,
    event,
    refused,
    structured,
    why,
)

OTHER_CASE = "0c9bd0b4-8f0e-4a2e-8f55-6a7a1f7a1b11"


def test_the_example_of_the_contract_is_read_as_it_stands() -> None:
    """The bytes of the document, line breaks included."""
    report = accepted(Record((GOLDEN / "report.json").read_bytes()))
    fact = report.fact
    assert (report.source, report.id, report.subject) == ("/zag-muenster/fv", "zm-3", CASE)
    assert (fact.source, fact.id, fact.name, fact.item) == (
        "/zag-muenster/fv",
        "zm-3",
        "documents-complete",
        "procedure-nurse-4f7q",
    )
    assert (fact.occurred_on, fact.time, fact.corrects) == ("2026-02-02", 1_770_280_867_000_000, None)
    assert fact.data == {"occurredOn": "2026-02-02", "procedureId": "nurse-4f7q", "body": "zag-muenster"}


@pytest.mark.parametrize("corrects", [None, "zm-2"])
def test_both_modes_say_the_same(corrects: str | None) -> None:
    """A correction included."""
    whole = event() if corrects is None else event(corrects=corrects)
    assert accepted(binary(whole)) == accepted(structured(whole))
    assert accepted(binary(whole)).fact.corrects == corrects


@pytest.mark.parametrize(
    "content_type",
    [b"application/cloudevents+json", b"application/cloudevents+json; charset=UTF-8", b"application/json", b""],
)
def test_a_structured_event_may_name_its_content_type(content_type: bytes) -> None:
    """With a parameter, too; an empty header is none."""
    accepted(Record(structured(event()).value, [("content-type", content_type)]))


def test_headers_that_are_no_attributes_are_left_alone() -> None:
    """Whatever bytes they hold."""
    accepted(
        binary(event(), ("correlation_id", b"x"), ("trace", b"\xff\xfe"), ("empty", None), ("ce_partitionkey", b"1"))
    )
    accepted(structured(event(partitionkey=CASE, dataschema="https://example.org/x", sampled=True)))


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON", ...]
)
def test_the_content_type_of_data_is_json_or_not_named(content_type: Any) -> None:
    """In both modes."""
    accepted(structured(event(datacontenttype=content_type)))
    accepted(binary(event(datacontenttype=content_type)))


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("specversion", ["0.3", "1", "2.0"]),
        ("id", ["a" * 129, "a\nb", "a\x00"]),
        ("source", ["zag-muenster", "/Zag", "/z", "/zag-muenster/", "/zag-muenster/a/b", "/zag-muenster/ä", "//fv",
                    "/zag-muenster\n"]),
        ("type", []),
        ("subject", [CASE.upper(), CASE.replace("-4d1a-", "-1d1a-"), "case-1", CASE + "\n"]),
        ("time", ["2026-02-05", "2026-02-05T08:41:07", "2026-02-30T08:41:07Z", "2026-02-05T24:41:07Z",
                  "20260205T084107Z",
                  "2026-W06-4T08:41:07Z", "yesterday", "9999-12-31T23:59:59Z", "2026-02-05T08:41:07+99:00"]),
    ],
)  # fmt: skip
def test_each_attribute_is_needed_and_has_its_form(attribute: str, values: list[str]) -> None:
    """Missing, empty, null, no text, or of another form: the attribute is named."""
    fault = ("envelope.invalid", f"/{attribute}")
    for value in (..., "", *values):
        assert why(structured(event(**{attribute: value}))) == fault, value
        assert why(binary(event(**{attribute: value}))) == fault, value
    for value in (None, 1, True, ["x"], {"x": 1}):
        assert why(structured(event(**{attribute: value}))) == fault, value


def test_an_attribute_that_may_be_left_out_may_be_null() -> None:
    """As CloudEvents has it; it is then no correction."""
    report = accepted(structured(event(corrects=None, datacontenttype=None, partitionkey=None)))
    assert report == accepted(structured(event()))


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-02-05T08:41:07Z", 1_770_280_867_000_000),
        ("2026-02-05T08:41:07.25z", 1_770_280_867_250_000),
        ("2026-02-05t08:41:07.123456789Z", 1_770_280_867_123_456),
        ("2026-02-05T09:41:07+01:00", 1_770_280_867_000_000),
        ("2026-02-04T22:41:07-10:00", 1_770_280_867_000_000),
    ],
)
def test_time_is_an_instant_in_any_offset(time: str, expected: int) -> None:
    """Microseconds since 1970, UTC."""
    assert accepted(structured(event(time=time))).fact.time == expected


@pytest.mark.parametrize("value", ["text/plain", "application/xml", "application/cloudevents+json"])
def test_data_of_another_content_type_is_refused(value: str) -> None:
    """Reports are JSON."""
    assert why(structured(event(datacontenttype=value))) == ("envelope.invalid", "/datacontenttype")


@pytest.mark.parametrize("value", ["", "a" * 129, 7, ["zm-2"]])
def test_corrects_is_the_id_of_a_report(value: Any) -> None:
    """1 to 128 characters."""
    assert why(structured(event(corrects=value))) == ("envelope.invalid", "/corrects")


@pytest.mark.parametrize("name", ["id", "source", "type", "subject", "time", "specversion", "corrects"])
@pytest.mark.parametrize("same", [True, False])
def test_a_header_given_twice_is_refused(name: str, same: bool) -> None:
    """Even where both say the same; where they differ, neither is repeated."""
    whole = event(corrects="zm-2")
    again = whole[name] if same else OTHER_CASE
    refusal = refused(binary(whole, (f"ce_{name}", again.encode())))
    assert (refusal.code, refusal.path) == ("envelope.invalid", f"/{name}")
    given = {"id": refusal.id, "source": refusal.source, "subject": refusal.subject}
    assert given == {key: None if key == name and not same else whole[key] for key in given}


def test_a_header_of_one_character_given_twice_is_refused() -> None:
    """Such strings are one object in memory."""
    assert why(binary(event(id="1"), ("ce_id", b"1"))) == ("envelope.invalid", "/id")


@pytest.mark.parametrize("raw", [b"\xff\xfe", None])
def test_a_header_that_is_no_text_is_refused(raw: bytes | None) -> None:
    """The others may be read."""
    whole = event()
    refusal = refused(binary({name: whole[name] for name in whole if name != "id"}, ("ce_id", raw)))
    assert refusal == Refusal("envelope.invalid", "/zag-muenster/fv", None, CASE, "/id", FACT)


def test_both_modes_at_once_are_refused() -> None:
    """Headers and a whole event as value, with and without its content type; names that agree are repeated."""
    whole = event()
    for headers in (binary(whole).headers, binary(event(datacontenttype="application/cloudevents+json")).headers):
        both = Record(structured(whole).value, headers)
        assert refused(both) == Refusal("envelope.invalid", "/zag-muenster/fv", "zm-3", CASE, None, FACT)
        other = Record(structured(event(id="zm-9")).value, headers)
        assert refused(other) == Refusal("envelope.invalid", "/zag-muenster/fv", None, CASE, None, FACT)


@pytest.mark.parametrize("value", [b"[]", b"1", b"null", b'"x"'])
def test_a_structured_event_is_an_object(value: bytes) -> None:
    """A batch is for HTTP."""
    assert refused(Record(value)) == Refusal("envelope.invalid", None, None, None, None)


def test_other_formats_are_refused() -> None:
    """A batch, Avro, or data in base64."""
    for content_type in (b"application/cloudevents-batch+json", b"application/cloudevents+avro", b"text/plain"):
        assert why(Record(structured(event()).value, [("content-type", content_type)])) == ("envelope.invalid", None)
    assert why(structured(event(data_base64="e30="))) == ("envelope.invalid", "/data_base64")


def test_a_tombstone_is_no_report() -> None:
    """In binary mode its names can be read."""
    assert refused(Record(None)) == Refusal("envelope.invalid", None, None, None, None)
    whole = binary(event())
    assert refused(whole._replace(value=None)) == Refusal(
        "envelope.invalid", "/zag-muenster/fv", "zm-3", CASE, None, FACT
    )


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"{'a': 1}", b"{} {}", b'{"a": NaN}', b'{"a": 1e999}', b"\xff", b'{"a": "\xff"}', b"[" * 100_000,
     b"\xef\xbb\xbf{}",
     b'{"a": 1, "a": 1}', b'{"a": {"b": 1, "b": 2}}', b'{"a\\u003a": 1, "b": 1, "b": 2}', b'{"a": "\\ud800"}'],
)  # fmt: skip
def test_what_is_no_json_is_refused(value: bytes) -> None:
    """Nor may a member be named twice, since the two could say different things."""
    assert refused(Record(value)) == Refusal("json.invalid", None, None, None, None)
    whole = binary(event())
    assert refused(whole._replace(value=value)) == Refusal("json.invalid", "/zag-muenster/fv", "zm-3", CASE, None, FACT)


def test_a_colon_or_an_escape_in_a_text_is_no_member() -> None:
    """Ids may look as they like."""
    for id_ in ('a"b', "a:b::c", "a\\b", "Größe:7", "{:}", '"a": 1'):
        assert accepted(structured(event(id=id_))).id == id_


def test_a_value_may_have_256_kib() -> None:
    """One byte more is too large; the names of a binary report can be read all the same."""
    value = structured(event()).value or b""
    accepted(Record(value + b" " * (MAX_BYTES - len(value))))
    assert refused(Record(value + b" " * (MAX_BYTES + 1 - len(value)))).code == "too-large"
    large = binary(event())._replace(value=b" " * (MAX_BYTES + 1))
    assert refused(large) == Refusal("too-large", "/zag-muenster/fv", "zm-3", CASE, None, FACT)


@pytest.mark.parametrize(
    ("source", "topic"),
    [
        ("/jobcenter-neuss", "inbound.recognition.zag-muenster"),
        ("/zag", "inbound.recognition.zag-muenster"),
        ("/muenster", "inbound.recognition.zag-muenster"),
        ("/zag-muenster", "inbound.recognition.zag"),
        ("/stranger", "inbound.recognition.zag-muenster"),
        ("/stranger", "inbound.recognition.stranger"),
        ("/jobcenter-neuss", "inbound.recognition.jobcenter-neuss"),
    ],
)
def test_only_the_owner_of_the_topic_speaks_there_and_only_where_it_may(source: str, topic: str) -> None:
    """Compared whole: `zag` is not `zag-muenster`; an institution that is not listed may nothing."""
    refusal = refused(structured(event(source=source), topic))
    assert refusal == Refusal("source.foreign", source, "zm-3", CASE, "/source", FACT)


@pytest.mark.parametrize(
    "type_",
    [
        "lotse.intake.case-opened.v1",
        "lotse.recognition.unheard-of.v1",
        "lotse.recognition.documents-complete.v2",
        "lotse.recognition.documents-complete",
        "lotse.recognition..v1",
        "documents-complete",
        "lotse.recognition.v1",
    ],
)
def test_a_type_of_another_service_or_of_none_is_unknown(type_: str) -> None:
    """Said before the data is looked at."""
    assert why(structured(event(type=type_, data=[]))) == ("type.unknown", "/type")


def test_the_kafka_key_is_not_looked_at() -> None:
    """It serves partitioning only."""
    accepted(structured(event())._replace(key=b"anything"))


@pytest.mark.parametrize("data", [None, [], "x", 1, True])
def test_data_is_an_object(data: Any) -> None:
    """Or it is at fault as a whole; missing data, too."""
    assert why(structured(event(data=data))) == ("data.invalid", "/data")
    assert why(binary(event(data=data))) == ("data.invalid", "/data")
    assert why(structured({name: value for name, value in event().items() if name != "data"})) == (
        "data.invalid",
        "/data",
    )


@pytest.mark.parametrize(
    ("time", "last"),
    [
        ("2026-02-05T08:41:07Z", "2026-02-06"),
        ("2026-02-05T22:59:59Z", "2026-02-06"),
        ("2026-02-05T23:00:00Z", "2026-02-07"),
        ("2026-07-05T21:59:59Z", "2026-07-06"),
        ("2026-07-05T22:00:00Z", "2026-07-07"),
        ("2026-02-06T13:00:00+14:00", "2026-02-07"),
        ("2026-02-05T23:30:00-10:00", "2026-02-07"),
    ],
)
def test_a_fact_may_lie_one_day_ahead_of_its_report(time: str, last: str) -> None:
    """One day after the calendar day of `time` in Berlin, summer time included; the wall clock is never asked."""
    day_after = f"{last[:-1]}{int(last[-1]) + 1}"
    assert accepted(structured(event(time=time, data={"occurredOn": last}))).fact.occurred_on == last
    fault = ("data.invalid", "/data/occurredOn")
    assert why(structured(event(time=time, data={"occurredOn": day_after}))) == fault


def test_the_key_of_an_opening_is_its_subject() -> None:
    """Where an item is its own subject, the id in data must say the same."""
    opening = ItemForm("opening", "openingId", Uuid, is_subject=True)
    reports = by_name(ReportType("opening-published", opening, {"places": Count}))

    def read(opening_id: str) -> Any:
        data = {"occurredOn": "2026-02-02", "openingId": opening_id, "places": 2, "body": ...}
        whole = event(type="lotse.recognition.opening-published.v1", data={**data, "procedureId": ...})
        return parse_report("recognition", reports, INSTITUTIONS, structured(whole))

    assert read(CASE).fact.item == "opening"
    assert read(OTHER_CASE) == Refusal(
        "data.invalid", "/zag-muenster/fv", "zm-3", CASE, "/data/openingId", "opening-published"
    )


@pytest.mark.parametrize(
    ("name", "pointer"),
    [("a/b", "/data/a~1b"), ("a~b", "/data/a~0b"), ("", "/data/"), ("x" * 65, "/data"), ("a\nb", "/data")],
)
def test_an_unknown_name_is_a_json_pointer_unless_it_is_no_name(name: str, pointer: str) -> None:
    """What is long or not printable is not repeated."""
    assert why(structured(event(data={name: 1}))) == ("data.invalid", pointer)


def test_the_first_fault_in_the_order_of_checks_counts() -> None:
    """Envelope, then who speaks, then type, then data."""
    faults: dict[str, Any] = {"data": {"remark": 1}, "type": "x", "source": "/stranger", "time": "x"}
    codes = ["data.invalid", "type.unknown", "source.foreign", "envelope.invalid"]
    for number, code in enumerate(codes, 1):
        assert refused(structured(event(**dict(list(faults.items())[:number])))).code == code


def test_names_of_the_wrong_form_are_not_repeated() -> None:
    """Only what is well-formed goes into an answer."""
    refusal = refused(structured(event(id="a" * 129, subject="Erika Mustermann", source="Jobcenter")))
    assert (refusal.id, refusal.source, refusal.subject) == (None, None, None)
    assert json.dumps(event(), ensure_ascii=False) and TYPE in event()
