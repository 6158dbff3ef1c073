"""The laws of the coordinator: any order, any repetition, any number of processes, and a death at any moment."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from services.coordinator.compare import answers_of
from services.coordinator.snapshots import Folded, fold
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC
from shared.engine.say import Message
from tests.services.coordinator.harness import TOPICS, Rig, case_id, day, rig, snapshot
from tests.support.eventually import until
from tests.support.items import case, entry, permit, procedure
from tests.support.servers import fresh_database, running_broker

CASES = 6
DAYS = ("2026-01-15", "2026-02-05", "2026-02-20", "2026-03-10")
EVERYTHING = [*sorted(set(TOPICS) - {BOARD_TOPIC}), CLOCK_TOPIC]


def story() -> list[Message]:
    """Cases whose items say several things each, with deadlines that fall on the days."""
    said: list[Message] = []
    for number in range(CASES):
        name = case_id(number)
        said.append(snapshot(name, case(entry("2026-01-02", "open", access="permit-needed")), 1))
        said.append(snapshot(name, case(entry("2026-01-20", "open", access="free"), ags="05162024"), 2))
        for sequence, status in enumerate(("advised", "submitted", "complete"), 1):
            stalled = f"2026-02-{number + sequence:02}"
            said.append(snapshot(name, procedure("a", status, f"2026-01-1{sequence}", stalledFrom=stalled), sequence))
        said.append(snapshot(name, permit("p", "requested", "2026-01-12", stalledFrom="2026-03-01"), 1))
    return said


async def final(board: Rig) -> dict[str, bytes]:
    """All answers of the board, by case."""
    async with board.pool.acquire() as connection:
        return await answers_of(connection, [case_id(number) for number in range(CASES)])


def parts(records: Sequence[ConsumerRecord], chance: random.Random) -> list[list[ConsumerRecord]]:
    """The records in any order, some of them several times, in batches of any size."""
    wanted = [*records, *chance.sample(records, len(records) // 2)]
    chance.shuffle(wanted)
    found: list[list[ConsumerRecord]] = []
    while wanted:
        size = chance.randint(1, 12)
        found.append(wanted[:size])
        wanted = wanted[size:]
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_any_batches_any_processes_give_one_board(
    board: Rig, run_folder: Path, postgres: str, seed: int
) -> None:
    """Law 1, days among the snapshots included; and the newest record of every key equals its row (law 3)."""
    chance = random.Random(seed)
    await board.deal_with(*map(day, DAYS), *story())
    records = await board.read(*EVERYTHING)
    expected = await final(board)
    assert len(expected) == CASES
    async with fresh_database(postgres) as other, running_broker(run_folder) as broker:
        await broker.create(*TOPICS, CLOCK_TOPIC)
        async with rig(other, broker) as first, rig(other, broker) as second:
            work: list[Any] = [[], []]
            for part in parts(records, chance):
                work[chance.randint(0, 1)].append(part)

            async def deal(process: Rig, batches: list[list[ConsumerRecord]]) -> None:
                for batch in batches:
                    await process.parts.inbox.handle(batch)

            await asyncio.gather(deal(first, work[0]), deal(second, work[1]))
            assert await final(first) == expected
            await first.verify()


@pytest.mark.parametrize("seed", range(4))
async def test_a_death_at_any_moment_loses_nothing(board: Rig, run_folder: Path, postgres: str, seed: int) -> None:
    """Whatever was stored and not said is said when the records come again; so is what a day had changed."""
    chance = random.Random(100 + seed)
    await board.deal_with(*map(day, DAYS), *story())
    records = await board.read(*EVERYTHING)
    expected = await final(board)
    chance.shuffle(records)
    async with fresh_database(postgres) as other, running_broker(run_folder) as broker:
        await broker.create(*TOPICS, CLOCK_TOPIC)
        done = 0
        while done < len(records):
            batch = records[done : done + chance.randint(1, 15)]
            async with rig(other, broker) as process:
                _die_after(process, chance.randint(0, 6))
                try:
                    await process.parts.inbox.handle(batch)
                    # The offsets are committed.
                    done += len(batch)
                except Killed:
                    continue
        async with rig(other, broker) as process:
            assert await final(process) == expected
            await process.verify()


async def test_a_stale_message_is_said_over(board: Rig) -> None:
    """Look: a row that moved on while it was being said is said again, so that the last record is the newest."""
    name = case_id(1)
    await board.deal_with(day("2026-02-01"), snapshot(name, procedure("a", "advised", turn="applicant")))
    speech, say = board.parts.speech, board.speaker.say
    late = snapshot(name, procedure("a", "submitted", turn="competent-body"), 2)
    again = snapshot(name, procedure("a", "complete", turn="capacity"), 3)

    async def overtaken(messages: Any, **named: Any) -> set[str]:
        # Another process stores and says a newer state before the old message goes out.
        board.speaker.say = say  # type: ignore[method-assign]
        kept = list(messages)
        await board.deal_with(again)
        return await say(kept, **named)

    async with board.pool.acquire() as connection:
        outcome = await board.parts.store.snapshots(connection, _arrived(board, late), {})
    board.speaker.say = overtaken  # type: ignore[method-assign]
    await speech.say(outcome)
    await board.verify()


async def test_two_processes_that_meet_a_new_case_keep_both_items(board: Rig) -> None:
    """There is no row to lock yet: who comes second waits for the first, and then takes over beside it."""
    name, store = case_id(1), board.parts.store
    waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    async with board.pool.acquire() as first, board.pool.acquire() as second:
        transaction = first.transaction()
        await transaction.start()
        said = await store.snapshots(first, _arrived(board, snapshot(name, procedure("a", "submitted"))), {})
        late = asyncio.create_task(
            store.snapshots(second, _arrived(board, snapshot(name, permit("p", "requested"))), {})
        )
        await until("the second waits for the first", lambda: board.pool.fetchval(waiting))
        await transaction.commit()
        await board.parts.speech.say(said)
        await board.parts.speech.say(await late)
    assert [item["item"] for item in (await board.get(f"/v1/cases/{name}"))["items"]] == ["permit-p", "procedure-a"]
    await board.verify()


class Killed(BaseException):
    """The process dies here."""


def _die_after(process: Rig, steps: int) -> None:
    """Lets a process die at its n-th step: before or after a message was handed over, or a transaction."""
    left = steps
    say, derive, store = process.speaker.say, process.parts.store.by_day, process.parts.store.snapshots

    def mortal(step: Any) -> Any:
        async def maybe(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            result = await step(*arguments, **named)
            left -= 1
            if left < 0:
                raise Killed
            return result

        return maybe

    process.speaker.say = mortal(say)  # type: ignore[method-assign]
    process.parts.store.by_day = mortal(derive)  # type: ignore[method-assign]
    process.parts.store.snapshots = mortal(store)  # type: ignore[method-assign]


def _arrived(board: Rig, message: Message) -> Any:
    folded = Folded({}, {})
    record = SimpleNamespace(**message._asdict(), timestamp=0, headers=())
    fold(board.parts.inbox.services, [record], folded)
    return folded.cases
