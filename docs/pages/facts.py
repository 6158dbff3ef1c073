"""What may be reported and what is said: facts with their fields, the forms of the fields, the shapes of snapshots."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec
from pydantic import TypeAdapter

from pages.found import part, reporting
from pages.markdown import code, codes, page, table
from shared.contracts import types
from shared.contracts.report import RETRACTION, ItemForm, ReportType


def facts() -> str:
    """The page of all facts of the services that are there."""
    parts: list[str] = []
    used: dict[str, Any] = {"Date": types.Date}
    for service in reporting():
        reports: Mapping[str, ReportType] = part(service, "reports").REPORTS
        rows = [_fact(report, used) for report in reports.values()]
        parts += [f"## {service}", table(("fact", "item", "fields beside `occurredOn` and the item's key"), rows)]
    parts += ["## every service", table(("fact", "item", "fields"), [_fact(RETRACTION, used)])]
    rows = [(code(name), form(used[name])) for name in sorted(used)]
    return page(
        "Facts and their fields",
        "`services/*/reports.py` and `shared/contracts/types.py`",
        "The type of a report is `lotse.<service>.<fact>.v1`. `?` marks a field that may be left out. Objects are "
        "closed. What the facts mean stands in [facts §4](../facts.md#4-facts-by-service).",
        *parts,
        "## Forms of the fields",
        table(("type", "form"), rows),
    )


def _fact(report: ReportType, used: dict[str, Any]) -> Sequence[str]:
    fields = []
    for field, type_ in report.fields.items():
        name = _name(type_, field)
        used[name] = type_
        fields.append(f"`{field}: {name}`")
    if report.form.key is not None:
        used[_name(report.form.type, report.form.key)] = report.form.type
    return code(report.name), code(item_of(report.form)), ", ".join(fields) or "none"


def item_of(item: ItemForm) -> str:
    """How the item string of such reports is written."""
    return item.prefix if item.key is None or item.is_subject else f"{item.prefix}<{item.key}>"


def _name(type_: Any, field: str) -> str:
    """The name of a type in types.py; of several names for the same form the one that ends like the field."""
    names = [name for name, value in vars(types).items() if name[0].isupper() and value is type_]
    return max(reversed(names), key=lambda name: _common_end(name.lower(), field.rstrip("?").lower()))


def _common_end(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(one), reversed(other), strict=False)))


def form(type_: Any) -> str:
    """What a type accepts, in words and patterns."""
    return _form(TypeAdapter(type_).json_schema())


def _form(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return codes(schema["enum"])
    kind = schema["type"]
    if kind == "array":
        most = f" to {schema['maxItems']}" if "maxItems" in schema else " or more"
        return f"list of 1{most}, each once: {_form(schema['items'])}"
    if kind == "boolean":
        return "`true`, `false`"
    if kind == "string":
        return ("calendar day, " if schema.get("format") == "date" else "") + code(schema["pattern"])
    low = f"more than {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else f"{schema['minimum']}"
    steps = f", in steps of {schema['multipleOf']}" if "multipleOf" in schema else ""
    return f"{kind}, {low} to {schema['maximum']}{steps}"


def snapshots() -> str:
    """The page of all snapshots: item, type, and the fields of `state`."""
    parts = []
    for service in reporting():
        parts.append(f"## {service}")
        for shape in part(service, "snapshot").ITEMS:
            item = f"{shape.prefix}<id>" if shape.prefix.endswith("-") else shape.prefix
            rows = [
                (
                    code(field.encode_name),
                    _shape(field.type),
                    "always" if field.required else "while known",
                )
                for field in msgspec.structs.fields(shape.state)
            ]
            parts += [
                f"### `{item}`: `lotse.{service}.{shape.kind}.v1`",
                table(("field of `state`", "form", "there"), rows),
            ]
    return page(
        "Snapshots: what services say",
        "`services/*/snapshot.py`",
        "`data` of a snapshot has `caseId`, `item`, `sequence`, `cause`, `state`, `because`, `conflicts` and `facts` "
        "([contract §5](../contract.md#5-what-services-publish), [facts §6](../facts.md#6-shapes)). This is `state`.",
        *parts,
    )


def _shape(type_: Any) -> str:
    """The form of one field of a struct, from the JSON Schema that is published of it."""
    given = [one for one in typing.get_args(type_) if one is not msgspec.UnsetType]
    if given and msgspec.UnsetType in typing.get_args(type_):
        type_ = typing.Union[tuple(given)]  # noqa: UP007  # made from data
    (schema,), components = msgspec.json.schema_components([type_])
    return _described(schema, components)


def _described(schema: Mapping[str, Any], components: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        named = components[schema["$ref"].rsplit("/", 1)[1]]
        return "object of " + codes(named["properties"])
    if "anyOf" in schema:
        return " or ".join(_described(one, components) for one in schema["anyOf"])
    if "enum" in schema:
        return codes(sorted(str(value) if value is not None else "null" for value in schema["enum"]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list: {_described(schema['items'], components)}"
    if kind == "object":
        return f"map: {_described(schema['additionalProperties'], components)}"
    if kind == "null":
        return "`null`"
    return "calendar day" if schema.get("format") == "date" else str(kind)
