"""The real rules in a hurry: every time in them divided, so that each alert can be seen to fire within seconds."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
#: A range or an offset; and a number of seconds, which a remark behind it tells from other numbers.
_DURATION = re.compile(r"(?<=\[)(?:\d+(?:ms|[smhdwy]))+(?=\])|(?<=offset )(?:\d+(?:ms|[smhdwy]))+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?=\s*#\s*seconds)")


def scaled(rules: Mapping[str, Any], factor: float, *, shortest: float = 5.0) -> dict[str, Any]:
    """A copy of a rules file in which all times are a `factor`-th; what was longest stays longest.

    Ranges and offsets are at least `shortest` seconds, which must hold two scrapes, and numbers of seconds at least
    twice that; a group is evaluated once a second at the most, and `for` may become nothing.
    """
    if factor < 1 or shortest <= 0:
        raise ValueError("a factor of at least 1 and a positive shortest time are needed")
    result = copy.deepcopy(dict(rules))
    for group in result["groups"]:
        if "interval" in group:
            group["interval"] = _text(max(1.0, seconds(group["interval"]) / factor))
        for rule in group["rules"]:
            for key in ("for", "keep_firing_for"):
                if key in rule:
                    rule[key] = _text(seconds(rule[key]) / factor)
            rule["expr"] = _expression(rule["expr"], factor, shortest)
    return result


def seconds(duration: str) -> float:
    """A duration of Prometheus in seconds. Raises ValueError for what is none."""
    parts = _PART.findall(duration)
    if not parts or "".join(map("".join, parts)) != duration:
        raise ValueError(f"{duration!r} is no duration")
    return float(sum(int(number) * _UNITS[unit] for number, unit in parts))


def _expression(expression: str, factor: float, shortest: float) -> str:
    def duration(match: re.Match[str]) -> str:
        return _text(max(shortest, seconds(match[0]) / factor))

    def number(match: re.Match[str]) -> str:
        return f"{max(2 * shortest, float(match[0]) / factor):g}"

    return _NUMBER.sub(number, _DURATION.sub(duration, expression))


def _text(length: float) -> str:
    """Seconds as a duration; Prometheus knows nothing shorter than a millisecond."""
    whole = round(length * 1000)
    return f"{whole // 1000}s" if whole % 1000 == 0 else f"{whole}ms"
