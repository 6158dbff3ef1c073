"""Rules, alerts, dashboards and runbooks agree with each other and with the list of metrics. No server is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pytest

from shared.platform.metrics import METRICS
from tests.support.promql import Read, Selector, read
from tests.support.watching import (
    PROMETHEUS,
    RUNBOOK_BASE,
    RUNBOOKS,
    alert_tests,
    alerts,
    dashboards,
    panels,
    queries,
    rules,
)

_EVERYWHERE = {"job", "service", "instance"}
#: What is not ours: of Prometheus itself, and of the process. Which labels they have beyond those of every series.
_FOREIGN: dict[str, set[str]] = {
    "up": set(),
    "ALERTS": {"alertname", "alertstate", "severity", "institution", "barrier", "kind", "cause", "reason"},
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
    "process_start_time_seconds": set(),
    "prometheus_rule_evaluation_failures_total": {"rule_group"},
    "prometheus_config_last_reload_successful": set(),
    "prometheus_notifications_dropped_total": set(),
    "prometheus_notifications_alertmanagers_discovered": set(),
}
_ANNOTATIONS = ("summary", "summary_en", "description", "description_en", "action", "action_en")
_KEBAB = re.compile(r"(?<!^)(?=[A-Z])")
_PROMQL = re.compile(r"```promql\n(.*?)```", re.DOTALL)


def _of_metrics() -> dict[str, set[str]]:
    """The labels of every series that a process shows, by name."""
    found: dict[str, set[str]] = {}
    for metric in METRICS:
        labels = _EVERYWHERE | set(metric.labels)
        if metric.kind == "histogram":
            found |= {f"{metric.name}_sum": labels, f"{metric.name}_count": labels}
            found[f"{metric.name}_bucket"] = labels | {"le"}
        else:
            found[metric.name] = labels
    return found


@lru_cache
def _known() -> dict[str, set[str]]:
    """The same with what the rules record: with the labels that it is grouped by, else with those of what it reads."""
    known = _of_metrics() | {name: labels | _EVERYWHERE for name, labels in _FOREIGN.items()}
    for rule in rules():
        if "record" in rule:
            it = read(rule["expr"])
            inherited = (known.get(one.metric, set()) for one in it.selectors if one.metric != rule["record"])
            labels = set(it.grouped) or set().union(*inherited)
            known[rule["record"]] = known.get(rule["record"], set()) | labels | set(rule.get("labels", {}))
    return known


def _wrong(expression: str, known: Mapping[str, set[str]]) -> list[str]:
    """What an expression reads that there is not."""
    it = read(expression)
    unknown = [f"there is no metric {one.metric}" for one in it.selectors if one.metric not in known]
    return unknown or [*_wrong_matchers(it.selectors, known), *_wrong_groups(it, known)]


def _wrong_matchers(selectors: Iterable[Selector], known: Mapping[str, set[str]]) -> list[str]:
    return [
        f"{one.metric} has no label {label}"
        for one in selectors
        for label in one.matchers
        if label not in known[one.metric]
    ]


def _wrong_groups(it: Read, known: Mapping[str, set[str]]) -> list[str]:
    has = set().union(*(known[one.metric] for one in it.selectors))
    return [f"nothing here has a label {label}" for label in it.grouped if label not in has]


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_reads_only_what_there_is(rule: Mapping[str, Any]) -> None:
    """A metric that was renamed would make an alert silent for ever, which nobody would notice."""
    assert _wrong(rule["expr"], _known()) == []


@pytest.mark.parametrize("name", list(dashboards()))
def test_a_dashboard_reads_only_what_there_is(name: str) -> None:
    """Neither queries nor variables name a metric or label that no process has."""
    known = _known()
    for query in queries():
        if query.dashboard == name:
            assert _wrong(query.expression, known) == [], query.panel
    for variable in dashboards()[name]["templating"]["list"]:
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]).groups()  # type: ignore[union-attr]
        assert label in known[metric]


def test_a_wrong_name_is_found() -> None:
    """The check itself: a metric, a label and a grouping that there is not."""
    known = _known()
    assert _wrong("lotse_lag_hours > 1", known) == ["there is no metric lotse_lag_hours"]
    assert _wrong("lotse_freshness_seconds > 1", known) == ["there is no metric lotse_freshness_seconds"]
    assert _wrong('lotse_lag_seconds{case="x"}', known) == ["lotse_lag_seconds has no label case"]
    assert _wrong("sum by (barrier) (lotse_lag_seconds)", known) == ["nothing here has a label barrier"]


def test_a_bucket_that_is_asked_for_exists() -> None:
    """`le` is a text: a bound that is no bucket matches nothing."""
    bounds = {f"{metric.name}_bucket": {str(bound) for bound in (*metric.buckets, "+Inf")} for metric in METRICS}
    expressions = [*(query.expression for query in queries()), *(rule["expr"] for rule in rules())]
    asked = [one for text in expressions for one in read(text).selectors if "le" in one.matchers]
    assert asked, "the share within ten seconds asks for a bucket"
    for one in asked:
        assert one.matchers["le"][1] in bounds[one.metric]


@pytest.mark.parametrize("name", list(alerts()))
def test_an_alert_tells_a_person_what_to_do(name: str) -> None:
    """In both languages, with a severity, and with a page that exists in this repository."""
    alert = alerts()[name]
    assert alert["labels"]["severity"] in ("page", "ticket")
    for annotation in _ANNOTATIONS:
        assert len(alert["annotations"][annotation]) > 15, annotation
    page = f"docs/runbooks/{_KEBAB.sub('-', name).lower()}.md"
    assert alert["annotations"]["runbook_url"] == RUNBOOK_BASE + page
    text = (RUNBOOKS.parents[1] / page).read_text()
    assert text.startswith(f"# {name}: ")
    assert f"`{alert['labels']['severity']}` · " in text, "the page names another severity"


def test_every_page_belongs_to_an_alert() -> None:
    """A page of an alert that is gone would be found first by whoever is on call; the table has all of them."""
    pages = {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}
    assert pages == {f"{_KEBAB.sub('-', name).lower()}.md" for name in alerts()}
    table = (RUNBOOKS / "README.md").read_text()
    for name, alert in alerts().items():
        assert f"| [{name}]({_KEBAB.sub('-', name).lower()}.md) | {alert['labels']['severity']} |" in table


def test_the_queries_of_the_pages_read_only_what_there_is() -> None:
    """Whoever is on call at night pastes them as they stand."""
    known = _known()
    for path in RUNBOOKS.glob("*.md"):
        found = [line for block in _PROMQL.findall(path.read_text()) for line in block.splitlines()]
        assert found or path.name == "README.md", f"{path.name} has no query"
        for line in found:
            assert _wrong(line, known) == [], f"{path.name}: {line}"


@pytest.mark.parametrize("name", list(alerts()))
def test_an_alert_is_tested(name: str) -> None:
    """Among the tests for promtool is one in which it does not fire, then fires, then no longer fires."""
    asked = f'ALERTS{{alertname="{name}", alertstate="firing"}}'
    tests = [
        [bool(check["exp_samples"]) for check in test["promql_expr_test"] if check["expr"] == asked]
        for test in alert_tests()
        if test["name"].startswith(f"{name}: ")
    ]
    assert any(True in fires and fires[0] is False and fires[-1] is False for fires in tests), (
        "no test in which it does not fire, fires, and no longer fires"
    )


def test_a_dashboard_panel_explains_itself() -> None:
    """A title in both languages, a description, a unit; a query that a healthy region leaves empty answers with 0."""
    for name, dashboard in dashboards().items():
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids)), name
        for panel in panels(dashboard):
            where = f"{name}: {panel['title']}"
            assert len(panel["description"]) > 20, where
            assert panel["fieldConfig"]["defaults"]["unit"], where
            assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}, where
            if panel.get("lotse", {}).get("quiet"):
                assert all(target["expr"].endswith("or on () vector(0)") for target in panel["targets"]), where


def test_three_dashboards_are_there() -> None:
    """Health at night, institutions, the pipeline: each with panels, and none lies on another."""
    assert sorted(dashboards()) == ["health.json", "institutions.json", "pipeline.json"]
    for dashboard in dashboards().values():
        cells = [
            (x, y)
            for place in (panel["gridPos"] for panel in dashboard["panels"])
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        assert len(cells) == len(set(cells))


def test_every_alert_file_of_promtool_names_the_rules() -> None:
    """A test file that loaded other rules would test nothing."""
    for path in (PROMETHEUS / "tests").glob("*.yml"):
        assert "rule_files: [../rules/lotse.yml]" in path.read_text()
