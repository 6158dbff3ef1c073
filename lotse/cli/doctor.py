"""`lotse doctor`: is everything well, and what to do where it is not."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from lotse.cli.checks import NOTHING, Finding, Patient, examine
from lotse.cli.out import answer, option, plain_table, tell, tell_json
from lotse.cli.where import kafka, region_here, running_stack, url_of
from lotse.cli.words import Word
from shared.platform.services import known_services

_MARKS = {"good": "[green]●[/green]", "doubtful": "[yellow]●[/yellow]", "bad": "[red]●[/red]"}


def doctor(as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False) -> None:
    """Prüft, ob alles läuft, und sagt, was zu tun ist. [dim]Checks that all is well, and says what to do.[/dim]

    Ausgang 1, wenn etwas rot ist. [dim]Exit code 1 if anything is red.[/dim]
    """
    findings = asyncio.run(examine(_patient()))
    bad = [finding for finding in findings if finding.health == "bad"]
    if as_json:
        tell_json({"well": not bad, "findings": [_described(finding) for finding in findings]})
    else:
        answer.print(_table(findings))
        if bad:
            tell(f"{len(bad)} rot.", f"{len(bad)} red.", mark="[red]●[/red] ")
        else:
            tell("Alles läuft.", "All is well.", mark="[green]●[/green] ")
    if bad:
        raise typer.Exit(1)


def _patient() -> Patient:
    at, stack = kafka(), running_stack()
    if stack is not None:
        return Patient(at, stack.urls, stack)
    if at.secrets is not None and region_here():
        return Patient(at, {name: url_of(name) for name in known_services()}, None, region=True)
    named = os.environ.get("LOTSE_COORDINATOR_URL")
    return Patient(at, {"coordinator": named.rstrip("/")} if named else {}, None)


def _table(findings: list[Finding]) -> Table:
    rows = plain_table(3)
    for finding in findings:
        advice = "" if finding.advice == NOTHING else f"\n→ {_both(finding.advice)}"
        rows.add_row(_MARKS[finding.health], finding.part, f"{_both(finding.text)}{advice}")
    return rows


def _both(text: Word) -> str:
    return Word(escape(text.de), escape(text.en)).both


def _described(finding: Finding) -> dict[str, object]:
    return {**asdict(finding), "text": finding.text._asdict(), "advice": finding.advice._asdict()}
