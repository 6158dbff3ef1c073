"""Whatever comes, reading it ends in a report or a refusal, and a forbidden number is never repeated."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.envelope import Refusal, Report
from shared.contracts.receipt import ReceiptRow, receipt_message
from shared.contracts.record import _take_any, _take_usual
from shared.contracts.verdicts import CODES
from tests.contract.examples import TOPIC, Record, binary, event, read, structured
from tests.contract.test_identifiers import NUMBERS
from tests.contract.test_receipts import Place

text = st.text(max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=12,
)
attributes = st.sampled_from(
    ["specversion", "id", "source", "type", "subject", "time", "corrects", "datacontenttype", "x"]
)
header_names = st.one_of(text, attributes.map("ce_{}".format), st.just("content-type"))
headers = st.lists(st.tuples(header_names, st.none() | st.binary(max_size=40) | text.map(str.encode)), max_size=8)
fields = st.sampled_from(["occurredOn", "procedureId", "body", "referenceOccupation", "refnr", "remark"])
changes = st.dictionaries(attributes, json_values | st.just(...), max_size=3)
data = json_values | st.dictionaries(fields | text, json_values | st.just(...), max_size=3)


@st.composite
def mangled(draw: st.DrawFn) -> Record:
    """A valid record with some things changed, in either mode, with more headers."""
    whole = event(**draw(changes), data=draw(data))
    record = binary(whole) if draw(st.booleans()) else structured(whole)
    return record._replace(headers=(*record.headers, *draw(st.just([]) | headers)))


records = st.one_of(
    mangled(),
    st.builds(Record, st.none() | st.binary(max_size=200), headers, st.just(TOPIC)),
    st.builds(Record, json_values.map(lambda value: json.dumps(value).encode()), headers, st.just(TOPIC)),
)


@given(records)
def test_reading_never_raises(record: Record) -> None:
    """And every answer is one of the list, its receipt well-formed JSON without control characters."""
    answer = read(record)
    assert isinstance(answer, Report | Refusal)
    if isinstance(answer, Refusal):
        assert answer.code in CODES
        _, value = receipt_message(_row(answer))
        assert json.loads(value)["data"]["code"] == answer.code


plain = st.text(st.sampled_from('a0:\\"é '), max_size=8)
flat = st.dictionaries(fields | plain, plain | st.integers() | st.booleans() | st.just(1.0), max_size=4)


@st.composite
def nearly_usual(draw: st.DrawFn) -> Record:
    """Binary records as they mostly come, and such that differ from them in little."""
    record = binary(event(data=draw(flat)))
    more = st.tuples(st.sampled_from(["ce_id", "ce_corrects", "content-type", "ce_x"]), plain.map(str.encode))
    value = (
        record.value
        if draw(st.booleans())
        else (record.value or b"")[:-1] + draw(st.sampled_from([b',"occurredOn":"a"}', b"}"]))
    )
    return record._replace(value=value, headers=(*record.headers, *draw(st.lists(more, max_size=1))))


@given(nearly_usual() | records)
def test_the_short_way_reads_what_the_long_way_reads(record: Record) -> None:
    """What is usual enough for it comes out the same."""
    assert _take_usual(record.value, record.headers) in (None, _take_any(record.value, record.headers))


def test_a_usual_record_goes_the_short_way() -> None:
    """Also one whose ids hold runs of digits."""
    record = binary(event(id="12345-2024", subject="01234567-0123-4123-8123-012345678901", data={"a": "b", "c": 1}))
    found = _take_usual(record.value, record.headers)
    assert found is not None and {"a", "c"} <= found.data.keys()


@st.composite
def with_a_number(draw: st.DrawFn) -> tuple[Record, str]:
    """A valid or mangled record with a forbidden number in one string or one name."""
    number = draw(st.sampled_from(sorted(NUMBERS.values())))
    whole: dict[str, Any] = event(**draw(changes))
    place = draw(st.sampled_from(["attribute", "field", "name", "header", "element"]))
    planted = f"{draw(st.sampled_from(['', 'x ', '(', '-']))}{number}{draw(st.sampled_from(['', ' x', ')', '.']))}"
    more: list[tuple[str, bytes | None]] = []
    if place == "attribute":
        whole[draw(attributes)] = planted
    elif place == "field":
        whole["data"][draw(fields)] = planted
    elif place == "name":
        whole["data"][planted] = draw(json_values)
    elif place == "element":
        whole["data"]["remark"] = [draw(json_values), {"a": planted}]
    else:
        more.append((draw(header_names), planted.encode()))
    record = binary(whole) if draw(st.booleans()) else structured(whole)
    return record._replace(headers=(*record.headers, *more)), number


@given(with_a_number())
def test_a_forbidden_number_is_refused_and_never_repeated(case: tuple[Record, str]) -> None:
    """Not in the refusal, not in the receipt, which has no digest."""
    record, number = case
    answer = read(record)
    assert isinstance(answer, Refusal)
    assert answer.code == "data.forbidden-identifier"
    assert number not in repr(answer)
    key, value = receipt_message(_row(answer))
    assert number not in key and number.encode() not in value
    assert b"digest" not in value


def _row(answer: Refusal) -> ReceiptRow:
    return ReceiptRow(
        "recognition", Place(), answer.code, 1, answer.source, answer.id, answer.subject, path=answer.path
    )
