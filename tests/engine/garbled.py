"""Records as no proper client would write them: names of headers in raw bytes, batches whose bytes were changed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.util import calc_crc32c

from shared.platform.settings import Settings

PLAIN, GZIP, SNAPPY, LZ4, ZSTD = range(5)
_CRC, _CHECKED = 17, 21
_LARGE = 1 << 20


class Raw(NamedTuple):
    """A record before it is written; the names of its headers are bytes."""

    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]] = ()
    key: bytes | None = b"key"


class _Name(str):
    """The name of a header that is written as the bytes that it was made of, whatever they are."""

    raw: bytes

    def __new__(cls, raw: bytes) -> _Name:
        name = super().__new__(cls, raw.decode("latin-1"))
        name.raw = raw
        return name

    def encode(self, *_: Any) -> bytes:
        return self.raw


def _as_it_is(_: bytearray) -> None:
    return None


def batch_bytes(
    records: Sequence[Raw], codec: int = PLAIN, change: Callable[[bytearray], None] = _as_it_is
) -> bytearray:
    """Records as one batch; `change` is done to its bytes before they are summed up."""
    batch = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, _LARGE)
    for number, record in enumerate(records):
        headers = [(_Name(name), value) for name, value in record.headers]
        assert batch.append(number, None, record.key, record.value, headers)
    built = bytearray(batch.build())
    change(built)
    struct.pack_into(">I", built, _CRC, calc_crc32c(bytes(built[_CHECKED:])))
    return built


async def write(
    settings: Settings,
    topic: str,
    *batches: Sequence[Raw],
    codec: int = PLAIN,
    change: Callable[[bytearray], None] = _as_it_is,
    partition: int = 0,
) -> None:
    """Writes records, each sequence as one batch."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.brokers)
    await producer.start()
    try:
        for records in batches:
            batch = producer.create_batch()
            batch.close()
            batch._relative_offset = len(records)
            batch._buffer = batch_bytes(records, codec, change)
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()
