"""The names of the topics, who a topic belongs to, and the partition of a key (contract §2)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from struct import unpack_from

import msgspec

CLOCK_TOPIC = "clock.days"
BOARD_TOPIC = "events.coordinator"
#: Keys that begin so belong to marks, which readers skip (readings 30).
MARK_PREFIX = b"_mark/"
_SEED, _FACTOR, _BITS = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF


@lru_cache(maxsize=200_000)
def partition_of(key: str, partitions: int) -> int:
    """Kafka's own choice of the partition for a key (murmur2), so that everybody's default agrees with ours."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def murmur2(key: bytes) -> int:
    """Kafka's hash of a key, 32 bits. aiokafka has it too, byte by byte in twice the time: with more cases than fit
    into the cache above it is needed for every message.
    """
    size = len(key)
    whole = size & ~3
    value = _SEED ^ size
    for word in unpack_from(f"<{size >> 2}I", key):
        word = word * _FACTOR & _BITS
        value = (value * _FACTOR ^ (word ^ word >> 24) * _FACTOR) & _BITS
    if whole != size:
        value = (value ^ int.from_bytes(key[whole:], "little")) * _FACTOR & _BITS
    value = (value ^ value >> 13) * _FACTOR & _BITS
    return value ^ value >> 15


def inbound_topic(service: str, institution: str) -> str:
    """Where an institution reports to a service."""
    return f"inbound.{service}.{institution}"


def institution_of(topic: str) -> str:
    """Whose an inbound or receipts topic is."""
    return topic.rsplit(".", 1)[1]


def inbound_pattern(service: str) -> str:
    """All inbound topics of a service, as a regular expression."""
    return rf"^inbound\.{service}\.[a-z][a-z0-9-]{{1,39}}$"


def receipts_topic(institution: str) -> str:
    """Where an institution reads the verdicts on its reports."""
    return f"receipts.{institution}"


def events_topic(service: str) -> str:
    """Where a service says its snapshots; compacted."""
    return f"events.{service}"


def dead_letters_topic(service: str) -> str:
    """Where operators read which records could not be worked on."""
    return f"dead-letters.{service}"


def mark_message(service: str, partition: int, now: datetime) -> tuple[bytes, bytes]:
    """Key and value of the daily mark in one partition of a compacted topic."""
    instant = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "specversion": "1.0",
        "id": f"mark/{partition}/{instant}",
        "source": f"/lotse/{service}",
        "type": "lotse.mark.v1",
        "time": instant,
        "datacontenttype": "application/json",
        "data": {},
    }
    return MARK_PREFIX + str(partition).encode(), msgspec.json.encode(event)
