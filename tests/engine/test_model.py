"""Random runs of the loop: whatever dies, wakes late, moves or is said twice, nothing is lost, the newest record holds.

`LOTSE_MODEL_RUNS=300000 pytest tests/engine/test_model.py` runs longer; a failure names the seed that shows it.
"""

from __future__ import annotations

import os
import random
from uuid import UUID

import pytest
from msgspec.structs import replace

from shared.contracts.envelope import Refusal, Report, digest_of
from shared.contracts.fact import Fact
from tests.engine.model import Rules, World

RUNS = int(os.environ.get("LOTSE_MODEL_RUNS", "1500"))
#: So many runs must be enough to find a broken rule.
ENOUGH = 1500


def _records(rng: random.Random) -> list[Report | Refusal]:
    """Reports of three cases: switches, notes, corrections, retractions, resends, reused ids, broken records."""
    subjects = [str(UUID(int=rng.getrandbits(128), version=4)) for _ in range(3)]
    records: list[Report | Refusal] = []
    for number in range(rng.randint(5, 12)):
        kind = rng.random()
        before = [record for record in records if isinstance(record, Report)]
        if kind < 0.15 and before:
            known = rng.choice(before)
            records.append(replace(known, fact=replace(known.fact, time=known.fact.time + rng.randint(-5, 5))))
        elif kind < 0.22:
            records.append(Refusal("json.invalid", None, None, None, None))
        elif kind < 0.3 and before:
            known = rng.choice(before)
            records.append(_report(rng, rng.choice([known.subject, *subjects]), known.id, known.fact.source, None))
        else:
            corrected = rng.choice(before) if before and kind < 0.5 else None
            subject = corrected.subject if corrected else rng.choice(subjects)
            source = corrected.source if corrected else f"/zag/{rng.choice('ab')}"
            records.append(_report(rng, subject, f"r-{number}", source, corrected))
    return records


def _report(rng: random.Random, subject: str, id_: str, source: str, corrected: Report | None) -> Report:
    name = rng.choice(["switched-on", "switched-off", "noted"])
    data: dict[str, str] = {"occurredOn": f"2026-03-{rng.randint(1, 9):02}"}
    corrects = None
    if corrected is not None and rng.random() < 0.4:
        name, item = "retracted", ""
        data |= {"reportId": corrected.id, "reason": "wrong-case"}
    else:
        corrects = corrected.id if corrected else None
        lamp = rng.choice(["lamp-a", "lamp-b"])
        item = "room" if name == "noted" else lamp
        data |= {"note": rng.choice("xyz")} if name == "noted" else {"lampId": lamp[5:]}
    fact = Fact(source, id_, name, item, data["occurredOn"], rng.randint(0, 99), data, corrects)
    return Report(source, id_, subject, fact, digest_of(name, subject, corrects, data))


def _world(seed: int, rules: Rules) -> World:
    """A world after a while of trouble; how much of what kind differs from run to run."""
    rng = random.Random(seed)
    world = World(rng, rules, _records(rng), days=rng.randint(0, 9))
    for group in (world.services, world.services, world.coordinators, world.coordinators):
        world.start(group)
    arrival, death, change = rng.choice([0.05, 0.1, 0.3]), rng.choice([0.01, 0.03, 0.1]), rng.choice([0.0, 0.02, 0.1])
    for _ in range(rng.randint(20, 300)):
        _happen(rng, world, arrival, death, change)
    return world


def _happen(rng: random.Random, world: World, arrival: float, death: float, change: float) -> None:
    everybody = world.everybody()
    if rng.random() < arrival:
        world.arrive()
    if rng.random() < change:
        rng.choice([world.services, world.coordinators]).rebalance(rng)
    if rng.random() < change:
        world.visit()
    if everybody and rng.random() < death:
        world.kill(rng.choice(everybody))
    for group in (world.services, world.coordinators):
        if len(group.members) < 2 and rng.random() < 0.2:
            world.start(group)
    everybody = world.everybody()
    if everybody:
        world.step(rng.choice(everybody))


def _run(seed: int, rules: Rules) -> list[str]:
    """One run; returns what is wrong at its end."""
    world = _world(seed, rules)
    world.become_quiet()
    wrong = [f"stale before anti-entropy: {key}" for key in sorted(world.stale() - world.excused)]
    wrong += [f"no row or no receipt: {position}" for position in world.unanswered()]
    wrong += [f"board differs: {subject}" for subject in sorted(world.wrong_boards())]
    if not wrong:
        world.anti_entropy()
        wrong += [f"stale after anti-entropy: {key}" for key in sorted(world.stale())]
    return wrong


def test_every_interleaving_ends_in_the_same_board_and_loses_nothing() -> None:
    """Rows, receipts, boards and the newest records agree after any run."""
    for seed in range(RUNS):
        wrong = _run(seed, Rules())
        assert not wrong, f"seed {seed}: {wrong}"


@pytest.mark.parametrize(
    "broken",
    [
        Rules(look=False),
        Rules(commit_last=False),
        Rules(say_from_rows=False),
        Rules(day_from_rows=False),
        Rules(one_day_row=False),
    ],
    ids=["no look", "commit before say", "say from the transition", "day said from the transition", "no day row"],
)
def test_a_broken_rule_is_found_out(broken: Rules) -> None:
    """The model can fail: each rule that is left out leads to a run that ends wrongly."""
    assert any(_run(seed, broken) for seed in range(ENOUGH)), f"{broken} did no harm in {ENOUGH} runs"


def test_the_excuse_is_rare() -> None:
    """Only a late say at a death leaves a record stale; nearly every run does without that excuse."""
    excused = 0
    for seed in range(300):
        world = _world(seed, Rules())
        world.become_quiet()
        excused += bool(world.stale())
    assert excused < 30
