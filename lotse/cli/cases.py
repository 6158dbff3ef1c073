"""`lotse cases`, `lotse case`, `lotse timeline`: what the coordinator's read API answers, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from rich.markup import escape
from rich.table import Table

from lotse.cli.api import ApiError, ask
from lotse.cli.explain import barrier_cell, tell_case
from lotse.cli.out import answer, argument, day, option, table, tell, tell_json
from lotse.cli.words import BARRIERS, CODES, STAGES, STATUSES, TURNS, Word, fact_word, word
from lotse.errors import ExplainedError

_PAGE = 200
Row = Mapping[str, Any]


def cases(
    barrier: Annotated[str, option("--barrier", help="die Filter gelten für dieses Hindernis | of this barrier")] = "",
    status: Annotated[str, option("--status", help="nur dieser Stand | only this status")] = "",
    turn: Annotated[str, option("--turn", help="wer am Zug ist | whose turn it is")] = "",
    stage: Annotated[str, option("--stage", help="nur diese Stufe | only this stage")] = "",
    stalled: Annotated[
        bool | None, option("--stalled/--not-stalled", help="nur überfällige | only those that are stalled")
    ] = None,
    only_barrier: Annotated[
        str, option("--only-barrier", help="das einzige offene Hindernis | the only open barrier")
    ] = "",
    ags: Annotated[str, option("--ags", help="Gemeindeschlüssel | municipality")] = "",
    limit: Annotated[int, option("--limit", min=1, help="so viele Fälle | so many cases")] = 50,
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Listet die Fälle mit ihren Hindernissen. [dim]Lists the cases with their barriers.[/dim]"""
    # Which barriers there are the read API knows: a further service brings a further one.
    for name, value, words in (
        ("--status", status, STATUSES),
        ("--turn", turn, TURNS),
        ("--stage", stage, STAGES),
    ):
        _check(name, value, words)
    query: dict[str, str | int] = {
        "barrier": barrier,
        "status": status,
        "turn": turn,
        "stage": stage,
        "onlyBarrier": only_barrier,
        "ags": ags,
    }
    query = {name: value for name, value in query.items() if value}
    if stalled is not None:
        query["stalled"] = "true" if stalled else "false"
    found, more = _take(query, limit)
    if as_json:
        tell_json({"items": found, "more": more})
    elif found:
        answer.print(_table(found))
        _tell_number(len(found), more)
    else:
        tell("Kein Fall passt dazu.", "No case matches.")


def case(
    case_id: Annotated[str, argument(metavar="ID", help="Kennung des Falls | id of the case")],
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Erklärt einen Fall: warum, wer am Zug ist, seit wann, bis wann, was folgt. [dim]Explains a case.[/dim]"""
    found = _one(f"/v1/cases/{_checked(case_id)}", case_id, {})
    if as_json:
        tell_json(found)
    else:
        tell_case(found)


def timeline(
    case_id: Annotated[str, argument(metavar="ID", help="Kennung des Falls | id of the case")],
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Zeigt alle Meldungen zu einem Fall in der Folge der Ereignisse. [dim]Shows all reports on a case.[/dim]"""
    path = f"/v1/cases/{_checked(case_id)}/timeline"
    items = [row for page in pages(lambda query: _one(path, case_id, query), {}) for row in page["items"]]
    if as_json:
        tell_json({"caseId": case_id, "items": items})
    elif items:
        answer.print(_timeline(items))
    else:
        tell("Zu diesem Fall gibt es keine Meldungen.", "There are no reports on this case.")


def _one(path: str, case_id: str, query: Mapping[str, str | int]) -> Any:
    try:
        return ask(path, query)
    except ApiError as error:
        if error.status != 404:
            raise
        raise ExplainedError(
            de=(
                f"Den Fall {case_id} gibt es nicht, oder er ist nicht sichtbar (Einwilligung widerrufen). Ist die "
                "Meldung angekommen? `lotse receipts <Institution>`, `lotse cases`."
            ),
            en=(
                f"There is no case {case_id}, or it is hidden (consent revoked). Did the report arrive? `lotse "
                "receipts <institution>`, `lotse cases`."
            ),
        ) from None


def _checked(case_id: str) -> str:
    """The id, where it can be part of an address; else nobody has such a case."""
    if not case_id.replace("-", "").isalnum():
        raise ExplainedError(
            de=f"{case_id!r} ist keine Kennung eines Falls; erwartet wird eine UUID. `lotse cases` zeigt alle.",
            en=f"{case_id!r} is no id of a case; a UUID is expected. `lotse cases` lists all.",
        )
    return case_id.lower()


def pages(page: Callable[[Mapping[str, str | int]], Any], query: Mapping[str, str | int]) -> Iterator[Row]:
    """All pages of an answer, each asked for when it is needed."""
    cursor = None
    while True:
        found = page({**query, "limit": _PAGE, **({"cursor": cursor} if cursor else {})})
        yield found
        cursor = found["next"]
        if cursor is None:
            return


def _take(query: Mapping[str, str | int], limit: int) -> tuple[list[Row], bool]:
    """The first cases, and whether there are more."""
    found: list[Row] = []
    for page in pages(lambda asked: ask("/v1/cases", asked), query):
        found += page["items"]
        if len(found) > limit:
            return found[:limit], True
    return found, False


def _check(name: str, value: str, words: Mapping[str, Word]) -> None:
    if value and value not in words:
        listed = ", ".join(f"{known} ({shown.de})" for known, shown in words.items())
        raise ExplainedError(
            de=f"{name} {value!r} gibt es nicht; es gibt: {listed}.",
            en=f"There is no {name} {value!r}; there are: {', '.join(words)}.",
        )


def _table(found: Sequence[Row]) -> Table:
    names = list(dict.fromkeys([*BARRIERS, *(name for row in found for name in row["barriers"])]))
    heads = [f"{shown.de} | {shown.en}" for shown in (word(BARRIERS, name) for name in names)]
    rows = table("Fall | case", "Stufe | stage", *heads, "nur noch | only")
    rows.columns[0].no_wrap = True
    for row in found:
        cells = [barrier_cell(row["barriers"].get(name)) for name in names]
        rows.add_row(row["caseId"], word(STAGES, row["stage"]).de, *cells, word(BARRIERS, row["onlyBarrier"]).de)
    return rows


def _tell_number(number: int, more: bool) -> None:
    if more:
        tell(f"{number} gezeigt, es gibt mehr: --limit.", f"{number} are shown, there are more: --limit.")
    else:
        fall, case = ("Fall", "case") if number == 1 else ("Fälle", "cases")
        tell(f"{number} {fall}. ! = überfällig", f"{number} {case}. ! = stalled")


def _timeline(items: Sequence[Row]) -> Table:
    rows = table("Tag | day", "Meldung | report", "Vorgang | item", "von | from", "gilt | in force")
    for entry in items:
        rows.add_row(
            day(entry["occurredOn"]),
            fact_word(entry["type"]).both,
            escape(f"{entry['service']}/{entry['item']}"),
            f"{escape(entry['source'])} [dim]{escape(entry['id'])}[/dim]",
            _force(entry),
        )
    return rows


def _force(entry: Row) -> str:
    if entry["inForce"]:
        return Word("ja", "yes").marked("green")
    why = word(CODES, entry.get("code"))
    return Word(f"nein: {escape(why.de)}", f"no: {escape(why.en)}").marked("yellow")
