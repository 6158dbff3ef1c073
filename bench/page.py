"""The figures as tables, for the terminal and for docs/performance.md.

`python -m bench.page` writes the tables of build/bench.json into the page, between its two marks, and the chart beside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.chart import MOST, chart
from bench.figures import Figures, Grown, Growth, Question, Rebuild, Rebuilds, Turn

RESULT = Path("build/bench.json")
_PAGE, _CHART = Path("docs/performance.md"), Path("docs/growth.svg")
_MARKS = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)

_SNAPSHOTS, _REPORTS, _LATENCY_MS, _TWICE, _GIBIBYTE = 20_000, 8_000, 250, 2.0, 1024


def tables(figures: Figures) -> str:
    """All tables, as Markdown that is aligned for the eye."""
    parts = [*_smoke(figures)]
    if figures.growth is not None and figures.rebuild is not None:
        parts += [*_growth(figures.growth), _rebuild(figures.rebuild, figures.growth)]
    if figures.questions:
        parts += [_questions(figures.questions)]
    parts += [_goals(figures), _where(figures)]
    return "\n\n".join(parts) + "\n"


def _smoke(figures: Figures) -> Iterator[str]:
    head = ("from backlog, 10,000 cases", "events/s", "floor/s", "ratio", "Python µs", "PostgreSQL µs")
    yield _table(
        head,
        [
            (
                name,
                f"{one.events_per_second:,.0f}",
                f"{one.floor_per_second:,.0f}",
                f"{one.ratio_to_floor:.2f}",
                f"{one.python_micros:.0f}",
                f"{one.postgres_micros:.0f}",
            )
            for name, one in (("coordinator: snapshots", figures.coordinator), ("service: reports", figures.service))
        ],
    )
    rows = [(f"{rate} reports/s", f"{one.p50:.0f}", f"{one.p99:.0f}") for rate, one in figures.latency_ms.items()]
    yield _table(("report to committed board row", "p50 ms", "p99 ms"), rows)


def _growth(growth: Growth) -> Iterator[str]:
    kinds = (("coordinator", growth.coordinator), ("service", growth.service))
    head = (
        "further events", "cases", "events/s", "Python µs", "PostgreSQL µs", "together", "ratio", "log bytes",
        "whole pages", "MiB",
    )  # fmt: skip
    yield _table(
        head,
        [
            (
                *_at(name, one), *_cost(one.middle), f"{one.ratio(sizes[0]):.2f}", *_log(one.middle),
                f"{max(turn.peak_mebibytes for turn in one.turns)}",
            )
            for name, sizes in kinds for one in sizes
        ],
    )  # fmt: skip
    fresh_head = (
        "right after a checkpoint", "cases", "events/s", "Python µs", "PostgreSQL µs", "together", "ratio", "log bytes",
        "whole pages",
    )  # fmt: skip
    yield _table(
        fresh_head,
        [
            (
                name, f"{one.cases:,}", f"{one.fresh.events_per_second:,.0f}", *_cost(one.fresh),
                f"{one.fresh_ratio(sizes[0]):.2f}", *_log(one.fresh),
            )
            for name, sizes in kinds for one in sizes
        ],
    )  # fmt: skip


def _at(name: str, one: Grown) -> tuple[str, str, str]:
    return name, f"{one.cases:,}", f"{one.events_per_second:,.0f}"


def _cost(turn: Turn) -> tuple[str, str, str]:
    return f"{turn.python_micros:.0f}", f"{turn.postgres_micros:.0f}", f"{turn.micros:.0f}"


def _log(turn: Turn) -> tuple[str, str]:
    return f"{turn.log_bytes:,}", f"{turn.whole_pages:.2f}"


def _questions(questions: Sequence[Question]) -> str:
    sizes = sorted({one.cases for one in questions})
    took = {(one.name, one.cases): f"{one.milliseconds:,.1f}" for one in questions}
    names = list(dict.fromkeys(one.name for one in questions))
    head = ("milliseconds of an answer", *(f"{size:,} cases" for size in sizes))
    return _table(head, [(name, *(took[name, size] for size in sizes)) for name in names])


def _rebuild(rebuilds: Rebuilds, growth: Growth) -> str:
    head = (
        "rebuild",
        "cases",
        "seconds",
        "until it stands",
        "snapshots/s",
        "of steady",
        "Python µs",
        "PostgreSQL µs",
        "MiB",
    )
    rows = [
        (
            name,
            f"{one.cases:,}",
            f"{one.seconds:.1f}",
            f"{one.until_it_stands:.1f}",
            f"{one.snapshots_per_second:,.0f}",
            f"{_of_steady(one, steady):.2f}",
            f"{one.python_micros:.0f}",
            f"{one.postgres_micros:.0f}",
            f"{one.peak_mebibytes}",
        )
        for name, sizes in (("of a board that stands", rebuilds.standing), ("from nothing", rebuilds.from_nothing))
        for one, steady in zip(sizes, growth.coordinator, strict=True)
    ]
    return _table(head, rows)


def _goals(figures: Figures) -> str:
    rows = [
        _at_least("coordinator, snapshots/s", _SNAPSHOTS, figures.coordinator.events_per_second),
        _at_least("service, reports/s", _REPORTS, figures.service.events_per_second),
        *(_at_most(f"p99 at {rate} reports/s, ms", _LATENCY_MS, one.p99) for rate, one in figures.latency_ms.items()),
    ]
    if figures.growth is not None and figures.rebuild is not None:
        for name, sizes in (("coordinator", figures.growth.coordinator), ("service", figures.growth.service)):
            words = f"{name}: cost of an event with the most cases, by that with the fewest"
            rows.append(_at_most(words, MOST, round(sizes[-1].ratio(sizes[0]), 2)))
        for name, rebuild in _largest(figures.rebuild):
            ratio = round(_of_steady(rebuild, figures.growth.coordinator[-1]), 2)
            rows.append(_at_least(f"rebuild {name}, by the rate of further snapshots", _TWICE, ratio))
            rows.append(_at_most(f"rebuild {name}, MiB of its largest process", _GIBIBYTE, rebuild.peak_mebibytes))
    return _table(("goal", "wanted", "reached", ""), rows)


def _largest(rebuilds: Rebuilds) -> Sequence[tuple[str, Rebuild]]:
    return ("from nothing", rebuilds.from_nothing[-1]), ("of a board that stands", rebuilds.standing[-1])


def _at_least(words: str, wanted: float, reached: float) -> Sequence[str]:
    return words, f"≥ {wanted:,}", f"{reached:,g}", "yes" if reached >= wanted else "no"


def _at_most(words: str, wanted: float, reached: float) -> Sequence[str]:
    return words, f"≤ {wanted:,}", f"{reached:,g}", "yes" if reached <= wanted else "no"


def _of_steady(rebuild: Rebuild, steady: Grown) -> float:
    return rebuild.snapshots_per_second / steady.events_per_second


def _where(figures: Figures) -> str:
    machine = figures.machine
    return (
        f"One run of {machine.day}: {machine.cores} cores, {machine.memory_gibibytes} GiB of memory, "
        f"Python {machine.python}, embedded broker and database with synchronous commits. "
        f"It took {machine.minutes:.0f} minutes."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Words to the left, numbers to the right."""
    widths = [max(len(row[number]) for row in (head, *rows)) for number in range(len(head))]
    rule = [f"{'':-<{max(3, width)}}" if not at else f"{'':-<{max(3, width) - 1}}:" for at, width in enumerate(widths)]
    lines = [
        " | ".join(
            f"{cell:>{width}}" if at else f"{cell:<{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, rule, *rows)
    ]
    return "\n".join(f"| {line} |" for line in lines)


def main() -> None:
    """Writes the page and the chart anew."""
    figures = msgspec.json.decode(RESULT.read_bytes(), type=Figures)
    text = _PAGE.read_text(encoding="utf-8")
    picture = ""
    if figures.growth is not None:
        _CHART.write_text(chart(figures.growth), encoding="utf-8")
        picture = f"![Processor time of one event by the number of cases]({_CHART.name})\n\n"
    new, found = _MARKS.subn(lambda _: f"\n{picture}{tables(figures)}\n", text)
    if not found:
        raise SystemExit(f"{_PAGE} has no marks to write between")
    _PAGE.write_text(new, encoding="utf-8")
    print(f"{_PAGE} and {_CHART} are written from {RESULT}")


if __name__ == "__main__":
    main()
