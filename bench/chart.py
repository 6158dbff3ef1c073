"""The chart of growth, as SVG: what an event costs, by the number of cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from bench.figures import Grown, Growth

#: The most that an event may cost with the most cases, as a multiple of what it costs with the fewest.
MOST = 1.15

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 820, 400, 84, 322
_PANEL, _BAR, _LOWEST_WITH_TEXT = 370, 64, 16
_PYTHON, _POSTGRES, _INK, _SOFT, _LIMIT = "#1f5fa8", "#d9902f", "#17212f", "#5b6877", "#b3261e"


def chart(growth: Growth) -> str:
    """One panel for the coordinator and one for a service; one bar for each size, in microseconds of processor time."""
    highest = max(one.middle.micros for one in [*growth.coordinator, *growth.service])
    scale = (_BOTTOM - _TOP) / (highest * 1.25)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        'role="img" aria-labelledby="t" font-family="Helvetica, Arial, sans-serif">',
        '<title id="t">Processor time of one event by the number of cases</title>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="10" fill="#f8fafc"/>',
        *_legend(),
        *_panel("coordinator: a further snapshot", growth.coordinator, 30, scale),
        *_panel("service: a further report", growth.service, 30 + _PANEL + 20, scale),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _legend() -> Iterator[str]:
    yield _text(30, 30, "Processor time of one event, by the number of cases stored", size=15, bold=True)
    for place, colour, word in ((30, _PYTHON, "Python"), (110, _POSTGRES, "PostgreSQL")):
        yield f'<rect x="{place}" y="44" width="12" height="12" rx="2" fill="{colour}"/>'
        yield _text(place + 18, 54, word, colour=_SOFT)
    yield f'<path d="M220 50 h24" stroke="{_LIMIT}" stroke-width="1.6" stroke-dasharray="5 3"/>'
    yield _text(250, 54, f"{MOST} × the cost with the fewest cases", colour=_SOFT)


def _panel(title: str, sizes: Sequence[Grown], left: int, scale: float) -> Iterator[str]:
    yield _text(left, _TOP + 6, title, bold=True)
    yield f'<path d="M{left} {_BOTTOM} h{_PANEL}" stroke="{_SOFT}"/>'
    step = _PANEL / len(sizes)
    for number, one in enumerate(sizes):
        cost = one.middle
        middle, top = left + step * (number + 0.5), _BOTTOM - cost.python_micros * scale
        yield _bar(middle, top, cost.python_micros, scale, _PYTHON)
        yield _bar(middle, top - cost.postgres_micros * scale, cost.postgres_micros, scale, _POSTGRES)
        yield _text(middle, _BOTTOM + 20, f"{one.cases:,} cases", centred=True)
        ratio = one.ratio(sizes[0])
        yield _text(middle, _BOTTOM + 38, f"{cost.micros:.0f} µs, {ratio:.2f} ×", centred=True, bold=True)
        yield _text(middle, _BOTTOM + 56, f"{one.events_per_second:,.0f} events/s", centred=True, colour=_SOFT)
    limit = _BOTTOM - sizes[0].middle.micros * MOST * scale
    yield f'<path d="M{left} {limit:.1f} h{_PANEL}" stroke="{_LIMIT}" stroke-width="1.6" stroke-dasharray="5 3"/>'


def _bar(middle: float, top: float, micros: float, scale: float, colour: str) -> str:
    left, height = middle - _BAR / 2, micros * scale
    bar = f'<rect x="{left:.1f}" y="{top:.1f}" width="{_BAR}" height="{height:.1f}" fill="{colour}"/>'
    if height < _LOWEST_WITH_TEXT:
        return bar
    return bar + _text(middle, top + height / 2 + 4, f"{micros:.0f} µs", centred=True, colour="#ffffff")


def _text(
    x: float, y: float, words: str, *, size: float = 12.5, bold: bool = False, centred: bool = False, colour: str = _INK
) -> str:
    more = (' font-weight="bold"' if bold else "") + (' text-anchor="middle"' if centred else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{more}>{escape(words)}</text>'
