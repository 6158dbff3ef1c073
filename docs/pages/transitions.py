"""What the services' tables allow: a diagram and the full rows, from the very tables that the walker walks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pages.found import meanings_of_flags, reporting, tables
from pages.markdown import code, codes, page, table
from shared.rules.table import Beside, Clocked, From, Move, Reckoned, Register, Table


def transitions() -> str:
    """The page of all tables."""
    parts = []
    for service in reporting():
        parts.append(f"## {service}")
        for name, rows in tables(service).items():
            parts += [f"### {service}: {name}", *_item(rows)]
        flags = meanings_of_flags(service)
        if flags:
            parts += [f"### {service}: while a flag runs", _meanings(flags, "flag")]
    return page(
        "What may follow what",
        "`services/*/table.py`",
        "A *step* goes forward and may be skipped; a *loop* may return; a *flag* runs beside the state; a *register* "
        "is always allowed and never moves the state ([states §1](../states.md#1-walker-words-snapshot)). A fact that "
        "no row allows is parked. The diagrams draw a step only from the states nearest to it, since skipping is "
        "always believed, and leave flags out; the tables below them say all of it.",
        *parts,
    )


def _item(rows: Table) -> Iterator[str]:
    levels = _levels(rows)
    yield _diagram(rows, levels)
    yield table(
        ("fact", "form, rank", "leads to", "allowed from", "remarks"),
        [_move(row, levels) for row in rows.moves],
    )
    calendar = [name for name in rows.meanings if name not in levels]
    if calendar:
        yield f"Reached by the calendar, not by a report: {codes(calendar)}."
    if rows.besides:
        yield table(
            ("flag, rank", "started by", "ended by", "while", "remarks"),
            [_flag(row, levels) for row in rows.besides],
        )
    if rows.always:
        yield f"Allowed in every state, and never moving it: {codes(rows.always)}."
    if rows.registers:
        yield table(("register", "named by", "which one holds"), map(_register, rows.registers))
    if rows.reckoned:
        yield table(("reckoned after each fact", "how"), map(_reckoned, rows.reckoned))
    if rows.meanings:
        yield _meanings(rows.meanings)


def _levels(rows: Table) -> dict[str, list[int]]:
    """Every state that facts lead to, with its ranks, in the order of the lowest."""
    found = {rows.initial: [0]}
    for row in rows.moves:
        for target in _targets(row):
            ranks = found.setdefault(target, [])
            if row.reached not in ranks:
                ranks.append(row.reached)
    return dict(sorted(found.items(), key=lambda entry: min(entry[1])))


def _targets(row: Move) -> Iterable[str]:
    return [row.to] if isinstance(row.to, str) else dict.fromkeys(row.to.values())


def _sources(allowed: From, levels: dict[str, list[int]]) -> list[str]:
    return [name for name, ranks in levels.items() if any(allowed.holds(name, rank) for rank in ranks)]


def _nearest(row: Move, levels: dict[str, list[int]]) -> list[str]:
    """The states from which an arrow is drawn: those that are named, and of each span those of the highest rank."""
    targets = _targets(row)
    sources = [name for name in _sources(row.allowed, levels) if name not in targets]
    drawn = [name for name in sources if name in row.allowed.states]
    for low, high in row.allowed.spans:
        inside = {
            name: max(rank for rank in levels[name] if low <= rank <= high)
            for name in sources
            if any(low <= rank <= high for rank in levels[name])
        }
        drawn += [name for name, rank in inside.items() if rank == max(inside.values()) and name not in drawn]
    return drawn + [name for name in targets if row.again]


class _Arrows:
    """The arrows of one diagram; those of the same two states share their label."""

    def __init__(self) -> None:
        self.labels: dict[tuple[str, str], list[str]] = {}

    def draw(self, source: str, target: str, label: str) -> None:
        labels = self.labels.setdefault((source, target), [])
        if label not in labels:
            labels.append(label)

    def draw_row(self, row: Move, source: str) -> None:
        """From a state to where the row leads; to several states through a fork, one for each fact."""
        if isinstance(row.to, str):
            self.draw(source, row.to, row.fact)
            return
        fork = f"{row.fact}?"
        self.draw(source, fork, row.fact)
        for value, target in row.to.items():
            self.draw(fork, target, value)

    def leave(self, state: str) -> bool:
        """Whether an arrow goes from this state to another."""
        return any(source == state != target for source, target in self.labels)


def _diagram(rows: Table, levels: dict[str, list[int]]) -> str:
    arrows = _Arrows()
    for row in rows.moves:
        for source in _nearest(row, levels):
            arrows.draw_row(row, source)
    for state in [name for name in levels if not arrows.leave(name)]:
        for row in rows.moves:
            if state in _sources(row.allowed, levels) and state not in _targets(row):
                arrows.draw_row(row, state)
    names = {name: _short(name) for name in levels}
    forks = dict.fromkeys(source for source, _ in arrows.labels if source not in levels)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'  state "{name}" as {short}' for name, short in names.items()]
    lines += [f"  state {_short(fork)} <<choice>>" for fork in forks]
    lines.append(f"  [*] --> {names[rows.initial]}")
    lines += [
        f"  {_short(source)} --> {_short(target)}: {', '.join(labels)}"
        for (source, target), labels in arrows.labels.items()
    ]
    return "\n".join([*lines, "```"])


def _short(name: str) -> str:
    """A name as mermaid takes it; words of mermaid's own are none of ours because of the end."""
    return name.replace("-", "_").replace("?", "_which") + "_"


def _move(row: Move, levels: dict[str, list[int]]) -> Sequence[str]:
    target = code(row.to) if isinstance(row.to, str) else f"by {code(row.by)}: {codes(_targets(row))}"
    form = f"{row.form} {row.rank}" + (f" → {row.reached}" if row.reaches >= 0 else "") + (" ↻" if row.again else "")
    remarks = [row.note] if row.note else []
    if row.idle:
        remarks.append(f"in {codes(sorted(row.idle))}: in force, moves nothing")
    if row.contradicts:
        remarks.append(f"in {codes(sorted(row.contradicts))}: parked as a conflict")
    return code(row.fact), form, target, _from(row.allowed, levels), "; ".join(remarks) or "–"


def _from(allowed: From, levels: dict[str, list[int]]) -> str:
    sources = _sources(allowed, levels)
    parts = []
    if len(sources) == len(levels):
        parts.append("every state")
    elif len(sources) > len(levels) / 2:
        parts.append("every state but " + codes(name for name in levels if name not in sources))
    elif sources:
        parts.append(codes(sources))
    if allowed.flags:
        parts.append("while " + codes(sorted(f"+{flag}" for flag in allowed.flags)) + " runs")
    return ", ".join(parts) or "–"


def _flag(flag: Beside, levels: dict[str, list[int]]) -> Sequence[str]:
    echo = "a second start changes nothing" if flag.echoes else "a second start is parked"
    remarks = "; ".join(filter(None, [echo, flag.note]))
    return f"`+{flag.flag}` {flag.rank}", code(flag.start), codes(flag.ends), _from(flag.allowed, levels), remarks


def _register(register: Register) -> Sequence[str]:
    holds = {"last": "the last", "first": "the first", "own": "that of the last fact that could name it"}
    by = codes(register.facts) if register.facts else "any fact that has the field"
    if register.reads:
        by += f", field {code(register.reads)}"
    if register.when:
        by += f", when {code(register.when[0])} is {code(register.when[1])}"
    name = f"{code(register.name)} by {code(register.key)}" if register.key else code(register.name)
    return name, by, holds[register.holds]


def _reckoned(reckoned: Reckoned) -> Sequence[str]:
    return code(reckoned.name), (reckoned.says.__doc__ or "").strip()


def _meanings(meanings: dict[str, Clocked], what: str = "state") -> str:
    return table(
        (what, "barrier", "whose turn", "clocks that give dueOn", "clocks that give stalledFrom"),
        [
            (code(name), said.barrier, said.turn or "–", ", ".join(said.due) or "–", ", ".join(said.stalled) or "–")
            for name, said in meanings.items()
        ],
    )
