"""The rules in a hurry are the real rules, with shorter times and nothing else changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.containers.scaled_rules import scaled, seconds
from tests.support.promql import read
from tests.support.watching import rule_files

_RULE = {
    "alert": "Late",
    "expr": "x > 60  # seconds\nand rate(y[5m] offset 1h) > 10\nand on (a) z[1h30m:1m] < 7200  # seconds: two hours",
    "for": "2m",
    "keep_firing_for": "1h",
    "labels": {"severity": "page"},
}


def _file() -> dict[str, Any]:
    return {"groups": [{"name": "one", "interval": "1m", "rules": [dict(_RULE)]}]}


def test_every_time_is_divided() -> None:
    """`for`, intervals, ranges, offsets, and numbers that a remark calls seconds; other numbers stay."""
    group = scaled(_file(), 12)["groups"][0]
    (rule,) = group["rules"]
    assert (group["interval"], rule["for"], rule["keep_firing_for"]) == ("5s", "10s", "300s")
    assert "x > 10  # seconds" in rule["expr"]
    assert "rate(y[25s] offset 300s) > 10" in rule["expr"]
    assert "< 600  # seconds: two hours" in rule["expr"]
    assert rule["labels"] == _RULE["labels"]


def test_nothing_becomes_too_short_to_be_measured() -> None:
    """A range must hold two scrapes, and what is waited for must be longer than a range."""
    group = scaled(_file(), 10_000)["groups"][0]
    (rule,) = group["rules"]
    assert (group["interval"], rule["for"]) == ("1s", "12ms")
    assert "rate(y[5s] offset 5s) > 10" in rule["expr"]
    assert "x > 10  # seconds" in rule["expr"]


def test_the_rules_that_were_given_stay() -> None:
    """The result is a copy, and a factor of one changes no length."""
    given = _file()
    same = scaled(given, 1)
    assert given == _file()
    assert seconds(same["groups"][0]["rules"][0]["for"]) == 120


@pytest.mark.parametrize("text", ["", "5", "m", "5m3", "5 m", "1.5h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A rule with a duration that this does not understand would otherwise keep its length."""
    with pytest.raises(ValueError, match="no duration"):
        seconds(text)


def test_no_long_time_is_left_in_the_real_rules() -> None:
    """After dividing by a day no range, offset or threshold of theirs is longer than a minute."""
    for file in rule_files().values():
        for group in scaled(file, 86_400)["groups"]:
            for rule in group["rules"]:
                lengths = re.findall(r"\[([^\]:]+)\]|offset (\w+)", rule["expr"])
                assert all(seconds(one or other) <= 60 for one, other in lengths), rule
                assert seconds(rule.get("for", "0s")) <= 1


def test_what_the_real_rules_read_stays_the_same() -> None:
    """Only numbers change: metrics, labels and groupings are those of the real file."""
    for file in rule_files().values():
        pairs = zip(file["groups"], scaled(file, 600)["groups"], strict=True)
        for before, after in pairs:
            for one, other in zip(before["rules"], after["rules"], strict=True):
                assert read(one["expr"]) == read(other["expr"])
