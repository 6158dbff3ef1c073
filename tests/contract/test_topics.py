"""Which partition a key belongs to."""

from __future__ import annotations

from aiokafka.partitioner import murmur2 as of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.topics import murmur2, partition_of


@given(st.binary(max_size=80))
def test_the_hash_of_a_key_is_that_of_every_kafka_client(key: bytes) -> None:
    """Every length, also one that is no multiple of four: with another hash a key would change its partition."""
    assert murmur2(key) == of_aiokafka(key)


def test_a_case_stays_in_its_partition() -> None:
    """Written down once, as Java's client has it: 21 is `murmur2` of an old example in Kafka's own tests."""
    assert murmur2(b"21") == -973932308 % (1 << 32)
    assert partition_of("21", 6) == (-973932308 & 0x7FFFFFFF) % 6
