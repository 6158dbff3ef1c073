"""`lotse publish`: reports of institutions, sent as they are, and what became of them."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from aiokafka.errors import KafkaError
from rich.markup import escape
from rich.table import Table

from lotse.cli.events import Outgoing, read_events
from lotse.cli.inbox import Place, Receipt, ReceiptReader
from lotse.cli.institutions import read_institutions, require_right
from lotse.cli.out import answer, argument, option, table, tell, tell_json
from lotse.cli.receipts import explain, verdict_cell
from lotse.cli.where import Kafka, kafka
from lotse.cli.words import fact_word
from lotse.errors import ExplainedError
from shared.platform.senders import Senders
from shared.platform.services import reporting_services
from shared.platform.settings import SettingsError

#: With more than so many reports the table counts by topic and verdict instead of listing each.
_LISTED = 40

FILE = "Datei mit CloudEvents, oder - für die Standardeingabe | file with CloudEvents, or - for standard input"


def publish(
    file: Annotated[str, argument(metavar="FILE|-", help=FILE)],
    wait: Annotated[
        float, option("--wait", min=0, help="so viele Sekunden auf Quittungen warten | seconds to wait for receipts")
    ] = 10.0,
    no_wait: Annotated[
        bool, option("--no-wait", help="nicht auf Quittungen warten | do not wait for receipts")
    ] = False,
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Meldet, was Institutionen melden: ein CloudEvent, eine Liste oder eines je Zeile. [dim]Publishes reports.[/dim]

    Das Topic ergibt sich aus `type` und `source`. [dim]The topic follows from `type` and `source`.[/dim]
    """
    events = read_events(_content(file))
    at = kafka()
    institutions = read_institutions(at.institutions)
    for event in events:
        require_right(institutions, event.institution, event.service, reporting_services())
    places, receipts = asyncio.run(_publish(at, events, 0.0 if no_wait else wait))
    if as_json:
        tell_json({"published": [_described(*pair, receipts) for pair in zip(events, places, strict=True)]})
        return
    answer.print(_listed(events, places, receipts) if len(events) <= _LISTED else _counted(events, places, receipts))
    _tell_rest(events, places, receipts, waited=not no_wait)


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ExplainedError(
            de=f"Die Datei {file} ist nicht zu lesen ({error.strerror}).",
            en=f"The file {file} cannot be read ({error.strerror}).",
        ) from None


async def _publish(at: Kafka, events: Sequence[Outgoing], seconds: float) -> tuple[list[Place], dict[Place, Receipt]]:
    """Sends the events and waits for their receipts; returns where each stands, and the receipts by that place."""
    if seconds <= 0:
        return await _send(at, events), {}
    async with ReceiptReader(at, sorted({event.institution for event in events})) as reader:
        places = await _send(at, events)
        receipts: dict[Place, Receipt] = {}
        try:
            async with asyncio.timeout(seconds):
                async for arrived in reader.from_now():
                    for receipt in arrived:
                        _keep(receipts, receipt)
                    if receipts.keys() >= set(places):
                        break
        except TimeoutError:
            pass  # what is missing is told
        return places, receipts


def _keep(receipts: dict[Place, Receipt], receipt: Receipt) -> None:
    known = receipts.get(receipt.place)
    if known is None or receipt.rank >= known.rank:
        receipts[receipt.place] = receipt


async def _send(at: Kafka, events: Sequence[Outgoing]) -> list[Place]:
    """Sends every event to the topic of its institution; returns where each one stands when the broker has it."""
    headers = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
    async with Senders(at.login) as senders:
        try:
            producers = {event.institution: await senders.of(event.institution) for event in events}
        except (KafkaError, SettingsError) as error:
            raise ExplainedError(
                de=f"Der Broker {at.access.brokers} lässt nicht ein ({error}). Läuft Lotse? Prüfen: `lotse doctor`.",
                en=f"The broker {at.access.brokers} does not let in ({error}). Does Lotse run? Check: `lotse doctor`.",
            ) from None
        try:
            sent = [
                await producers[event.institution].send(
                    event.topic, event.value, key=event.subject.encode() if event.subject else None, headers=headers
                )
                for event in events
            ]
            stored = await asyncio.gather(*sent)
        except KafkaError as error:
            raise ExplainedError(
                de=f"Der Broker nimmt das nicht an: {type(error).__name__}: {error}. Prüfen Sie mit `lotse doctor`.",
                en=f"The broker does not take this: {type(error).__name__}: {error}. Check with `lotse doctor`.",
            ) from None
    return [(record.topic, record.partition, record.offset) for record in stored]


def _described(event: Outgoing, place: Place, receipts: dict[Place, Receipt]) -> dict[str, Any]:
    topic, partition, offset = place
    receipt = receipts.get(place)
    return {
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "record": {"topic": topic, "partition": partition, "offset": offset},
        "receipt": dict(receipt.data) if receipt else None,
    }


def _listed(events: Sequence[Outgoing], places: Sequence[Place], receipts: dict[Place, Receipt]) -> Table:
    rows = table("Meldung | report", "id", "Topic | partition/offset", "Urteil | verdict")
    for event, place in zip(events, places, strict=True):
        receipt = receipts.get(place)
        rows.add_row(
            fact_word(event.type).both,
            escape(event.id),
            f"{place[0]} [dim]{place[1]}/{place[2]}[/dim]",
            verdict_cell(receipt.data) if receipt else "[dim]…[/dim]",
        )
    return rows


def _counted(events: Sequence[Outgoing], places: Sequence[Place], receipts: dict[Place, Receipt]) -> Table:
    counts: Counter[tuple[str, str]] = Counter()
    for event, place in zip(events, places, strict=True):
        receipt = receipts.get(place)
        counts[event.topic, verdict_cell(receipt.data) if receipt else "[dim]…[/dim]"] += 1
    rows = table("Topic", "Urteil | verdict", ">Zahl | number")
    for (topic, verdict), number in sorted(counts.items()):
        rows.add_row(topic, verdict, str(number))
    return rows


def _tell_rest(
    events: Sequence[Outgoing], places: Sequence[Place], receipts: dict[Place, Receipt], *, waited: bool
) -> None:
    """What the receipts say to do, each once, and which are missing."""
    told = set()
    for place in places:
        receipt = receipts.get(place)
        if receipt and receipt.data["code"] not in told and receipt.data["code"] != "ok":
            told.add(receipt.data["code"])
            explain(receipt.data)
    missing = {event.institution for event, place in zip(events, places, strict=True) if place not in receipts}
    if missing and waited:
        names = ", ".join(f"`lotse receipts {name}`" for name in sorted(missing))
        tell(f"Noch nicht beantwortet; später: {names}.", f"Not answered yet; later: {names}.")
