"""Fetches that aiokafka cannot read, without a broker: what is read of them, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.platform import lenient
from tests.engine.garbled import GZIP, PLAIN, Raw, batch_bytes

lenient.read_on()
#: What aiokafka would read with, if it were left as it is.
PartitionRecords = fetcher.PartitionRecords.__mro__[1]
_PLACE = TopicPartition("inbound.intake.zag", 0)
_records = st.lists(
    st.builds(
        Raw,
        st.none() | st.binary(max_size=20),
        st.lists(st.tuples(st.text(max_size=5).map(str.encode), st.none() | st.binary(max_size=5)), max_size=3),
        st.none() | st.binary(max_size=5),
    ),
    min_size=1,
    max_size=6,
)
_batches = st.lists(_records, min_size=1, max_size=4)
_GARBLED = Raw(b"garbled", ((b"\xff\x80", b"1"),))


def fetch(*batches: Sequence[Raw], codec: int = PLAIN) -> bytearray:
    """What a broker answers: batches, their offsets running on."""
    found, offset = bytearray(), 0
    for records in batches:
        built = batch_bytes(records, codec)
        built[:8] = offset.to_bytes(8, "big")
        found += built
        offset += len(records)
    return found


def read(raw: bytes | bytearray, start: int = 0, *, stock: bool = False) -> tuple[list[tuple[Any, ...]], int]:
    """Offsets, keys, values and headers of a fetch as a consumer gets them, and where it reads on."""
    memory, partition = (
        (MemoryRecords, PartitionRecords) if stock else (fetcher.MemoryRecords, fetcher.PartitionRecords)
    )
    records = partition(_PLACE, memory(bytes(raw)), None, start, None, None, True, fetcher.READ_UNCOMMITTED)
    return [(one.offset, one.key, one.value, one.headers) for one in records], records.next_fetch_offset


@given(_batches, st.integers(0, 8), st.sampled_from((PLAIN, GZIP)))
def test_a_fetch_without_garbled_records_is_read_as_ever(batches: list[list[Raw]], start: int, codec: int) -> None:
    """The same records from the same offsets on."""
    raw = fetch(*batches, codec=codec)
    assert read(raw, start) == read(raw, start, stock=True)


@given(_batches, st.data(), st.sampled_from((PLAIN, GZIP)))
def test_beside_a_garbled_record_all_is_the_same(batches: list[list[Raw]], data: st.DataObject, codec: int) -> None:
    """A good record in the place of the garbled one leads to the same records beside it, wherever the fetch begins."""
    garbled = [[*one] for one in batches]
    place = data.draw(st.integers(0, len(batches) - 1))
    within = data.draw(st.integers(0, len(batches[place])))
    garbled[place].insert(within, _GARBLED)
    good = [[*one] for one in batches]
    good[place].insert(within, Raw(b"good"))
    offset = sum(map(len, batches[:place])) + within
    start = data.draw(st.integers(0, len(good[0]) - 1))
    found, ends = read(fetch(*garbled, codec=codec), start)
    expected, same_end = read(fetch(*good, codec=codec), start, stock=True)
    assert ends == same_end
    assert [one for one in found if one[0] != offset] == [one for one in expected if one[0] != offset]
    assert [one for one in found if one[0] == offset] == (
        [(offset, b"key", b"garbled", (("\udcff\udc80", b"1"),))] if start <= offset else []
    )


def test_a_batch_with_a_wrong_sum_loses_nothing_that_was_read_before_it() -> None:
    """It is fetched again: perhaps it was harmed under way. What was read counts, and no error takes it away."""
    raw = fetch([Raw(b"1"), Raw(b"2")], [Raw(b"the third")], [Raw(b"4")])
    harmed = raw.index(b"the third")
    raw[harmed] ^= 1
    found, ends = read(raw)
    assert [one[2] for one in found] == [b"1", b"2"] and ends == 2
    assert read(raw, 2) == ([], 2)
    raw[harmed] ^= 1
    assert [one[2] for one in read(raw, 2)[0]] == [b"the third", b"4"]


def test_a_batch_that_cannot_be_unpacked_is_answered_record_by_record() -> None:
    """Each of its offsets gives a record without content, and what comes behind is read."""
    harmed = batch_bytes(
        [Raw(b"1" * 100), Raw(b"2" * 100)], GZIP, lambda batch: batch.__setitem__(75, batch[75] ^ 0xFF)
    )
    behind = batch_bytes([Raw(b"3")], PLAIN)
    behind[:8] = (2).to_bytes(8, "big")
    found, ends = read(harmed + behind)
    assert [(one[0], one[2]) for one in found] == [(0, None), (1, None), (2, b"3")] and ends == 3


def test_a_batch_of_an_unknown_compression_is_answered_record_by_record() -> None:
    """Codec 6 does not exist."""
    found, ends = read(batch_bytes([Raw(b"1"), Raw(b"2")], PLAIN, lambda batch: batch.__setitem__(22, 6)))
    assert found == [(0, None, None, ()), (1, None, None, ())] and ends == 2


def test_an_aiokafka_that_is_built_differently_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Better no start than a partition that stands still one day."""

    class Different:
        def __init__(self, records: Any) -> None:
            raise AssertionError(records)

    monkeypatch.setattr(lenient, "PartitionRecords", Different)
    with pytest.raises(ImportError, match=r"aiokafka .* is built differently \(PartitionRecords\)"):
        lenient.read_on()
