"""The committed contract: `python -m api.openapi > openapi.json` writes it; a test compares the two."""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi import FastAPI

from api.schemas import ProblemDetails

_REF = "#/components/schemas/ProblemDetails"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 description: FastAPI's own, with one error shape (RFC 9457) on every operation."""
    description = FastAPI.openapi(app)
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = {"application/problem+json": {"schema": {"$ref": _REF}}}
    for path in description["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "Any error, in plain words",
                "content": problem,
            }
    return description


def as_text(description: dict[str, Any]) -> str:
    """The description as it is committed."""
    return json.dumps(description, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    from api.app import routes_only

    sys.stdout.write(as_text(describe(routes_only())))
