"""Reading metrics in tests."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from shared.platform.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """What a series shows, 0 where it is not there."""
    return float(metrics.registry.get_sample_value(name, labels) or 0)


def series(metrics: Metrics, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """All series of a sample's name, by their labels."""
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def shown(text: str, name: str) -> list[float]:
    """The values of all series of a name on a page of metrics."""
    return [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]
