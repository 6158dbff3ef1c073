"""Edits of the institutions file: one entry is added or marked, everything else stays as its owner wrote it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from lotse.region.errors import RegionError
from shared.contracts.institutions import Institution, Institutions
from shared.platform.institutions import InstitutionsError, parse_institutions

Edit = Callable[[str], str]


def add_entry(text: str, one: Institution) -> str:
    """The text with one more institution, behind the last one, in one line. Raises RegionError."""
    items = _list(text)
    dash = " " * items.start_mark.column
    end = _line_end(text, _end(items))
    new = f"{text[:end]}\n{dash}- {_in_one_line(one)}{text[end:] or chr(10)}"
    return _checked(text, new, lambda before: (*before, one))


def set_suspended(text: str, id_: str, suspended: bool) -> str:
    """The text with an institution marked as suspended, or no longer. Raises RegionError."""
    known = next((one for one in _checked_read(text) if one.id == id_), None)
    if known is None:
        raise RegionError(
            de=f"{id_} steht nicht in der Institutionen-Datei.", en=f"{id_} is not in the institutions file."
        )
    if known.suspended == suspended:
        return text
    entry = _entry(text, id_)
    without = _without(text, entry, "suspended")
    if suspended:
        without = _with_mark(without, _entry(without, id_))

    def expected(before: tuple[Institution, ...]) -> tuple[Institution, ...]:
        return tuple(_marked(one, suspended) if one.id == id_ else one for one in before)

    return _checked(text, without, expected)


@contextmanager
def editing(path: Path) -> Iterator[Callable[[Edit], Institutions]]:
    """Lets one command at a time edit the file. The function that it gives writes an edit and returns what it says."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

        def write(edit: Edit) -> Institutions:
            try:
                old = path.read_text(encoding="utf-8")
                new = edit(old)
                if new != old:
                    _replace(path, new)
            except (OSError, UnicodeDecodeError) as error:
                raise RegionError(
                    de=f"Die Institutionen-Datei lässt sich nicht ändern: {error}.",
                    en=f"The institutions file cannot be changed: {error}.",
                ) from None
            return parse_institutions(new)

        yield write
    finally:
        os.close(descriptor)


def _replace(path: Path, text: str) -> None:
    """Puts a new file in the place of the old one, so that a service never reads half of it."""
    before = path.stat()
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(before.st_mode & 0o7777)
    if os.geteuid() == 0:
        os.chown(beside, before.st_uid, before.st_gid)
    beside.replace(path)


def _list(text: str) -> yaml.SequenceNode:
    """The list of institutions with the places of its entries. Raises RegionError when there is none to add to."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    items = next((value for key, value in pairs if key.value == "institutions"), None)
    if not isinstance(items, yaml.SequenceNode) or items.flow_style or not items.value:
        raise RegionError(
            de="Die Institutionen stehen nicht als Liste mit Strichen in der Datei; tragen Sie die Änderung von Hand "
            "ein, dann `lotse region provision`.",
            en="The institutions are not listed with dashes in the file; edit it by hand, then run `lotse region "
            "provision`.",
        )
    return items


def _entry(text: str, id_: str) -> yaml.MappingNode:
    """The entry of an institution that is listed."""
    for node in _list(text).value:
        if any(key.value == "id" and value.value == id_ for key, value in node.value):
            assert isinstance(node, yaml.MappingNode)
            return node
    raise KeyError(id_)


def _checked_read(text: str) -> tuple[Institution, ...]:
    try:
        return parse_institutions(text).all
    except InstitutionsError as error:
        raise RegionError(
            de=f"Die Institutionen-Datei ist nicht zu lesen. Berichtigen Sie sie zuerst.\n{error}",
            en="The institutions file cannot be read. Mend it first.",
        ) from None


def _end(node: yaml.Node) -> int:
    """Where a node really ends; the mark of a list without braces stands behind the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _without(text: str, entry: yaml.MappingNode, field: str) -> str:
    """The text without a field of an entry: with it goes the comma before it, or its line."""
    for number, (key, value) in enumerate(entry.value):
        if key.value != field or not number:
            continue
        if entry.flow_style:
            return text[: _end(entry.value[number - 1][1])] + text[_end(value) :]
        return text[: text.rindex("\n", 0, key.start_mark.index)] + text[_line_end(text, _end(value)) :]
    return text


def _with_mark(text: str, entry: yaml.MappingNode) -> str:
    """The text with `suspended: true` as the last field of an entry."""
    end = _end(entry.value[-1][1])
    if entry.flow_style:
        return f"{text[:end]}, suspended: true{text[end:]}"
    end = _line_end(text, end)
    return f"{text[:end]}\n{' ' * entry.value[0][0].start_mark.column}suspended: true{text[end:]}"


def _marked(one: Institution, suspended: bool) -> Institution:
    return Institution(one.id, one.name, one.kind, one.services, one.land, suspended)


def _in_one_line(one: Institution) -> str:
    """An entry as the file has them."""
    fields = {"id": one.id, "name": one.name, "kind": one.kind}
    if one.land:
        fields["land"] = one.land
    told = [f"{name}: {_scalar(value)}" for name, value in fields.items()]
    return "{" + ", ".join([*told, f"services: [{', '.join(sorted(one.services))}]"]) + "}"


def _scalar(value: str) -> str:
    """A text as it may stand in the braces: quoted where it would mean something else."""
    shown = yaml.safe_dump([value], allow_unicode=True, default_flow_style=True, width=10_000).strip()
    return shown[1:-1]


def _checked(old: str, new: str, expected: Callable[[tuple[Institution, ...]], tuple[Institution, ...]]) -> str:
    """The new text, if it says exactly what was to be changed; what we cannot edit we do not touch."""
    before = _checked_read(old)
    try:
        after = parse_institutions(new)
    except (InstitutionsError, yaml.YAMLError) as error:
        raise RegionError(
            de=f"Die Änderung ist nicht zulässig, die Datei bleibt wie sie war:\n{error}",
            en="The change is not allowed; the file stays as it was.",
        ) from None
    if after.all != expected(before) or after.region != parse_institutions(old).region:
        raise RegionError(
            de="Die Datei ist in einer Form, die sich nicht von selbst ändern lässt. Tragen Sie die Änderung von Hand "
            "ein, dann `lotse region provision`.",
            en="The file has a form that cannot be edited by a program. Edit it by hand, then run `lotse region "
            "provision`.",
        )
    return new
