"""Snapshots for the benchmark: what recognition says of each procedure step by step, made by its own rules."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

from bench.reports import INBOUND, report
from lotse.stack.services import default_institutions
from services.recognition.__main__ import SERVICE
from shared.contracts.envelope import Report, parse_report
from shared.contracts.fact import Fact
from shared.contracts.snapshot import Cause
from shared.contracts.topics import events_topic, partition_of
from shared.engine.decide import snapshot_message
from shared.engine.reporting import context_of
from shared.engine.say import Message
from shared.platform.institutions import Institutions, InstitutionsFile
from shared.rules.derive import derive_subject, to_content

_NOW = 1_767_225_600_000


def snapshots(all_cases: Sequence[str], steps: int, partitions: int, seed: int = 13) -> list[Message]:
    """Every case's procedure after each of its steps, in random order of the cases, each case's in their order."""
    institutions = InstitutionsFile(default_institutions()).current()
    by_case = [list(_of_case(institutions, case, number, steps, partitions)) for number, case in enumerate(all_cases)]
    rng = random.Random(seed)
    order = [number for number in range(len(by_case)) for _ in range(steps)]
    rng.shuffle(order)
    following = [iter(messages) for messages in by_case]
    return [next(following[number]) for number in order]


def _of_case(institutions: Institutions, case: str, number: int, steps: int, partitions: int) -> Iterator[Message]:
    context, facts = context_of(institutions), list[Fact]()
    for step in range(steps):
        sent = report(case, number, step)
        record = SimpleNamespace(topic=INBOUND, value=sent.value, headers=sent.headers)
        parsed = parse_report("recognition", SERVICE.reports, institutions, record)
        assert isinstance(parsed, Report), parsed
        facts.append(parsed.fact)
        ((name, item),) = derive_subject(SERVICE.book, facts, context).items.items()
        content = to_content("recognition", name, item)
        cause = Cause(parsed.source, parsed.id, f"lotse.recognition.{parsed.fact.name}.v1")
        value = snapshot_message(SERVICE, case, name, step + 1, cause, _NOW, content)
        yield Message(events_topic("recognition"), partition_of(case, partitions), f"{case}/{name}".encode(), value)
