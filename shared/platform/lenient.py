"""A garbled record stops nobody: aiokafka's consumers read on behind a record that aiokafka cannot read.

A record whose header has a name that is no UTF-8 makes aiokafka raise in the middle of a fetch: the records before it
are lost, and the partition stands still for good, since a broker gives whole batches only. Here such a fetch is read
again from its bytes, by a reader that takes every name (what is no UTF-8 becomes lone surrogates). A record that even
this reader cannot make out comes without key, value and headers, so that it is still answered; so do those behind it
in its batch where it does not tell its length. Fetches without such a record are read as ever.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Iterator
from typing import Any

import aiokafka
from aiokafka.errors import CorruptRecordException

_CHANGED = "aiokafka {version} is built differently ({what}): shared/platform/lenient.py must follow it"

try:
    from aiokafka.consumer import fetcher
    from aiokafka.consumer.fetcher import MemoryRecords, PartitionRecords
    from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
    from aiokafka.record.memory_records import _MemoryRecordsPy
    from aiokafka.record.util import decode_varint
except ImportError as error:
    raise ImportError(_CHANGED.format(version=aiokafka.__version__, what=error)) from error

log = logging.getLogger(__name__)

_NEW_FORMAT = 2
_EXPECTED = [
    "tp",
    "records",
    "aborted_transactions",
    "fetch_offset",
    "key_deserializer",
    "value_deserializer",
    "check_crcs",
    "isolation_level",
]
#: A partition that cannot be read at all is told of at most this often.
_TELL_SECONDS = 10.0
_told: dict[Any, float] = {}


class _Bytes(bytearray):
    """Bytes of a batch, whose slices become text whatever they hold."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Bytes(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, errors)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch that gives one record for every offset, whatever its bytes hold."""

    _buffer: Any

    def __init__(self, raw: Any) -> None:
        super().__init__(raw)
        self._next = self.base_offset
        self._lost = False

    def __iter__(self) -> _LenientBatch:
        try:
            super().__iter__()
            self._buffer = _Bytes(self._buffer)
        except Exception as error:
            self._lose(error)
        return self

    def __next__(self) -> Any:
        start = self._pos
        if not self._lost:
            try:
                record = super().__next__()
                self._next = record.offset + 1
                return record
            except CorruptRecordException as error:
                self._lose(error)
        if self._next >= self.next_offset:
            raise StopIteration
        self._step_over(start)
        self._next += 1
        return _DefaultRecordPy(self._next - 1, self.max_timestamp, self.timestamp_type, None, None, [])

    def _lose(self, error: Exception) -> None:
        self._lost = True
        log.warning("a record is unreadable", extra={"offset": self._next, "kind": type(error).__name__})

    def _step_over(self, start: int) -> None:
        """Goes on behind an unreadable record where its length can be believed: one or more records follow."""
        if not self._decompressed or self._next_record_index >= self._num_records:
            return
        try:
            length, begin = decode_varint(self._buffer, start)
        except (ValueError, IndexError):
            return
        if 0 < length < len(self._buffer) - begin:
            self._pos, self._lost = begin + length, False
            self._next_record_index += 1


class _LenientRecords:
    """The batches of a fetch from an offset on."""

    def __init__(self, raw: Any, start: int) -> None:
        self._slices = _MemoryRecordsPy(raw)
        self._start = start
        self._ready = self._following()

    def has_next(self) -> bool:
        return self._ready is not None

    def next_batch(self) -> Any:
        batch, self._ready = self._ready, self._following()
        return batch

    def _following(self) -> Any:
        while self._slices.has_next():
            raw = self._slices._next_slice
            batch = self._slices.next_batch()
            if raw[self._slices.MAGIC_OFFSET] < _NEW_FORMAT:
                return batch
            # What was read already is left out whole: it has changed what is known of aborted transactions.
            if batch.next_offset > self._start:
                return _LenientBatch(raw)
        return None


class _KeptRecords(MemoryRecords):  # type: ignore[misc]
    """The batches of a fetch, with the bytes that they are read from."""

    def __init__(self, raw: Any) -> None:
        super().__init__(raw)
        self.raw = raw


class _RecordsReadOn(PartitionRecords):  # type: ignore[misc]
    """The records of a fetch; what cannot be read is read leniently, and what cannot be read even so ends the fetch.

    It never raises: aiokafka would lose what it has read of other partitions. The next fetch begins where this ended.
    """

    _records: Any

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except Exception as error:
            self._tell("a record is garbled; its fetch is read again", error)
        else:
            return
        self._records = _LenientRecords(self._records.raw, self.next_fetch_offset)
        try:
            yield from super()._unpack_records()
        except Exception as error:
            self._tell("a partition cannot be read on; it is fetched again", error)

    def _tell(self, what: str, error: Exception) -> None:
        now = time.monotonic()
        if now - _told.get((self._tp, what), -_TELL_SECONDS) < _TELL_SECONDS:
            return
        _told[self._tp, what] = now
        place = {"topic": self._tp.topic, "partition": self._tp.partition, "offset": self.next_fetch_offset}
        log.warning(what, extra=place | {"kind": type(error).__name__})


def read_on() -> None:
    """Makes every consumer of this process read on behind garbled records. Raises ImportError for an unknown aiokafka.

    Calling it again changes nothing.
    """
    found = [name for name in inspect.signature(PartitionRecords.__init__).parameters if name != "self"]
    if found != _EXPECTED or not inspect.isgeneratorfunction(PartitionRecords._unpack_records):
        raise ImportError(_CHANGED.format(version=aiokafka.__version__, what="PartitionRecords"))
    fetcher.MemoryRecords = _KeptRecords
    fetcher.PartitionRecords = _RecordsReadOn
