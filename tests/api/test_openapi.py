"""The committed contract is the code's."""

import json
from pathlib import Path

from api.app import routes_only
from api.openapi import as_text, describe

COMMITTED = Path(__file__).parents[2] / "openapi.json"


def test_the_committed_contract_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == as_text(describe(routes_only())), (
        "the API changed: look at the difference, then run `make contract`"
    )


def test_it_is_openapi_3_1_with_one_error_shape() -> None:
    contract = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert contract["openapi"].startswith("3.1")
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)


def test_no_token_is_ever_in_an_address() -> None:
    contract = json.loads(COMMITTED.read_text(encoding="utf-8"))
    names = {
        parameter["name"]
        for operations in contract["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] in {"path", "query"}
    }
    assert not any("token" in name for name in names)
