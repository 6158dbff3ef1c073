"""`lotse receipts`: what Lotse answered an institution."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from rich.markup import escape
from rich.table import Table

from lotse.cli.inbox import Receipt, ReceiptReader, standing
from lotse.cli.institutions import read_institutions, require_institution
from lotse.cli.out import answer, argument, option, table, tell, tell_json, tell_json_line
from lotse.cli.where import Kafka, kafka
from lotse.cli.words import VERDICTS, Word, word
from lotse.errors import ExplainedError

_COLOURS = {"accepted": "green", "parked": "yellow", "duplicate": "cyan", "rejected": "red"}
Wanted = Callable[[Receipt], bool]


def receipts(
    institution: Annotated[str, argument(help="Kennung der Institution | id of the institution")],
    verdict: Annotated[str, option("--verdict", help="nur dieses Urteil | only this verdict")] = "",
    code: Annotated[str, option("--code", help="nur dieser Code | only this code")] = "",
    limit: Annotated[int, option("--limit", min=0, help="so viele auflisten | list so many")] = 50,
    follow: Annotated[bool, option("--follow", "-f", help="weiter mitlesen | read on")] = False,
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Zeigt die Quittungen einer Institution: zu jeder Meldung die neueste. [dim]Shows its receipts.[/dim]"""
    if verdict and verdict not in VERDICTS:
        raise ExplainedError(
            de=f"Das Urteil {verdict!r} gibt es nicht; es gibt: {', '.join(VERDICTS)}.",
            en=f"There is no verdict {verdict!r}; there are: {', '.join(VERDICTS)}.",
        )
    at = kafka()
    require_institution(read_institutions(at.institutions), institution)

    def wanted(receipt: Receipt) -> bool:
        return receipt.data.get("verdict", "") in (verdict or VERDICTS) and code in ("", receipt.data.get("code"))

    asyncio.run(_receipts(at, institution, wanted, limit, follow, as_json))


async def _receipts(at: Kafka, institution: str, wanted: Wanted, limit: int, follow: bool, as_json: bool) -> None:
    async with ReceiptReader(at, [institution]) as reader:
        found = [receipt for receipt in standing(await reader.so_far()) if wanted(receipt)]
        if not follow:
            _tell_all(found, limit, as_json)
            return
        _tell_lines(found, as_json)
        try:
            async for arrived in reader.from_now():
                _tell_lines([receipt for receipt in arrived if wanted(receipt)], as_json)
        except asyncio.CancelledError:
            pass  # Ctrl-C ends the reading


def _tell_all(found: Sequence[Receipt], limit: int, as_json: bool) -> None:
    if as_json:
        tell_json({"receipts": [dict(receipt.data) for receipt in found]})
        return
    if not found:
        tell("Keine Quittungen.", "No receipts.")
        return
    answer.print(_counts(found))
    answer.print()
    rows = table("Meldung | report", "Urteil | verdict", "Nachricht | message")
    for receipt in found[:limit]:
        rows.add_row(*_cells(receipt))
    answer.print(rows)
    if len(found) > limit:
        rest = len(found) - limit
        tell(f"… und {rest} weitere; alle mit --limit {len(found)}.", f"and {rest} more; see --limit.")


def _tell_lines(found: Sequence[Receipt], as_json: bool) -> None:
    for receipt in found:
        if as_json:
            tell_json_line(dict(receipt.data))
        else:
            answer.print("  ".join(_cells(receipt)))


def _counts(found: Sequence[Receipt]) -> Table:
    counts = Counter((receipt.data.get("verdict", ""), receipt.data.get("code", "")) for receipt in found)
    rows = table("Urteil | verdict", "Code | code", ">Zahl | number")
    order = list(VERDICTS)
    for (verdict, code), number in sorted(counts.items(), key=lambda entry: (order.index(entry[0][0]), -entry[1])):
        rows.add_row(_coloured(verdict), code, str(number))
    return rows


def _cells(receipt: Receipt) -> tuple[str, str, str]:
    data = receipt.data
    named = f"{data['service']} {data.get('source', '')} {data.get('reportId', '')}"
    topic, partition, offset = receipt.place
    report = named if data.get("reportId") else f"{topic} {partition}/{offset}"
    path = f" [dim]{escape(data['path'])}[/dim]" if data.get("path") else ""
    return escape(report), verdict_cell(data), f"{_message(data)}{path}"


def verdict_cell(data: Mapping[str, Any]) -> str:
    """Verdict and code of a receipt, in one cell."""
    return f"{_coloured(data['verdict'])} [dim]{data['code']}[/dim]"


def explain(data: Mapping[str, Any]) -> None:
    """What a receipt says, and what to do, in both languages."""
    path = f" ({data['path']})" if data.get("path") else ""
    message, hint = data["message"], data["hint"]
    tell(f"{data['code']}{path}: {message['de']} {hint['de']}", f"{message['en']} {hint['en']}", mark="[bold]·[/bold] ")


def _coloured(verdict: str) -> str:
    return word(VERDICTS, verdict).marked(_COLOURS.get(verdict, ""))


def _message(data: Mapping[str, Any]) -> str:
    message = data.get("message") or {}
    return Word(escape(message.get("de", "")), escape(message.get("en", ""))).both
