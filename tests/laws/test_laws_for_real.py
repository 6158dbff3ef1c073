"""The laws again through a real broker and real databases, with the reports of a simulated region."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.coordinator.rebuild import verify
from shared.contracts.topics import BOARD_TOPIC, events_topic
from shared.engine import derive
from shared.engine.reporting import forget_places
from shared.platform.kafka import create_topics, delete_topics
from shared.rules.derive import derive_subject
from tests.laws.whole_line import SERVICES, WholeLine, batches_of, small_region, whole_line, without_reuse
from tests.services.coordinator.harness import rows_as_messages


async def _in_order(line: WholeLine, seed: int) -> None:
    plan = small_region(seed)
    for service, records in (await line.put(plan)).items():
        kept = without_reuse(records, plan)
        # Order between partitions is nobody's promise; this one is by the time of arrival.
        await line.deal_with(service, [sorted(kept, key=lambda record: (record.timestamp, record.offset))])
    await line.follow()


async def _anyhow(line: WholeLine, seed: int) -> None:
    plan, rng = small_region(seed), random.Random(seed)
    for service, records in (await line.put(plan)).items():
        await line.deal_with(service, batches_of(rng, without_reuse(records, plan), repeat=True))
    await line.follow(rng)


@pytest.mark.parametrize("seed", [2])
async def test_order_batches_and_repetition_do_not_matter(postgres: str, run_folder: Path, seed: int) -> None:
    """Law 1: in order or anyhow, the same items, standings and board."""
    async with whole_line(postgres, run_folder / f"one-{seed}") as one:
        await _in_order(one, seed)
        expected = await one.everything()
    async with whole_line(postgres, run_folder / f"other-{seed}") as other:
        await _anyhow(other, seed)
        found = await other.everything()
    assert len(expected[2]) > 2
    assert found == expected


async def test_rules_that_follow_the_order_are_found_out(
    postgres: str, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The law can fail: rules that leave out an odd last fact do not say what all facts together say."""

    def careless(book, facts, context):  # type: ignore[no-untyped-def]
        seen = list(facts)
        state = derive_subject(book, seen, context)
        return replace(state, items=derive_subject(book, seen[: len(seen) // 2 * 2], context).items)

    monkeypatch.setattr(derive, "derive_subject", careless)
    async with whole_line(postgres, run_folder / "careless") as line:
        await _anyhow(line, 1)
        careless_items = await line.items()
        monkeypatch.setattr(derive, "derive_subject", derive_subject)
        for running in line.rigs.values():
            await running.parts.upkeep.rederive()
        assert await line.items() != careless_items


async def test_nothing_is_lost_and_said_is_stored(postgres: str, run_folder: Path) -> None:
    """Laws 2 and 3: every record, mistakes included, has one row and a readable receipt."""
    plan, rng = small_region(3, people=8), random.Random(3)
    async with whole_line(postgres, run_folder / "nothing-lost") as line:
        for service, records in (await line.put(plan)).items():
            await line.deal_with(service, batches_of(rng, records, repeat=True))
        await line.follow(rng)
        for running in line.rigs.values():
            await running.verify()
        said = await line.rigs["intake"].newest(BOARD_TOPIC)
        # A case that was hidden from the beginning was never said, so it needs no tombstone.
        expected = await rows_as_messages(line.pool)
        assert {key: expected[key] for key in said} == said
        assert all(value is None for key, value in expected.items() if key not in said)


async def test_board_and_topics_can_be_thrown_away(postgres: str, run_folder: Path) -> None:
    """Laws 5 and 6: the board made anew from the topics is equal, also with topics made anew."""
    async with whole_line(postgres, run_folder / "thrown-away") as line:
        await _in_order(line, 4)
        before = await line.board()
        found = await verify(line.settings, line.coordinator.registry, line.pool, lambda _: None)
        assert (found.cases, found.different) == (len(before), 0)
        topics = [events_topic(service) for service in SERVICES]
        await delete_topics(line.broker.access, topics)
        assert not await create_topics(line.broker.access, [(topic, 6, {}) for topic in topics])
        await forget_places(line.settings, line.pool, {"coordinator": topics})
        for running in line.rigs.values():
            await running.parts.upkeep.republish()
        await line.follow()
        assert await line.board() == before
        found = await verify(line.settings, line.coordinator.registry, line.pool, lambda _: None)
        assert (found.cases, found.different) == (len(before), 0)
