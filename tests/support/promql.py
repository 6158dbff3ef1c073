"""As much of PromQL as tests need: which series an expression reads, by which labels, and over which it groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d[\w.]*)|(?P<name>[A-Za-z_:][\w:]*)"""
    r"""|(?P<sign>=~|!~|!=|==|>=|<=|\S)""",
    re.VERBOSE,
)
_AGGREGATIONS = {"sum", "min", "max", "avg", "count", "group", "stddev", "topk", "bottomk", "quantile", "count_values"}
_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = {"and", "or", "unless", "offset", "bool", "atan2", "inf", "nan"}


@dataclass(frozen=True, slots=True)
class Selector:
    """One series read: its metric, and what its labels must be, by label: the operator and the text."""

    metric: str
    matchers: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What an expression reads, and the labels that it groups or joins by."""

    selectors: tuple[Selector, ...]
    grouped: frozenset[str]


def read(expression: str) -> Read:
    """Reads an expression. Raises ValueError for one that ends in the middle of a selector."""
    tokens = list(_tokens(expression))
    selectors: list[Selector] = []
    grouped: set[str] = set()
    at = 0
    while at < len(tokens):
        kind, text = tokens[at]
        after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        at += 1
        if kind == "name" and text in _LISTS:
            end = _end(tokens, at, "(", ")") if after == "(" else at
            grouped |= {found for kind, found in tokens[at:end] if kind == "name"}
            at = end
        elif kind == "name" and text not in _AGGREGATIONS | _WORDS and after != "(":
            end = _end(tokens, at, "{", "}") if after == "{" else at
            selectors.append(Selector(text, _matchers(tokens[at + 1 : end - 1])))
            at = end
    return Read(tuple(selectors), frozenset(grouped))


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(expression):
        kind = str(match.lastgroup)
        if kind != "comment":
            yield kind, match[0]


def _end(tokens: list[tuple[str, str]], at: int, opening: str, closing: str) -> int:
    """Behind the bracket that closes the one at a place."""
    assert tokens[at][1] == opening
    for place in range(at, len(tokens)):
        if tokens[place] == ("sign", closing):
            return place + 1
    raise ValueError(f"{opening} is not closed")


def _matchers(tokens: list[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    found = {}
    for place, (kind, text) in enumerate(tokens):
        if kind == "name":
            found[text] = (tokens[place + 1][1], tokens[place + 2][1][1:-1])
    return found
