"""The first page of docs/contract: where a programmer of an institution begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pages.contract import TOLD
from pages.found import part, reporting
from pages.markdown import code, page, table
from shared.contracts.report import RETRACTED, ReportType
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, events_topic
from shared.contracts.verdicts import CODES

_FIRST = f"lotse.{TOLD}.submitted.v1"
_GERMAN = (
    "Eine Meldung ist ein CloudEvent 1.0: der [Umschlag](schemas/report.json) und, je nach `type`, der Inhalt in "
    "`data`. Das Schema des Inhalts heißt wie die Art der Meldung, zum Beispiel "
    f"[`{_FIRST}`](schemas/reports/{_FIRST}.json). Im binären Modus stehen die Angaben des Umschlags in "
    "`ce_`-Kopfzeilen und der Inhalt allein im Wert; das Schema des Inhalts ist dasselbe.",
    f"Nehmen Sie ein [gutes Beispiel](examples/accepted/{_FIRST}.json) und senden Sie es an ein Lotse, das Sie mit "
    "`lotse up` gestartet haben, oder an den Testbroker Ihrer Region: Topic `inbound.<Dienst>.<Ihre Kennung>`, "
    "Schlüssel `subject`. [Anschluss einer Institution](../onboarding.md) führt mit Zugangsdaten, kcat, Python und "
    "Java in zehn Minuten dorthin.",
    "Lesen Sie die Quittung aus `receipts.<Ihre Kennung>`: `verdict` und `code` sind für die Software, `message` und "
    "`hint` für den Menschen. Was jeder Code bedeutet, was zu tun ist und wer hilft, steht bei den [Codes](codes.md), "
    "zu jedem ein Beispiel mit seiner Quittung.",
    "Als `id` eignet sich eine UUID. Dieselbe Meldung noch einmal zu senden schadet nie. Berichtigt wird mit "
    f"`corrects`, zurückgenommen mit [`{RETRACTED}`](examples/codes/ok.retracted.json).",
    "Was Lotse selbst sagt, hat denselben [Umschlag](schemas/said.json), je Art ein Schema und ein Beispiel unter "
    "[`examples/said`](examples/said).",
)
_ENGLISH = (
    "A report is a CloudEvent 1.0: the [envelope](schemas/report.json) and, depending on `type`, what `data` holds. "
    "The schema of `data` is named like the type of the report, for example "
    f"[`{_FIRST}`](schemas/reports/{_FIRST}.json). In binary mode the attributes are `ce_` headers and the "
    "value is `data` alone; its schema is the same.",
    f"Take a [good example](examples/accepted/{_FIRST}.json) and send it to a Lotse that you started with `lotse up`, "
    "or to the test broker of your region: topic `inbound.<service>.<your id>`, key `subject`. [Connecting an "
    "institution](../onboarding.md) leads there in ten minutes, with credentials, kcat, Python and Java.",
    "Read the receipt from `receipts.<your id>`: `verdict` and `code` are for software, `message` and `hint` for "
    "people. What each code means, what to do and who helps is said with the [codes](codes.md), each with an example "
    "and the receipt that it gets.",
    "A UUID makes a good `id`. Sending the same report again never harms. Correct with `corrects`, take back with "
    f"[`{RETRACTED}`](examples/codes/ok.retracted.json).",
    "What Lotse itself says has the same [envelope](schemas/said.json), and for each type a schema and an example "
    "below [`examples/said`](examples/said).",
)
_LAYOUT = (
    "- `accepted`: a batch of CloudEvents in JSON. The last event is the example, those before it must be known first. "
    "`lotse publish FILE` takes it as it is.",
    "- `refused`: one event with a fault in `data`, and its receipt.",
    "- `said`: one event as Lotse says it.",
    "- `codes`: records in the order in which they are sent, each with the receipts that it brings about. A record "
    "that is no readable event in structured mode stands there as `headers` and `value`; `paddedTo`: filled up with "
    "spaces to so many bytes; `times`: sent so often, each time under an id of its own; "
    "`ourRulesFail`: our own rules raise.",
)
_TRY = f"""\
```sh
lotse publish docs/contract/examples/accepted/{_FIRST}.json
```

```python
import json
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

contract = Path("docs/contract")
event = json.loads((contract / "examples/accepted/{_FIRST}.json").read_text("utf-8"))[-1]
for name, content in (("report", event), (f"reports/{{event['type']}}", event["data"])):
    schema = json.loads((contract / f"schemas/{{name}}.json").read_text("utf-8"))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(content)
```"""


def index() -> str:
    """The page."""
    return page(
        "Die Schnittstelle für Ihre Fachsoftware / The interface for your software",
        "`docs/pages/index.py` and what the program runs on",
        "## Womit anfangen",
        _numbered(_GERMAN),
        "## Where to begin",
        _numbered(_ENGLISH),
        _TRY,
        "## What lies where",
        table(("what", "where"), _places()),
        "The files below `examples`:",
        "\n".join(_LAYOUT),
        "The schemas say what one event must be like. What they cannot say: `occurredOn` is at most one day after "
        "`time`, a personal number stands nowhere, `openingId`, `eventId` and `contactId` of an item of their own "
        "equal `subject`, and whether a report fits what is known ([states](../states.md)).",
        "## Reports",
        *_reports(),
        "## Codes",
        table(
            ("code", "verdict", "example"),
            [
                (
                    f"[`{name}`](codes.md#{_anchor(name)})",
                    entry.verdict,
                    f"[records and receipts](examples/codes/{name}.json)",
                )
                for name, entry in CODES.items()
            ],
        ),
        "## What Lotse says",
        table(("type", "topic", "schema", "example"), _said()),
    )


def _numbered(sentences: tuple[str, ...]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(sentences, 1))


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _places() -> Iterator[tuple[str, str]]:
    yield (
        "every fact with its fields",
        "[facts.md](facts.md); what they mean: [facts §4](../facts.md#4-facts-by-service)",
    )
    yield "every code of a receipt", "[codes.md](codes.md)"
    yield "what may follow what: diagram and table of each kind of item", "[transitions.md](transitions.md)"
    yield "deadlines and their laws", "[rules.md](rules.md)"
    yield "the fields of each snapshot", "[snapshots.md](snapshots.md)"
    yield "JSON Schemas, draft 2020-12", "[schemas](schemas)"
    yield "examples", "[examples](examples)"
    services = ", ".join(f"[{name}](asyncapi/{name}.json)" for name in (*reporting(), "coordinator", "clock"))
    yield "AsyncAPI 3.0, as the processes serve it at `/asyncapi`", services
    yield (
        "OpenAPI 3.1, as the processes serve it at `/openapi.json`",
        "[read API of the coordinator](openapi/coordinator.json), [orders to the clock](openapi/clock.json)",
    )
    yield "topics, keys, rights, what is promised", "[the contract](../contract.md)"


def _reports() -> Iterator[str]:
    for service in reporting():
        reports: Mapping[str, ReportType] = part(service, "reports").REPORTS
        rows = []
        for fact in (*reports, RETRACTED):
            type_ = f"lotse.{service}.{fact}.v1"
            rows.append(
                (
                    code(type_),
                    f"[`data`](schemas/reports/{type_}.json)",
                    f"[good](examples/accepted/{type_}.json)",
                    f"[refused](examples/refused/{type_}.json)",
                )
            )
        yield f"### {service}"
        yield table(("type", "schema", "example", "example"), rows)


def _said() -> Iterator[tuple[str, str, str, str]]:
    for service in reporting():
        for shape in part(service, "snapshot").ITEMS:
            type_ = f"lotse.{service}.{shape.kind}.v1"
            yield code(type_), code(events_topic(service)), _schema(type_), f"[example](examples/said/{type_}.json)"
    yield code("lotse.receipt.v1"), "`receipts.<institution>`", _schema("lotse.receipt.v1"), "[codes](#codes)"
    for kind, topic in (
        ("coordinator.barrier-changed", BOARD_TOPIC),
        ("coordinator.case-changed", BOARD_TOPIC),
        ("clock.day-began", CLOCK_TOPIC),
    ):
        type_ = f"lotse.{kind}.v1"
        yield code(type_), code(topic), _schema(type_), f"[example](examples/said/{type_}.json)"


def _schema(type_: str) -> str:
    return f"[`data`](schemas/said/{type_}.json)"
