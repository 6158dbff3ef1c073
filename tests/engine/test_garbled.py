"""Garbled records among good ones: good ones are accepted, garbled ones have one receipt, nothing stands still."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from lotse.stack.process import Command, launch
from services.intake.__main__ import SERVICE as INTAKE
from services.recognition.__main__ import SERVICE as RECOGNITION
from shared.contracts.envelope import MAX_BYTES
from shared.contracts.topics import inbound_topic
from shared.engine.consent import Consent
from shared.engine.service import Service
from tests.engine.garbled import GZIP, LZ4, PLAIN, SNAPPY, ZSTD, Raw, write
from tests.engine.harness import Rig, case, event, lamp_event, rig, topics_of
from tests.engine.test_processes import environment_of, quiet
from tests.support.servers import Broker

INSTITUTIONS = """\
region: {name: Musterregion, land: NW, ags: ["05162024"]}
institutions:
  - {id: zag, name: ZAG, kind: competent-body, land: NW, services: [intake, recognition]}
  - {id: ihk, name: IHK, kind: chamber, land: NW, services: [intake, recognition]}
"""
SERVICES = {service.name: service for service in (INTAKE, RECOGNITION)}
HEAD = {"recognitionRoute": "a", "referenceOccupation": "81302", "body": "zag"}
GARBLED, UNREADABLE, WRONG = "envelope.invalid", "json.invalid", "data.invalid"


@pytest_asyncio.fixture(params=sorted(SERVICES))
async def office(request: pytest.FixtureRequest, database: str, broker: Broker, tmp_path: Path) -> AsyncIterator[Rig]:
    """A real service with all its topics; few records are taken at once, so that a fetch is taken in parts."""
    async with _office(SERVICES[request.param], database, broker, tmp_path) as running:
        yield running


@asynccontextmanager
async def _office(service: Service, database: str, broker: Broker, folder: Path) -> AsyncIterator[Rig]:
    await broker.create(*set(topics_of(service)))
    async with rig(service, database, broker, folder, batch_records="7") as running:
        (folder / "institutions.yaml").write_text(INSTITUTIONS, encoding="utf-8")
        yield running


def a_report(service: str, number: int, **changes: Any) -> dict[str, Any]:
    """A report that is right, of one case."""
    if service == "intake":
        return event(service, "plan-agreed", case(number), **changes)
    return event(service, "submitted", case(number), procedureId="a", **HEAD, **changes)


def a_retraction(service: str, number: int, report: str) -> dict[str, Any]:
    """A retraction of a report."""
    return event(service, "retracted", case(number), reportId=report, reason="other")


def structured(whole: dict[str, Any], before: bytes = b"", after: bytes = b"") -> Raw:
    """An event as the value; bytes of it may be exchanged."""
    value = msgspec.json.encode(whole)
    assert before in value
    return Raw(value.replace(before, after, 1))


def binary(whole: dict[str, Any], *more: tuple[bytes, bytes | None], without: str = "") -> Raw:
    """An event in headers and value."""
    names = [name for name in whole if name not in ("data", "datacontenttype", without)]
    headers = [(f"ce_{name}".encode(), str(whole[name]).encode()) for name in names]
    return Raw(msgspec.json.encode(whole["data"]), (*headers, *more))


def poisons(service: str, number: int) -> list[tuple[Raw, str]]:
    """Garbled records of one case, and how each is to be answered."""

    def report(**changes: Any) -> dict[str, Any]:
        return a_report(service, number, **changes)

    def holding(fragment: bytes) -> Raw:
        """A report with a piece of JSON where a member should not be."""
        return structured(report(more="?"), b'"?"', fragment)

    def with_(place: str, text: bytes) -> Raw:
        """A report with a piece of a JSON string at the end of an attribute."""
        return structured(report() | {place: report()[place] + "?"}, b'?"', text + b'"')

    lone = [rb"\ud800", rb"\udc00", rb"\ud800\ud800", rb"\ud800x"]
    return [
        (binary(report(), (b"\xff\xfe", b"1")), GARBLED),
        (binary(report(), (b"ce_\xff", b"1")), GARBLED),
        (binary(report(), (b"\xed\xa0\x80", None)), GARBLED),
        (binary(report(), (b"", None), (b"ce_id\xff", b"2")), GARBLED),
        (Raw(None, ((b"\x80", None),), None), GARBLED),
        (binary(report(), (b"ce_id", None), without="id"), GARBLED),
        (binary(report(), (b"ce_id", b"\xff\xfe"), without="id"), GARBLED),
        (binary(report(), (b"ce_subject", b"\x00"), without="subject"), GARBLED),
        (binary(report(), (b"ce_source", b"/zag/\x00"), without="source"), GARBLED),
        (binary(report(), (b"ce_corrects", b"a\x00b")), GARBLED),
        (binary(report(), (b"content-type", b"\xff")), GARBLED),
        (Raw(None), GARBLED),
        (Raw(None, (), b""), GARBLED),
        (Raw(b""), UNREADABLE),
        (Raw(b"\x00"), UNREADABLE),
        (Raw(b"\xff\xfe\x00"), UNREADABLE),
        (Raw(b" " * (MAX_BYTES + 1)), "too-large"),
        (Raw(b"[" * 100_000 + b"]" * 100_000), UNREADABLE),
        (Raw(b'{"a":' * 40_000 + b"1" + b"}" * 40_000), UNREADABLE),
        (holding(b"[" * 900 + b"]" * 900), WRONG),
        (holding(b"1e400"), UNREADABLE),
        (holding(b"-1e400"), UNREADABLE),
        (holding(b"1" + b"0" * 5000), UNREADABLE),
        (holding(b"1" + b"0" * 400), WRONG),
        (holding(b"1e308"), WRONG),
        (holding(b"1e-400"), WRONG),
        (holding(b"NaN"), UNREADABLE),
        (holding(b"-Infinity"), UNREADABLE),
        (holding(b'"\xff"'), UNREADABLE),
        (holding(b'"\xed\xa0\x80"'), UNREADABLE),
        (holding(rb'"\u0000"'), WRONG),
        *((holding(b'"' + text + b'"'), UNREADABLE) for text in lone),
        *((with_(place, text), UNREADABLE) for text in lone for place in ("id", "source", "subject", "type", "time")),
        *((with_(place, rb"\u0000"), GARBLED) for place in ("id", "source", "subject", "time")),
        (with_("type", rb"\u0000"), "type.unknown"),
        (structured(report(more="?"), b'"more"', rb'"\u0000"'), WRONG),
        (structured(report(more="?"), b'"more"', rb'"\ud800"'), UNREADABLE),
        (structured(report(corrects="?"), b'"?"', rb'"\u0000"'), GARBLED),
        (structured(report(corrects="?"), b'"?"', rb'"\udfff"'), UNREADABLE),
        (structured(a_retraction(service, number, "?"), b'"?"', rb'"\u0000"'), WRONG),
        (structured(a_retraction(service, number, "?"), b'"?"', rb'"\udfff"'), UNREADABLE),
        (structured(report(), b"2026-05-01", b"2026-02-30"), WRONG),
        (structured(report(), b"2026-05-01", b"0000-00-00"), WRONG),
        (structured(report(), b"2026-05-01", b"9999-12-31"), WRONG),
    ]


def good_ones(service: str, number: int) -> list[Raw]:
    """Reports that are right, however oddly they are written."""
    return [
        structured(a_report(service, number)),
        structured(a_report(service, number + 1))._replace(key=None),
        structured(a_report(service, number + 2))._replace(key=b""),
        structured(a_report(service, number + 3))._replace(key=b"\xff\xfe"),
        binary(a_report(service, number + 4), (b"", None)),
        binary(a_report(service, number + 5), ("größe".encode(), None)),
        structured(a_report(service, number + 6, day="0001-01-01")),
        structured(a_report(service, number + 7, time="2999-12-31T23:59:59.999999999+23:59", day="2999-12-31")),
        structured(a_report(service, number + 8, id=f"\U0001f600 \u202e {number}")),
    ]


def mixed(service: str, number: int = 1) -> list[tuple[Raw, str]]:
    """Each garbled record between two good ones."""
    good: list[Raw] = []
    found: list[tuple[Raw, str]] = []
    for place, poison in enumerate(poisons(service, number)):
        good = good or good_ones(service, number + 10 * place)
        found += [(good.pop(), "ok"), poison]
    return [*found, *((one, "ok") for one in good)]


async def codes_by_place(running: Rig) -> dict[tuple[int, int], list[str]]:
    """The codes of all receipts of each record, by partition and offset."""
    codes: dict[tuple[int, int], list[str]] = {}
    for receipt in await running.receipts():
        place = receipt["data"]["record"]
        codes.setdefault((place["partition"], place["offset"]), []).append(receipt["data"]["code"])
    return codes


async def assert_answered(running: Rig, *partitions: list[str]) -> None:
    """Every record of the partitions has exactly one receipt, and this code."""
    wanted = {(number, offset): [code] for number, codes in enumerate(partitions) for offset, code in enumerate(codes)}
    found = await codes_by_place(running)
    assert {place: (codes, found.get(place)) for place, codes in wanted.items() if codes != found.get(place)} == {}
    assert found.keys() == wanted.keys()
    await running.verify()
    assert not await running.pool.fetchval("select count(*) from item where fault")


async def test_every_garbled_record_is_answered_and_its_neighbours_are_read(office: Rig) -> None:
    """One batch with every way in which a record can be garbled, each between good ones; a partition beside it."""
    name = office.service.name
    topic = inbound_topic(name, "zag")
    records = mixed(name)
    assert len(records) >= 50
    beside = good_ones(name, 5000)
    await write(office.settings, topic, [raw for raw, _ in records])
    await write(office.settings, topic, beside, partition=1)
    await office.parts.ingest.handle(await office.new_records())
    await assert_answered(office, [code for _, code in records], ["ok"] * len(beside))

    await write(office.settings, topic, [structured(a_report(name, 6000))])
    await office.parts.ingest.handle(await office.new_records())
    await assert_answered(office, [*(code for _, code in records), "ok"], ["ok"] * len(beside))


async def test_a_garbled_name_of_a_header_is_found_in_every_compression(office: Rig) -> None:
    """Also where the fetch begins in the middle of the batch, and where several batches come at once."""
    name = office.service.name
    topic = inbound_topic(name, "zag")
    codes: list[str] = []
    for codec in (PLAIN, GZIP, SNAPPY, LZ4, ZSTD):
        bad = [binary(a_report(name, codec + 1), (b"\xff", b"")), binary(a_report(name, codec + 1), (b"ce_\xfe", None))]
        good = good_ones(name, 100 * codec + 100)
        await write(office.settings, topic, [*good, bad[0]], [bad[1], *good_ones(name, 100 * codec + 150)], codec=codec)
        codes += ["ok"] * len(good) + [GARBLED, GARBLED] + ["ok"] * len(good)
    await office.parts.ingest.handle(await office.new_records())
    await assert_answered(office, codes)


async def test_the_answer_to_a_garbled_name_repeats_nothing(office: Rig) -> None:
    """Such a header could have been any attribute: the receipt names the record by its place alone."""
    topic = inbound_topic(office.service.name, "zag")
    await write(office.settings, topic, [binary(a_report(office.service.name, 1), (b"ce_\xffsecret", b"secret"))])
    await office.parts.ingest.handle(await office.new_records())
    (receipt,) = await office.receipts()
    assert not {"reportId", "source", "path"} & receipt["data"].keys() and "subject" not in receipt
    assert receipt["id"].startswith(f"{topic}/0/0#")
    assert b"secret" not in msgspec.json.encode(receipt)


async def test_bytes_that_are_no_record_cost_only_their_record(office: Rig) -> None:
    """A header without a name, which Kafka refuses and the embedded broker keeps."""
    name = office.service.name

    def take_the_name(batch: bytearray) -> None:
        batch[batch.index(b"\x06odd\x02x")] = 1

    records = [structured(a_report(name, 1)), Raw(b"{}", ((b"odd", b"x"),)), structured(a_report(name, 2))]
    topic = inbound_topic(name, "zag")
    await write(office.settings, topic, records, change=take_the_name)
    await write(office.settings, topic, [structured(a_report(name, 3))])
    await office.parts.ingest.handle(await office.new_records())
    await assert_answered(office, ["ok", GARBLED, "ok", "ok"])


async def test_a_process_reads_on_behind_garbled_records(office: Rig, tmp_path: Path) -> None:
    """The process that `lotse up` starts, with its own consumer and group."""
    name = office.service.name
    records = mixed(name)
    await write(office.settings, inbound_topic(name, "zag"), [raw for raw, _ in records])
    command = Command(
        name, [sys.executable, "-m", f"services.{name}"], tmp_path / "log", environment_of(office.settings)
    )
    process = await launch(command)
    try:
        await quiet(office, len(records))
        more = good_ones(name, 9000)
        await write(office.settings, inbound_topic(name, "zag"), more)
        await quiet(office, len(records) + len(more))
    finally:
        process.kill()
        await process.wait()
    await assert_answered(office, [code for _, code in records] + ["ok"] * len(more))


async def test_garbled_snapshots_of_intake_do_not_keep_a_consent_from_being_heard(lamps: Rig) -> None:
    """No UTF-8, nested too deeply, no number: each is left out, and the case behind them is hidden."""
    await lamps.deal_with(lamp_event("switched-on", number=1))
    data = {
        "caseId": case(1),
        "item": "case",
        "sequence": 1,
        "cause": {"source": "/jc", "id": "1", "type": "lotse.intake.consent-revoked.v1"},
        "state": {"consentRevokedOn": "2026-05-01", "more": "?"},
        "because": [],
        "conflicts": [],
        "facts": [],
    }
    good = structured(event("intake", "case-changed", case(1)) | {"data": data})._replace(
        key=f"{case(1)}/case".encode()
    )
    assert good.value is not None
    odd = [b'"\xff"', b"[" * 9_000 + b"]" * 9_000, b"1e400", rb'"\ud800"']
    garbled = [good._replace(value=good.value.replace(b'"?"', fragment)) for fragment in odd]
    nameless = good._replace(headers=[(b"\xff", b"")], key=None)
    await write(lamps.settings, "events.intake", [*garbled, nameless, good])
    await Consent(lamps.pool, lamps.parts.speech).handle(await lamps.read("events.intake"))
    assert (await lamps.newest())[f"{case(1)}/lamp-a"] is None
    await lamps.verify()
