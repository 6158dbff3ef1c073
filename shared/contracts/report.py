"""What an institution may say: the kinds of reports, their fields, and the item a report is about (facts.md §§1–4).

A service lists its reports as in facts.md: a name, the item, and the fields with their types; a field that may be left
out has a `?` behind its name. `occurredOn` and the item's key are added, since every report has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from shared.contracts.types import Date, ReportId, RetractReason

RETRACTED = "retracted"

Field = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ItemForm:
    """How a report names its item.

    Without a key the item string is `prefix` alone (`case`), otherwise `prefix` and the key's value
    (`procedure-nurse-4f7q`). With `is_subject` the key is the subject, and `prefix` alone names the item (`opening`).
    """

    prefix: str
    key: str | None = None
    type: Any = None
    is_subject: bool = False

    def item(self, data: Mapping[str, Any]) -> str:
        """The item string of a report's data."""
        return self.prefix if self.key is None or self.is_subject else f"{self.prefix}{data[self.key]}"


@dataclass(frozen=True)
class ReportType:
    """One kind of report: its name (`documents-complete`), its item, and its fields beside `occurredOn` and the key."""

    name: str
    form: ItemForm
    fields: Mapping[str, Any]

    @cached_property
    def all_fields(self) -> Mapping[str, Any]:
        """Every field of `data` with its type; names of fields that may be left out end in `?`."""
        key = {self.form.key: self.form.type} if self.form.key is not None else {}
        return MappingProxyType({"occurredOn": Date, **key, **self.fields})

    @cached_property
    def model(self) -> TypeAdapter[Any]:
        """Checks `data`: a closed object. What it accepts it leaves as it is."""
        members = {
            name.removesuffix("?"): NotRequired[type_] if name.endswith("?") else type_
            for name, type_ in self.all_fields.items()
        }
        shape = TypedDict(_class_name(self.name), members)  # type: ignore[misc]  # made from data
        return TypeAdapter(with_config(ConfigDict(extra="forbid", strict=True))(shape))

    @cached_property
    def _check(self) -> Callable[[object], object]:
        """The core of the model, without the adapter's own handling of options."""
        check: Callable[[object], object] = self.model.validator.validate_python
        return check

    def item(self, data: Mapping[str, Any]) -> str:
        """The item string of checked data."""
        return self.form.item(data)

    def fault(self, data: object, subject: str) -> Field | None:
        """Where `data` is wrong, as the keys that lead there; None when it is right. The first fault counts."""
        try:
            self._check(data)
        except ValidationError as error:
            return error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        form = self.form
        if form.is_subject and form.key is not None and isinstance(data, dict) and data[form.key] != subject:
            return (form.key,)
        return None


def by_name(*types: ReportType) -> Mapping[str, ReportType]:
    """The reports of a service by their names."""
    return MappingProxyType({type_.name: type_ for type_ in types})


#: A report that takes another one back; every service has it, and it belongs to no item.
RETRACTION = ReportType(RETRACTED, ItemForm(""), {"reportId": ReportId, "reason": RetractReason})


def _class_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))
