"""The published OpenAPI document of the clock, made from its order."""

from __future__ import annotations

from typing import Any

import msgspec

Schema = dict[str, Any]


class Answer(msgspec.Struct, frozen=True):
    """The newest day that was said, null when none was; and whether days are set by hand."""

    day: str | None
    manual: bool


def openapi_document(order: type[msgspec.Struct]) -> Schema:
    """The document; `order` is the shape of what a clock that is set by hand is told."""
    _, components = msgspec.json.schema_components((order, Answer), ref_template="#/components/schemas/{name}")
    responses = {
        "200": {
            "description": "der neueste Tag / the newest day",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
        },
        "4XX": _problem("warum nicht / why not"),
        "5XX": _problem("noch nicht / not yet"),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lotse: Uhr / clock",
            "version": "1",
            "description": "Sie sagt jeden Tag einmal, auf clock.days. / It says each day once, on clock.days.",
        },
        "paths": {
            "/v1/days": {
                "get": {"summary": "Welcher Tag ist / which day it is", "responses": responses},
                "post": {
                    "summary": "Tage beginnen lassen, nur von Hand / let days begin, only by hand",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{order.__name__}"}}},
                    },
                    "responses": responses,
                },
            }
        },
        "components": {"schemas": components},
    }


def _problem(meaning: str) -> Schema:
    return {"description": meaning, "content": {"application/problem+json": {"schema": {"type": "object"}}}}
