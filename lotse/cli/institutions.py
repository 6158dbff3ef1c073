"""Who may report what: the institutions file, and what to tell a person who named somebody it does not list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from lotse.cli.where import running_stack
from lotse.errors import ExplainedError
from lotse.stack.services import default_institutions
from shared.platform.institutions import Institutions, InstitutionsError, InstitutionsFile


class UnknownInstitution(ExplainedError):
    """The institutions file does not list it."""


def read_institutions(path: Path) -> Institutions:
    """The institutions of a file. Raises ExplainedError when it is missing or wrong."""
    try:
        return InstitutionsFile(path).current()
    except InstitutionsError as error:
        raise ExplainedError(
            de=f"Die Institutionen-Datei ist nicht zu lesen. Berichtigen Sie sie oder setzen Sie "
            f"LOTSE_INSTITUTIONS.\n{error}",
            en="The institutions file cannot be read. Mend it or set LOTSE_INSTITUTIONS.",
        ) from None


def institution_names() -> Mapping[str, str]:
    """The names of institutions by id; nobody's where the file cannot be read."""
    stack = running_stack()
    try:
        return read_institutions(Path(stack.institutions) if stack else default_institutions()).names
    except ExplainedError:
        return {}


def require_institution(institutions: Institutions, name: str) -> None:
    """Raises UnknownInstitution that names those that there are."""
    listed = sorted(institutions.names)
    if name in listed:
        return
    near = get_close_matches(name, listed, 1, 0.6)
    de = f" Meinten Sie {near[0]}?" if near else ""
    en = f" Did you mean {near[0]}?" if near else ""
    raise UnknownInstitution(
        de=f"Die Institution {name!r} steht nicht in der Institutionen-Datei.{de} Es gibt: {', '.join(listed)}.",
        en=f"The institution {name!r} is not in the institutions file.{en} There are: {', '.join(listed)}.",
    )


def require_right(institutions: Institutions, name: str, service: str, services: Sequence[str]) -> None:
    """Raises ExplainedError when an institution may not report to a service; `services` are those that there are."""
    require_institution(institutions, name)
    if institutions.may_report(name, service):
        return
    may = [other for other in services if institutions.may_report(name, other)]
    raise ExplainedError(
        de=(
            f"{name} meldet nicht an {service!r}, also gibt es dafür kein Topic. {name} meldet an: "
            f"{', '.join(may) or '–'}. Ändern Sie `type`, `source` oder die Institutionen-Datei."
        ),
        en=(
            f"{name} does not report to {service!r}, so there is no topic for it. {name} reports to: "
            f"{', '.join(may) or '–'}. Change `type`, `source` or the institutions file."
        ),
    )
