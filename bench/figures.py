"""The figures of the benchmark, and the table that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


class Throughput(msgspec.Struct, rename="camel"):
    """Events from a backlog: per second, beside the floor, and the processor time that one took."""

    events_per_second: float
    floor_per_second: float
    ratio_to_floor: float
    python_micros: float
    postgres_micros: float


class Latency(msgspec.Struct):
    """Milliseconds from a report's acknowledgement to its committed board row."""

    p50: float
    p99: float


class Figures(msgspec.Struct, rename="camel"):
    """Everything that `build/bench.json` holds."""

    coordinator: Throughput
    service: Throughput
    latency_ms: dict[str, Latency]


def throughput(events: int, seconds: float, floor: float, python: float, postgres: float) -> Throughput:
    """Figures from what was measured: events, seconds of the wall clock, floor in events/s, processor seconds."""
    rate = events / seconds
    return Throughput(
        round(rate),
        round(floor),
        round(rate / floor, 3),
        round(python / events * 1e6, 1),
        round(postgres / events * 1e6, 1),
    )


def latency(milliseconds: Sequence[float]) -> Latency:
    """Median and 99th percentile."""
    ordered = sorted(milliseconds)
    return Latency(round(ordered[len(ordered) // 2], 1), round(ordered[int(len(ordered) * 0.99)], 1))


def table(figures: Figures) -> str:
    """The figures for people."""
    rows: list[Sequence[Any]] = [("from backlog", "events/s", "floor/s", "ratio", "Python µs", "PostgreSQL µs")]
    for name, one in (("coordinator", figures.coordinator), ("service", figures.service)):
        rows.append(
            (
                name,
                one.events_per_second,
                one.floor_per_second,
                one.ratio_to_floor,
                one.python_micros,
                one.postgres_micros,
            )
        )
    lines = ["  ".join(f"{cell!s:>14}" for cell in row) for row in rows]
    lines += ["", "  ".join(f"{cell:>14}" for cell in ("reports/s", "p50 ms", "p99 ms"))]
    for rate, one_latency in figures.latency_ms.items():
        lines.append("  ".join(f"{cell!s:>14}" for cell in (rate, one_latency.p50, one_latency.p99)))
    return "\n".join(lines)
