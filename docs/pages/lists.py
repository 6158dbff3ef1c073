"""The one lists of the program as tables: settings, metrics, codes, topics, rules."""

from __future__ import annotations

from collections.abc import Iterator

from lotse.stack.topics import configuration_of
from pages.compose import compose_table
from pages.found import own_rules, reporting
from pages.markdown import code, codes, page, table
from shared.contracts.topics import (
    BOARD_TOPIC,
    CLOCK_TOPIC,
    dead_letters_topic,
    events_topic,
    inbound_topic,
    receipts_topic,
)
from shared.contracts.verdicts import CODES
from shared.platform.metrics import METRICS
from shared.platform.settings import PORTS, SETTINGS
from shared.rules.rule_table import RULES, Rule

_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}


def settings() -> str:
    """Every setting with its default, the ports, and the variables of docker-compose.yml."""
    return page(
        "Settings",
        "`shared/platform/settings.py` and `docker-compose.yml`",
        "Environment variables. They are read and checked once at start; a wrong one ends the process with a sentence "
        "that names it, what was found and what is allowed.",
        table(("setting", "default", "meaning"), [(code(s.name), code(s.default or ""), s.meaning) for s in SETTINGS]),
        "## Ports\n\nThe default of `LOTSE_HTTP_PORT`:",
        table(("process", "port"), [(name, str(port)) for name, port in PORTS.items()]),
        "## A region in containers\n\nWhat `docker compose` reads, from the environment or from a file `.env` beside "
        "docker-compose.yml; `lotse` reads the same. All ports are bound to 127.0.0.1. The settings above are given "
        "to the containers by docker-compose.yml.",
        compose_table(),
    )


def metrics() -> str:
    """Every metric with kind, labels and meaning."""
    return page(
        "Metrics",
        "`shared/platform/metrics.py`",
        "At `/metrics` of every process, in the format of Prometheus. The unit is in the name; a name that ends in "
        "`_total` only grows. No label holds a case, a child or an employer.",
        table(
            ("metric", "kind", "labels", "meaning"),
            [(code(m.name), m.kind, codes(m.labels), m.meaning) for m in METRICS],
        ),
    )


def receipts() -> str:
    """Every code of a receipt, in both languages."""
    parts = []
    for verdict in dict.fromkeys(entry.verdict for entry in CODES.values()):
        parts.append(f"## {verdict}")
        for entry in CODES.values():
            if entry.verdict == verdict:
                parts += [
                    f"### `{entry.code}`",
                    table(
                        ("", "Deutsch", "English"),
                        [
                            ("was es bedeutet / what it means", entry.message.de, entry.message.en),
                            ("was zu tun ist / what to do", entry.hint.de, entry.hint.en),
                            ("wer hilft / who helps", entry.helper.de, entry.helper.en),
                        ],
                    ),
                    f"[Beispiel mit Quittung / example with receipt](examples/codes/{entry.code}.json)",
                ]
    return page(
        "Codes einer Quittung / Codes of a receipt",
        "`shared/contracts/verdicts.py`",
        "Jede Meldung hat zu jeder Zeit genau ein Urteil. Die Codes bleiben, wie sie sind: Eine Software richtet sich "
        "nach `verdict` und `code`, der Mensch liest `message` und `hint`.",
        "Every report has exactly one standing verdict ([contract §4](../contract.md#4-receipts-every-report-has-"
        "exactly-one-standing-verdict)). Codes are stable; a program should look at `verdict` and `code`, a person "
        "reads `message` and `hint`.",
        *parts,
    )


def topics() -> str:
    """Every family of topics with its configuration on Kafka."""
    names = [
        inbound_topic("<service>", "<institution>"),
        receipts_topic("<institution>"),
        events_topic("<service>"),
        BOARD_TOPIC,
        CLOCK_TOPIC,
        dead_letters_topic("<service>"),
    ]
    rows = []
    for name in names:
        configuration = configuration_of(name, "kafka")
        partitions = "1" if name == CLOCK_TOPIC else "`LOTSE_PARTITIONS`"
        rows.append((code(name), partitions, codes(f"{key}={value}" for key, value in configuration.items())))
    return page(
        "Topics",
        "`shared/contracts/topics.py` and `lotse/stack/topics.py`",
        "Who writes and reads them, and their keys, stands in [contract §2](../contract.md#2-topics). `lotse up` and "
        "`lotse topics create` make them from the institutions file. The embedded broker knows no configuration and "
        "keeps everything.",
        table(("topic", "partitions", "configuration on Kafka"), rows),
    )


def rules() -> str:
    """Every version of every deadline."""
    own = [rule for service in reporting() for rule in own_rules(service)]
    return page(
        "Rules: deadlines and their laws",
        "`shared/rules/rule_table.py`",
        "A deadline is chosen by its clock and by what the matter is about; the first row that fits decides. It is "
        "valid for clocks that start on or after the day in *valid*. Months end on the same day number, else on the "
        "last day of the month. *moves*: an end on a Saturday, Sunday or public holiday of the body's Land moves to "
        "the next working day. Rules that begin with `lotse:` are the project's own and promise nothing in law. "
        "[states §8](../states.md#8-rules-versioned-validfrom-validto-the-key-is-clock--selection) is what the table "
        "was made from.",
        table(
            ("clock", "ruleId", "for", "length", "starts with", "met by", "kind", "moves", "valid"),
            [tuple(_rule(rule)) for rule in (*RULES, *own)],
        ),
    )


def _rule(rule: Rule) -> Iterator[str]:
    yield rule.clock
    yield code(rule.rule_id)
    yield "; ".join(f"{name} {', '.join(sorted(values))}" for name, values in rule.selects.items()) or "–"
    yield _length(rule.length)
    yield rule.starts
    yield rule.met_by
    yield rule.kind
    yield "yes" if rule.shift else "no"
    yield f"{rule.valid_from} – {rule.valid_to or ''}".rstrip()


def _length(text: str) -> str:
    """`-6w` in words; an empty length is a date that was reported or is computed elsewhere."""
    if not text:
        return "a date"
    count, unit = int(text[:-1]), _UNITS[text[-1]]
    plural = "" if abs(count) == 1 else "s"
    return f"{abs(count)} {unit}{plural}{' before' if count < 0 else ''}"
