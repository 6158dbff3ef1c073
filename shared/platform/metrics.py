"""The one list of metrics: name, kind, unit in the name, meaning. Documentation and dashboards are made from it.

No label holds a case, a child, an employer or anything else without bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Kind = Literal["counter", "gauge", "histogram"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_RECORDS = (1, 10, 50, 100, 500, 1000, 2000, 5000, 10000, 20000, 50000)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the list."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


METRICS = (
    Metric(
        "lotse_reports_total",
        "counter",
        "Reports by verdict and code when taken in.",
        ("institution", "verdict", "code"),
    ),
    Metric("lotse_records_total", "counter", "Records read from Kafka, by topic family.", ("family",)),
    Metric(
        "lotse_messages_said_total", "counter", "Messages acknowledged by the broker, by topic family.", ("family",)
    ),
    Metric(
        "lotse_messages_said_again_total",
        "counter",
        "Messages said again since their row had moved on (look).",
    ),
    Metric("lotse_batch_records", "histogram", "Records in one stored batch.", (), _RECORDS),
    Metric("lotse_batch_seconds", "histogram", "Seconds from a batch's first record to its commit.", (), _SECONDS),
    Metric("lotse_store_seconds", "histogram", "Seconds of one store transaction, deriving included.", (), _SECONDS),
    Metric("lotse_say_seconds", "histogram", "Seconds until the broker had what one batch says.", (), _SECONDS),
    Metric(
        "lotse_freshness_seconds",
        "histogram",
        "Seconds from the arrival of a record to its commit.",
        (),
        _SECONDS,
    ),
    Metric("lotse_lag_records", "gauge", "Records of the assigned partitions that are not processed yet."),
    Metric("lotse_partitions_assigned", "gauge", "Partitions that this process holds now."),
    Metric("lotse_batches_handed_back_total", "counter", "Batches fetched before a rebalance and handed back."),
    Metric(
        "lotse_offsets_lost_total",
        "counter",
        "Partitions with a committed offset below the beginning of the log.",
    ),
    Metric("lotse_internal_faults", "gauge", "Stored facts whose item could not be derived (internal.fault)."),
    Metric("lotse_receipts_waiting", "gauge", "Receipts whose topic is missing or forbidden."),
    Metric("lotse_retries_total", "counter", "Batches tried again.", ("cause",)),
    Metric("lotse_snapshots_skipped_total", "counter", "Snapshots that were not taken over, by reason.", ("reason",)),
    Metric("lotse_poll_age_seconds", "gauge", "Seconds since Kafka was last asked for records."),
    Metric("lotse_day", "gauge", "The newest day that this process knows, as a day number since 1970."),
)
_BY_NAME = {metric.name: metric for metric in METRICS}


class Metrics:
    """The metrics of one process, made from the list; asking for one that is not in it raises KeyError."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {}

    def counter(self, name: str) -> Counter:
        """A counter of the list."""
        made = self._make(name)
        assert isinstance(made, Counter)
        return made

    def gauge(self, name: str) -> Gauge:
        """A gauge of the list."""
        made = self._make(name)
        assert isinstance(made, Gauge)
        return made

    def histogram(self, name: str) -> Histogram:
        """A histogram of the list."""
        made = self._make(name)
        assert isinstance(made, Histogram)
        return made

    def _make(self, name: str) -> Counter | Gauge | Histogram:
        if name not in self._made:
            metric = _BY_NAME[name]
            if metric.kind == "counter":
                self._made[name] = Counter(name, metric.meaning, metric.labels, registry=self.registry)
            elif metric.kind == "gauge":
                self._made[name] = Gauge(name, metric.meaning, metric.labels, registry=self.registry)
            else:
                self._made[name] = Histogram(
                    name, metric.meaning, metric.labels, registry=self.registry, buckets=metric.buckets
                )
        return self._made[name]
