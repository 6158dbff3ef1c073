"""What is said again from the rows: anti-entropy, republish, waiting receipts, hidden cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.contracts.topics import partition_of
from shared.engine.consent import Consent
from shared.engine.say import Message
from tests.engine.harness import Rig, case, lamp_event, rig, topics_of
from tests.engine.toy import LAMPS
from tests.support.servers import Broker


async def _stale(running: Rig) -> None:
    """Somebody who died said an old state late: the newest record is no longer what the row says."""
    key = f"{case(1)}/lamp-a"
    number = partition_of(case(1), running.settings.partitions)
    await running.speaker.say([Message("events.recognition", number, key.encode(), b'{"stale": true}')])
    assert (await running.newest())[key] == b'{"stale": true}'


async def test_anti_entropy_heals_what_a_late_say_left_stale(lamps: Rig) -> None:
    """After one run the newest record of each key is its row, and every partition has a mark."""
    await lamps.deal_with(lamp_event("switched-on", number=1), lamp_event("noted", number=2, note="x"))
    await _stale(lamps)
    assert await lamps.parts.upkeep.anti_entropy() == 2
    await lamps.verify()
    keys = {record.key for record in await lamps.read("events.recognition")}
    assert {f"_mark/{number}".encode() for number in range(lamps.settings.partitions)} <= keys


async def test_anti_entropy_leaves_out_what_did_not_change_lately(lamps: Rig) -> None:
    """Only what changed in the last two days is said again; republish says everything."""
    await lamps.deal_with(lamp_event("switched-on", number=1))
    await _stale(lamps)
    await lamps.pool.execute("update item set changed_at = now() - interval '3 days'")
    assert await lamps.parts.upkeep.anti_entropy() == 0
    assert await lamps.parts.upkeep.republish() == 1
    await lamps.verify()


async def test_republish_says_the_same_bytes(lamps: Rig) -> None:
    """A message can be said again from its row, byte for byte."""
    await lamps.deal_with(*(lamp_event("switched-on", number=n) for n in range(1, 20)))
    before = await lamps.newest()
    await lamps.parts.upkeep.republish()
    records = [r for r in await lamps.read("events.recognition") if r.key.decode() in before]
    assert len(records) == 2 * len(before)
    assert all(record.value == before[record.key.decode()] for record in records)


async def test_a_long_run_goes_on_where_it_stopped(lamps: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor is stored with each chunk, so a stop costs one chunk."""
    monkeypatch.setattr("shared.engine.upkeep._CHUNK", 2)
    await lamps.deal_with(*(lamp_event("switched-on", number=n) for n in range(1, 8)))
    said: list[str] = []
    real = lamps.parts.speech.say_subjects

    async def twice(subjects: Any, **named: Any) -> None:
        if len(said) == 4:
            raise ConnectionError("the process is stopped here")
        said.extend(subjects)
        await real(subjects, **named)

    lamps.parts.speech.say_subjects = twice  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await lamps.parts.upkeep.republish()
    lamps.parts.speech.say_subjects = real  # type: ignore[method-assign]
    assert await lamps.parts.upkeep.republish() == 3
    assert await lamps.parts.upkeep.republish() == 7


async def test_rederive_raises_the_sequence_only_where_the_bytes_differ(
    lamps: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rules change nothing; new rules say what differs with the next sequence."""
    await lamps.deal_with(lamp_event("switched-on", number=1), lamp_event("noted", number=2, note="x"))
    before = await lamps.newest()
    await lamps.parts.upkeep.rederive()
    assert await lamps.newest() == before
    monkeypatch.setattr("tests.engine.toy.LIT", "bright")
    await lamps.parts.upkeep.rederive()
    after = await lamps.newest()
    assert {key for key in after if after[key] != before[key]} == {f"{case(1)}/lamp-a"}
    data = msgspec.json.decode(after[f"{case(1)}/lamp-a"] or b"")["data"]
    assert (data["sequence"], data["state"]["status"], data["cause"]["id"]) == (2, "bright", "rederive")
    await lamps.verify()


async def test_after_a_restore_every_item_is_said_beyond_what_was_said_before(lamps: Rig) -> None:
    """What the lost database had said is older for every reader; what is said now is the row."""
    await lamps.deal_with(lamp_event("switched-on", number=1), lamp_event("noted", number=2, note="x"))
    before = {key: msgspec.json.decode(value or b"")["data"] for key, value in (await lamps.newest()).items()}
    assert await lamps.parts.upkeep.restored() == 2
    after = {key: msgspec.json.decode(value or b"")["data"] for key, value in (await lamps.newest()).items()}
    assert {key: data["sequence"] for key, data in after.items()} == dict.fromkeys(before, 1_000_002)
    assert {key: data["state"] for key, data in after.items()} == {key: data["state"] for key, data in before.items()}
    await lamps.verify()


async def test_receipts_after_a_restore_count_as_newer(lamps: Rig) -> None:
    """What the lost database had said of a report has a lower version than what is said now, of an answer too."""
    event = lamp_event("switched-on", id="r-1", number=1)
    await lamps.deal_with(event)
    await lamps.deal_with(event, b"{broken")
    before = await _versions(lamps)
    assert len(before) == 3
    await lamps.parts.upkeep.restored()
    assert await _versions(lamps) == {place: version + 1_000_000 for place, version in before.items()}
    await lamps.verify()


async def _versions(running: Rig) -> dict[tuple[Any, ...], int]:
    """The highest version of the receipts of each record."""
    versions: dict[tuple[Any, ...], int] = {}
    for receipt in await running.receipts():
        data = receipt["data"]
        place = tuple(data["record"].values())
        versions[place] = max(versions.get(place, 0), data["version"])
    return versions


async def test_a_missing_receipts_topic_stops_nobody_and_its_receipts_wait(
    database: str, broker: Broker, tmp_path: Path
) -> None:
    """The receipt waits in its row, others are said, and it is said once the topic is there."""
    await broker.create(*topics_of(LAMPS))
    async with rig(LAMPS, database, broker, tmp_path) as running:
        missing = {"receipts.ihk"}
        real = running.speaker._exists

        async def exists(topic: str) -> bool:
            return topic not in missing and await real(topic)

        running.speaker._exists = exists  # type: ignore[method-assign]
        event = lamp_event("switched-on", id="r-ihk", number=2, source="/ihk")
        await running.send(event, event, b"{broken", institution="ihk")
        await running.send(lamp_event("switched-on", id="r-zag", number=1))
        records = await running.new_records()
        await running.parts.ingest.handle(records)
        assert await running.standings() == {"r-zag": (1, "ok")}
        assert await running.receipts("ihk") == []
        await running.verify()
        assert await running.parts.speech.say_waiting() == 3
        # A redelivery finds the topic missing, too, and must not forget the receipts.
        await running.pool.execute("update fact set waiting = false")
        await running.parts.ingest.handle(records)
        assert await running.parts.speech.say_waiting() == 3
        missing.clear()
        assert await running.parts.speech.say_waiting() == 0
        assert (await running.standings("ihk"))["r-ihk"] == (1, "ok")
        assert len(await running.receipts("ihk")) == 3
        await running.verify()


async def _intake_says(running: Rig, number: int, sequence: int, revoked: bool) -> None:
    """What intake publishes of a case; the toy service follows it."""
    state = {"status": "open"} | ({"consentRevokedOn": "2026-05-01"} if revoked else {})
    data = {
        "caseId": case(number),
        "item": "case",
        "sequence": sequence,
        "cause": {"source": "/jc", "id": "1", "type": "lotse.intake.consent-revoked.v1"},
        "state": state,
        "because": [],
        "conflicts": [],
        "facts": [],
    }
    event = {
        "specversion": "1.0",
        "id": f"{case(number)}/case/{sequence}",
        "source": "/lotse/intake",
        "type": "lotse.intake.case-changed.v1",
        "subject": case(number),
        "time": "2026-05-01T08:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    place = partition_of(case(number), running.settings.partitions)
    key = f"{case(number)}/case".encode()
    await running.speaker.say([Message("events.intake", place, key, msgspec.json.encode(event))])


async def test_a_revoked_consent_hides_the_case_until_a_new_one(lamps: Rig) -> None:
    """Tombstones for the case's keys; rows keep their sequences and are said again after a new consent."""
    consent = Consent(lamps.pool, lamps.parts.speech)
    await lamps.deal_with(lamp_event("switched-on", number=1), lamp_event("switched-on", number=2))
    await _intake_says(lamps, 1, 3, True)
    await consent.handle(await lamps.read("events.intake"))
    assert (await lamps.newest())[f"{case(1)}/lamp-a"] is None
    await lamps.deal_with(lamp_event("switched-off", number=1, day="2026-05-02"))
    assert (await lamps.newest())[f"{case(1)}/lamp-a"] is None
    await lamps.verify()
    await _intake_says(lamps, 1, 4, False)
    await consent.handle(await lamps.read("events.intake"))
    assert (await lamps.state(1, "lamp-a"))["status"] == "off"
    await lamps.verify()


async def test_a_death_between_showing_a_case_and_saying_it_is_made_up_for(lamps: Rig) -> None:
    """The same snapshots again say the case again, also when a later one came meanwhile."""
    await lamps.deal_with(lamp_event("switched-on", number=1))
    await _intake_says(lamps, 1, 3, True)
    await Consent(lamps.pool, lamps.parts.speech).handle(await lamps.read("events.intake"))
    await _intake_says(lamps, 1, 4, False)
    silent = Consent(lamps.pool, lamps.parts.speech)

    async def die(_: Any) -> None:
        raise ConnectionError("the process dies here")

    real, lamps.parts.speech.say_subjects = lamps.parts.speech.say_subjects, die  # type: ignore[method-assign,assignment]
    with pytest.raises(ConnectionError):
        await silent.handle(await lamps.read("events.intake"))
    lamps.parts.speech.say_subjects = real  # type: ignore[method-assign]
    await _intake_says(lamps, 1, 5, False)
    await Consent(lamps.pool, lamps.parts.speech).handle(await lamps.read("events.intake"))
    await lamps.verify()


async def test_what_moves_on_while_it_is_said_is_said_again(lamps: Rig) -> None:
    """Look: another process stores and says a newer state before our older message arrives."""
    await lamps.deal_with(lamp_event("switched-on", number=1))
    real = lamps.speaker.say
    newer = lamp_event("switched-off", number=1, day="2026-05-03")
    raced: list[bool] = []

    async def say_late(messages: Any, **named: Any) -> set[str]:
        messages = list(messages)
        if not raced and any(message.topic == "events.recognition" for message in messages):
            raced.append(True)
            await lamps.deal_with(newer)
        return await real(messages, **named)

    lamps.speaker.say = say_late  # type: ignore[method-assign]
    await lamps.parts.speech.say_subjects([case(1)])
    await lamps.verify()
    records = await lamps.read("events.recognition")
    assert [msgspec.json.decode(record.value)["data"]["sequence"] for record in records] == [1, 2, 1, 2]
