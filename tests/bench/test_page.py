"""The tables and the chart of the benchmark tell what was measured."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.chart import chart
from bench.figures import Figures, Grown, Growth, Latency, Machine, Question, Rebuild, Rebuilds, Throughput, Turn
from bench.page import tables

ONE = Throughput(20_500, 41_000, 0.5, 30, 20)
MACHINE = Machine("2026-11-24", 2, 23, "3.11.7", 12.5)
LATENCY = {"100": Latency(50.2, 282.4)}


def grown(cases: int, postgres: float) -> Grown:
    """Further events at a size: turns of which the second met a busy machine, and one right after a checkpoint."""
    turns = [Turn(20_000, 10_000, 60 * slow, postgres * slow, 2_000, 0.01, 250) for slow in (1, 2, 1)]
    return Grown(cases, turns, Turn(20_000, 5_000, 60, 2 * postgres, 8_000, 0.8, 250))


def rebuilt(cases: int, rate: float) -> Rebuild:
    """A rebuild at a size."""
    return Rebuild(cases, 2 * cases / rate, cases / rate, rate, 30, 10, 700)


GROWTH = Growth([grown(10_000, 40), grown(1_000_000, 60)], [grown(10_000, 40), grown(1_000_000, 50)])
REBUILDS = Rebuilds(
    [rebuilt(10_000, 5_000), rebuilt(1_000_000, 21_000)], [rebuilt(10_000, 5_000), rebuilt(1_000_000, 9_000)]
)


def goals(figures: Figures) -> dict[str, tuple[str, str]]:
    """What was reached of each goal, and whether that is enough."""
    lines = [
        line.split("|")[1:-1]
        for line in tables(figures).splitlines()
        if line.startswith("|") and ("≥" in line or "≤" in line)
    ]
    return {cells[0].strip(): (cells[2].strip(), cells[3].strip()) for cells in lines}


def test_goals_are_compared_with_what_was_reached() -> None:
    """Also those that were missed are told, and by how much."""
    found = goals(Figures(MACHINE, ONE, ONE, LATENCY, GROWTH, REBUILDS))
    assert found["coordinator, snapshots/s"] == ("20,500", "yes")
    assert found["p99 at 100 reports/s, ms"] == ("282.4", "no")
    assert found["coordinator: cost of an event with the most cases, by that with the fewest"] == ("1.2", "no")
    assert found["service: cost of an event with the most cases, by that with the fewest"] == ("1.1", "yes")
    assert found["rebuild of a board that stands, by the rate of further snapshots"] == ("2.1", "yes")
    assert found["rebuild from nothing, by the rate of further snapshots"] == ("0.9", "no")


def test_answers_stand_side_by_side_by_size() -> None:
    """One line for each question, one column for each number of cases."""
    asked = [Question(cases, "GET /v1/obstacles by barrier", took) for cases, took in ((10, 0.5), (1_000, 1_250.0))]
    found = tables(Figures(MACHINE, ONE, ONE, LATENCY, GROWTH, REBUILDS, asked))
    (line,) = [line for line in found.splitlines() if "obstacles" in line]
    assert [cell.strip() for cell in line.split("|")[2:-1]] == ["0.5", "1,250.0"]


def test_the_smoke_benchmark_tells_nothing_of_growth() -> None:
    """Its tables hold only what it measured."""
    assert list(goals(Figures(MACHINE, ONE, ONE, LATENCY))) == [
        "coordinator, snapshots/s",
        "service, reports/s",
        "p99 at 100 reports/s, ms",
    ]


def test_the_chart_has_a_bar_for_each_size_as_high_as_its_cost() -> None:
    """It is well-formed, and the second bar is higher than the first by what it costs more."""
    root = ElementTree.fromstring(chart(GROWTH))
    bars = [float(one.get("height", 0)) for one in root.iter() if one.tag.endswith("rect")][3:]
    assert len(bars) == 8
    assert abs((bars[2] + bars[3]) / (bars[0] + bars[1]) - 120 / 100) < 0.01
