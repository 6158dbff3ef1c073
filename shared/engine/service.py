"""What a service folder gives to the engine: its name, its reports, its rules, and which parent a report reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.contracts.report import ReportType
from shared.contracts.state import ItemShape
from shared.rules.model import Fact, RuleBook


def no_parent(_: Fact) -> str | None:
    """Most services have no parents: an item is derived from its own facts alone."""
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """One reporting service.

    `items` are the shapes of what it says; the published AsyncAPI document is made from them.
    `parent_of` names the subject whose item `parent_item` a fact's item is derived with (an introduction's opening);
    `follows_consent` is False for intake alone, which keeps what it says after a consent was revoked.
    """

    name: str
    reports: Mapping[str, ReportType]
    book: RuleBook
    items: tuple[ItemShape, ...] = ()
    parent_of: Callable[[Fact], str | None] = no_parent
    parent_item: str = ""
    follows_consent: bool = True
    migrations: tuple[Path, ...] = field(default=())
