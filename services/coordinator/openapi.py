"""The published OpenAPI document of the read API, made from its shapes and from what its query allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from services.coordinator.query import KEYS, LIMIT, MOST, STAGES, STATUSES, TURNS
from services.coordinator.shapes import CasePage, LastBarriers, ObstaclePage, ProblemAnswer, TimelinePage, WholeCase

Schema = dict[str, Any]
_UUID = {"type": "string", "format": "uuid"}


def openapi_document(barriers: Sequence[str]) -> Schema:
    """The document; `barriers` are the names that there are."""
    shapes = (CasePage, WholeCase, TimelinePage, ObstaclePage, LastBarriers, ProblemAnswer)
    _, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lotse: Tafel / board",
            "version": "1",
            "description": (
                "Die Tafel: je Fall und Hindernis der Stand, wer am Zug ist, seit wann, bis wann, warum. / "
                "The board: for each case and barrier how it stands, whose turn it is, since when, until when, why."
            ),
        },
        "paths": {
            "/v1/cases": _path("Fälle mit ihren Hindernissen / cases with their barriers", CasePage, _query(barriers)),
            "/v1/cases/{caseId}": _path("Ein Fall / one case", WholeCase, [_case()]),
            "/v1/cases/{caseId}/timeline": _path(
                "Alle Meldungen zu einem Fall / all facts of a case", TimelinePage, [_case(), *_paging()]
            ),
            "/v1/obstacles": _path("Wo es stockt / where the region is stuck", ObstaclePage, [_by(), *_paging()]),
            "/v1/obstacles/last-barrier": _path(
                "Wem nur noch ein Hindernis im Weg steht / whom one last barrier stops", LastBarriers, []
            ),
        },
        "components": {"schemas": components},
    }


def _query(barriers: Sequence[str]) -> list[Schema]:
    names = list(barriers)
    return [
        _parameter(
            "barrier",
            {"enum": names},
            "status, stalled und turn gelten für dieses Hindernis; allein: Fälle, in denen es offen ist / "
            "status, stalled and turn are of this barrier; alone: cases in which it is open",
        ),
        _parameter("status", {"enum": list(STATUSES)}, "Stand eines Hindernisses / status of a barrier"),
        _parameter("stalled", {"type": "boolean"}, "überfällig / stalled"),
        _parameter("turn", {"enum": list(TURNS)}, "wer am Zug ist / whose turn it is"),
        _parameter("stage", {"enum": list(STAGES)}, "Stufe des Falls / stage of the case"),
        _parameter("ags", {"type": "string", "pattern": r"^(0[1-9]|1[0-6])\d{6}$"}, "Gemeinde / municipality"),
        _parameter("onlyBarrier", {"enum": names}, "das einzige offene Hindernis / the only open barrier"),
        *_paging(),
    ]


def _by() -> Schema:
    keys = {"type": "array", "items": {"enum": list(KEYS)}, "uniqueItems": True, "minItems": 1, "default": [KEYS[0]]}
    meaning = "wonach gezählt wird, in dieser Folge / what is counted by, in this order"
    return _parameter("by", keys, meaning) | {"style": "form", "explode": False}


def _paging() -> list[Schema]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}
    return [
        _parameter("cursor", {"type": "string"}, "was als next zurückkam / what came back as next"),
        _parameter("limit", limit, "so viele auf einer Seite / so many on a page"),
    ]


def _parameter(name: str, schema: Schema, meaning: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": meaning}


def _case() -> Schema:
    return {"name": "caseId", "in": "path", "required": True, "schema": _UUID, "description": "Fallkennung / case id"}


def _path(summary: str, shape: type[msgspec.Struct], parameters: Sequence[Schema]) -> Schema:
    return {
        "get": {
            "summary": summary,
            "parameters": list(parameters),
            "responses": {
                "200": _content("die Antwort / the answer", "application/json", shape),
                "4XX": _content("warum nicht / why not", "application/problem+json", ProblemAnswer),
            },
        }
    }


def _content(meaning: str, media_type: str, shape: type[msgspec.Struct]) -> Schema:
    schema = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {"description": meaning, "content": {media_type: {"schema": schema}}}
