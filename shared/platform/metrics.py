"""The one list of metrics: name, kind, unit in the name, meaning. Documentation and dashboards are made from it.

No label holds a case, a child, an employer or anything else without bound: an institution is one of the institutions
file or `unlisted`, a type one of the contract or `unknown`, a code one of the list, an error one of a set or `other`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, isinf
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

Kind = Literal["counter", "gauge", "histogram"]

#: What stands in a label for an institution that is not listed, and for a type that the contract does not know.
UNLISTED, UNKNOWN = "unlisted", "unknown"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: From what is felt as at once to what somebody has to be told of.
_WAITS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
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
        "Reports received, each once, by institution, type, and the verdict and code that it got when it came. An "
        "institution that is not in the institutions file counts as `unlisted`, a type that the contract does not know "
        "as `unknown`.",
        ("institution", "type", "verdict", "code"),
    ),
    Metric(
        "lotse_last_report_timestamp_seconds",
        "gauge",
        "When the newest report of an institution was received here, accepted or not (Unix time); kept over restarts. "
        "Missing for one that is suspended.",
        ("institution",),
    ),
    Metric("lotse_records_total", "counter", "Records read from Kafka and dealt with, by topic family.", ("family",)),
    Metric(
        "lotse_messages_said_total", "counter", "Messages acknowledged by the broker, by topic family.", ("family",)
    ),
    Metric(
        "lotse_messages_said_again_total",
        "counter",
        "Items or cases said again at once, since their row had moved on while they were being said.",
    ),
    Metric(
        "lotse_freshness_seconds",
        "histogram",
        "Seconds from when a service received a report to when the broker had the change of a barrier that it brought "
        "about. What is said again later is not counted.",
        ("barrier",),
        _WAITS,
    ),
    Metric(
        "lotse_processing_seconds",
        "histogram",
        "Seconds from the arrival of a record to the commit of what it caused, one observation per record. For the "
        "coordinator a snapshot arrives when the report behind it does.",
        (),
        _WAITS,
    ),
    Metric("lotse_batch_records", "histogram", "Records in one batch.", (), _RECORDS),
    Metric(
        "lotse_batch_seconds",
        "histogram",
        "Seconds of one batch, until all it caused is stored and said.",
        (),
        _SECONDS,
    ),
    Metric("lotse_store_seconds", "histogram", "Seconds of one store transaction, deriving included.", (), _SECONDS),
    Metric("lotse_say_seconds", "histogram", "Seconds until the broker had what one transaction says.", (), _SECONDS),
    Metric(
        "lotse_lag_records", "gauge", "Records of the assigned partitions that are not processed yet, as last fetched."
    ),
    Metric(
        "lotse_lag_seconds",
        "gauge",
        "How long the oldest record that is not processed yet has waited; 0 when there is none.",
    ),
    Metric("lotse_partitions_assigned", "gauge", "Partitions that this process reads now, of all its subscriptions."),
    Metric(
        "lotse_poll_age_seconds",
        "gauge",
        "Seconds since Kafka last answered a question for records; 0 during a batch.",
    ),
    Metric("lotse_batches_handed_back_total", "counter", "Batches fetched before a rebalance and handed back unread."),
    Metric(
        "lotse_offsets_lost_total",
        "counter",
        "Partitions whose beginning was deleted before it was read: reports may be lost.",
    ),
    Metric("lotse_retries_total", "counter", "Batches tried again, by kind of error.", ("cause",)),
    Metric("lotse_snapshots_skipped_total", "counter", "Snapshots that were not taken over, by reason.", ("reason",)),
    Metric(
        "lotse_receipts_waiting",
        "gauge",
        "Receipts that wait in the database since their topic is missing or forbidden.",
    ),
    Metric(
        "lotse_institution_topics_missing",
        "gauge",
        "Listed institutions of this service without their inbound topic or their receipts topic, as far as this user "
        "may see topics.",
    ),
    Metric(
        "lotse_internal_faults",
        "gauge",
        "What could not be derived for a fault of ours: reports with internal.fault; for the coordinator, cases.",
    ),
    Metric(
        "lotse_internal_fault_oldest_seconds",
        "gauge",
        "How long the oldest internal fault has waited to be mended; 0 when there is none.",
    ),
    Metric("lotse_database_up", "gauge", "1 when the database answered within the last seconds, otherwise 0."),
    Metric("lotse_broker_up", "gauge", "1 when the broker answered within the last seconds, otherwise 0."),
    Metric(
        "lotse_database_errors_total",
        "counter",
        "Errors of the database that work ran into, by kind; it was tried again.",
        ("kind",),
    ),
    Metric(
        "lotse_broker_errors_total",
        "counter",
        "Errors of the broker that work ran into, by kind; it was tried again.",
        ("kind",),
    ),
    Metric("lotse_ready", "gauge", "1 when /health/ready says yes, otherwise 0."),
    Metric(
        "lotse_upkeep_timestamp_seconds",
        "gauge",
        "When anti-entropy last ended well (Unix time); missing before the first time.",
    ),
    Metric("lotse_day", "gauge", "The newest day that this process knows, as a day number since 1970."),
)
_BY_NAME = {metric.name: metric for metric in METRICS}


class Waits(Collector):
    """A histogram of waiting times that takes a whole batch in one pass, with at most one label.

    The library's own histogram takes one value at a time, which costs more than all else that is measured.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._cells: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        if not metric.labels:
            self._begin("")

    def observe(self, since: Mapping[tuple[str, int], int], now: int) -> None:
        """Counts waits that end now: how many of each label began when. Times are milliseconds since 1970."""
        bounds = self._metric.buckets
        for (label, began), count in since.items():
            cells = self._cells.get(label)
            if cells is None:
                cells = self._begin(label)
            seconds = (now - began) / 1000 if now > began else 0.0
            cells[bisect_left(bounds, seconds)] += count
            self._sums[label] += seconds * count

    def _begin(self, label: str) -> list[int]:
        self._sums[label] = 0.0
        cells = self._cells[label] = [0] * (len(self._metric.buckets) + 1)
        return cells

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """What Prometheus reads."""
        metric = self._metric
        family = HistogramMetricFamily(metric.name, metric.meaning, labels=metric.labels)
        for label, cells in sorted(self._cells.items()):
            total, buckets = 0, []
            for bound, count in zip((*metric.buckets, inf), cells, strict=True):
                total += count
                buckets.append(("+Inf" if isinf(bound) else str(bound), total))
            family.add_metric([label] if metric.labels else [], buckets, self._sums[label])
        yield family


class Metrics:
    """The metrics of one process, made from the list; asking for one that is not in it raises KeyError."""

    def __init__(self) -> None:
        # When a series began is nothing that anybody asks; it would double their number.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # so the library has it
        self.registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram | Waits] = {}
        ProcessCollector(registry=self.registry)
        for metric in METRICS:
            if metric.kind == "counter" and not metric.labels:
                # There from the start: what first appears as 1 did not increase.
                self.counter(metric.name)

    def counter(self, name: str) -> Counter:
        """A counter of the list."""
        made = self._make(name)
        assert isinstance(made, Counter)
        return made

    def gauge(self, name: str) -> Gauge:
        """A gauge of the list; without labels it is there, as 0, once it was asked for."""
        made = self._make(name)
        assert isinstance(made, Gauge)
        return made

    def histogram(self, name: str) -> Histogram:
        """A histogram of the list."""
        made = self._make(name)
        assert isinstance(made, Histogram)
        return made

    def waits(self, name: str) -> Waits:
        """A histogram of the list that takes whole batches."""
        if name not in self._made:
            self._made[name] = waits = Waits(_BY_NAME[name])
            self.registry.register(waits)
        made = self._made[name]
        assert isinstance(made, Waits)
        return made

    def _make(self, name: str) -> Counter | Gauge | Histogram | Waits:
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
