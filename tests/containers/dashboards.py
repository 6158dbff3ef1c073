"""Asks a running Prometheus what the dashboards and the rules ask, and tells what gave no data.

`python -m tests.containers.dashboards http://localhost:9090` shows it for a region that runs.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from tests.support.promql import read
from tests.support.watching import queries, rules

Outcome = Literal["data", "nothing", "error"]
#: What Grafana puts in place of its variables when nothing is chosen.
_VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "1h", "$institution": ".*", "$service": ".*"}
_STEP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one expression: where it stands, what was asked, and what Prometheus said to an error."""

    where: str
    expression: str
    outcome: Outcome
    detail: str = ""


def ask_dashboards(url: str, *, minutes: float = 30) -> list[Answer]:
    """Every query of every dashboard, as Grafana asks it with all variables at `All`.

    A query has data when at least one sample of the last minutes is a number.
    """
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        return [
            _ask(client, f"{query.dashboard}: {query.panel}", substituted(query.expression), query.instant, minutes)
            for query in queries()
        ]


def ask_rules(url: str) -> list[Answer]:
    """Every expression of the rules. Of an alert nothing is what a healthy region gives; an error never is."""
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        return [
            _ask(client, f"rules: {rule.get('alert') or rule['record']}", rule["expr"], True, 0) for rule in rules()
        ]


def ask_metrics(url: str, *, minutes: float = 30) -> list[Answer]:
    """Every metric that a dashboard or rule reads, by itself. What counts errors may be missing until the first."""
    expressions = [*(query.expression for query in queries()), *(rule["expr"] for rule in rules())]
    names = sorted({one.metric for text in expressions for one in read(text).selectors})
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        return [_ask(client, "metric", name, False, minutes) for name in names]


def without_data(answers: list[Answer]) -> list[Answer]:
    """Those that gave none."""
    return [answer for answer in answers if answer.outcome != "data"]


def substituted(expression: str) -> str:
    """An expression with Grafana's variables filled in."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def _ask(client: httpx.Client, where: str, expression: str, instant: bool, minutes: float) -> Answer:
    if instant:
        response = client.post("/api/v1/query", data={"query": expression})
    else:
        now = float(client.post("/api/v1/query", data={"query": "time()"}).json()["data"]["result"][1])
        span = {"start": now - minutes * 60, "end": now, "step": _STEP_SECONDS}
        response = client.post("/api/v1/query_range", data={"query": expression, **span})
    told: dict[str, Any] = response.json()
    if told["status"] != "success":
        return Answer(where, expression, "error", str(told.get("error", "")))
    found = any(math.isfinite(value) for value in _values(told["data"]))
    return Answer(where, expression, "data" if found else "nothing")


def _values(data: dict[str, Any]) -> Iterator[float]:
    if data["resultType"] == "scalar":
        yield float(data["result"][1])
        return
    for series in data["result"]:
        for _, value in series.get("values") or [series["value"]]:
            yield float(value)


def main() -> int:
    """Shows what gave no data; 1 if a dashboard query did not, or anything is an error."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:9090"
    panels, expressions, metrics = ask_dashboards(url), ask_rules(url), ask_metrics(url)
    failed = without_data(panels) + [answer for answer in expressions if answer.outcome == "error"]
    sys.stdout.write(f"{len(panels)} dashboard queries, {len(without_data(panels))} without data\n")
    sys.stdout.write(
        f"{len(expressions)} rules, {sum(answer.outcome == 'error' for answer in expressions)} with errors\n"
    )
    for answer in [*failed, *without_data(metrics)]:
        sys.stdout.write(f"{answer.outcome:8} {answer.where}: {answer.expression} {answer.detail}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
