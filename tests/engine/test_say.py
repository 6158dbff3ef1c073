"""Saying to a topic that is deleted meanwhile: a receipt waits in its row, whatever else is waited for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from shared.engine import say
from shared.engine.say import Message, Speaker
from shared.platform.metrics import Metrics
from tests.support.servers import settings_for

MESSAGE = Message("receipts.zag-muenster", 0, b"key", b"value")


class _Holding:
    """A producer that takes batches and hears no more of them; it knows `topics`, as far as the broker `answers`."""

    def __init__(self, *topics: str, answers: bool = True) -> None:
        self.topics, self.answers = set(topics), answers
        self.held: list[asyncio.Future[None]] = []
        self.client: Any = self
        self.cluster: Any = SimpleNamespace(partitions_for_topic=lambda topic: {0} if topic in self.topics else None)

    def create_batch(self) -> Any:
        return SimpleNamespace(append=lambda **_: object(), close=lambda: None)

    async def partitions_for(self, topic: str) -> set[int]:
        return {0}

    async def send_batch(self, *_: Any, **__: Any) -> asyncio.Future[None]:
        self.held.append(asyncio.get_running_loop().create_future())
        return self.held[-1]

    async def force_metadata_update(self) -> bool:
        return self.answers


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(say, "_LOOK_SECONDS", 0.01)


def _speaker(producer: Any) -> Speaker:
    speaker = Speaker(settings_for("recognition"), Metrics())
    speaker._producer = producer
    return speaker


async def test_a_deleted_topic_of_receipts_stops_nobody() -> None:
    """The client would wait for ever for the topic to come back."""
    async with asyncio.timeout(5):
        assert await _speaker(_Holding()).say([MESSAGE], may_wait=("receipts.",)) == {MESSAGE.topic}


@pytest.mark.parametrize(
    ("producer", "may_wait"),
    [
        (_Holding(MESSAGE.topic), ("receipts.",)),
        (_Holding(answers=False), ("receipts.",)),
        (_Holding(), ()),
    ],
    ids=["a topic that is there", "a broker that is away", "a topic that must be there"],
)
async def test_whatever_else_is_waited_for(producer: _Holding, may_wait: tuple[str, ...]) -> None:
    """A say that was handed over is never given up: it ends when the broker has acknowledged it."""
    saying = asyncio.create_task(_speaker(producer).say([MESSAGE], may_wait=may_wait))
    done, _ = await asyncio.wait({saying}, timeout=0.2)
    assert not done
    producer.held[0].set_result(None)
    assert await saying == set()
    assert len(producer.held) == 1
