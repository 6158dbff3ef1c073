"""What a person hands to `lotse publish`, taken apart without a broker."""

from __future__ import annotations

import json

import pytest

from lotse.cli.events import Unroutable, read_events

_EVENT = {"id": "1", "source": "/zag-muenster/fv", "type": "lotse.recognition.submitted.v1", "subject": "s"}


def _with(**changed: object) -> dict[str, object]:
    return {**_EVENT, **changed}


def test_one_object_over_several_lines_keeps_its_bytes() -> None:
    """What is published is what was handed over, so that a service judges exactly that."""
    text = json.dumps(_EVENT, indent=2)
    (event,) = read_events(f"\n{text}\n".encode())
    assert event.value == text.encode()
    assert (event.topic, event.subject) == ("inbound.recognition.zag-muenster", "s")


def test_lines_are_events_of_their_own() -> None:
    """JSON lines: one event in each line, empty lines are skipped, each keeps its bytes."""
    lines = [json.dumps(_with(id=str(number))) for number in range(3)]
    events = read_events(("\n\n".join(lines) + "\n").encode())
    assert [event.value.decode() for event in events] == lines


def test_an_array_holds_several_events() -> None:
    """A JSON array of events is a batch; letters stay letters."""
    events = read_events(json.dumps([_with(id="Ä"), _with(type="lotse.intake.case-opened.v1")]).encode())
    assert [event.topic for event in events] == ["inbound.recognition.zag-muenster", "inbound.intake.zag-muenster"]
    assert '"Ä"'.encode() in events[0].value


def test_content_that_is_wrong_is_published_all_the_same() -> None:
    """Only where it goes is looked at: what is wrong with a fact, a subject or an id is its service's matter."""
    (event,) = read_events(json.dumps({"source": "/a1", "type": "lotse.intake.!", "subject": 7, "data": "?"}).encode())
    assert (event.topic, event.subject, event.id) == ("inbound.intake.a1", None, "")


def test_a_mark_of_byte_order_does_not_hurt() -> None:
    """Some programs write one in front of UTF-8."""
    (event,) = read_events(b"\xef\xbb\xbf" + json.dumps(_EVENT).encode())
    assert event.value.startswith(b"{")


@pytest.mark.parametrize(
    ("content", "de", "en"),
    [
        (b"", "leer", "empty"),
        (b" \n ", "leer", "empty"),
        (b"{oops", "kein JSON", "no JSON"),
        (json.dumps(_EVENT).encode() + b"\n{oops\n", "Zeile/line 2: Das ist kein JSON", "line 2"),
        (b"\xff\xfe", "UTF-8", "byte 0"),
        (b'"text"', "kein JSON-Objekt", "no JSON object"),
        (json.dumps([_EVENT, 3]).encode(), "Nr./no. 2: Das ist kein JSON-Objekt", "no. 2"),
        (json.dumps(_with(type="recognition")).encode(), "kein Dienst", "names no service"),
        (json.dumps(_with(type=None)).encode(), "kein Dienst", "null"),
        (json.dumps(_with(source="zag-muenster")).encode(), "keine Institution", "/<institution> is expected"),
    ],
)
def test_what_cannot_be_routed_says_what_is_expected(content: bytes, de: str, en: str) -> None:
    """Each error names the place and what is wrong there, in German and English."""
    with pytest.raises(Unroutable) as caught:
        read_events(content)
    assert de in caught.value.de
    assert en in caught.value.en
