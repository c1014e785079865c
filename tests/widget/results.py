"""What the accessibility tests have found, kept in var/accessibility for the declaration of accessibility.

Each test writes its part. `results.json` is all the parts together, written again after each:

- `date` of the oldest part (YYYY-MM-DD), `states` (how many), `languages`, `schemes` (of colours);
- `axe_version`, `chromium_version`, `checks` (how many), `rules_passed`;
- `violations` of axe-core: `state`, `language`, `scheme`, `rule`, `nodes`;
- `to_judge`, what axe-core leaves to a person: `rule`, `elements` (how many), `states`;
- `announcements`: see test_announcements.py; null until that test has run.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import Any

from tests.widget.scripted_gateway import ROOT

FOLDER = ROOT / "var/accessibility"


def record(part: str, found: dict[str, Any]) -> None:
    """Keep what one test has found, then write `results.json` again."""
    (FOLDER / "parts").mkdir(parents=True, exist_ok=True)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    _write(f"parts/{part}.json", {"date": today} | found)
    _write("results.json", _together())


def _write(name: str, content: dict[str, Any]) -> None:
    # Replaced at once: parts may be measured by several processes.
    fresh = (FOLDER / name).with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(FOLDER / name)


def _together() -> dict[str, Any]:
    parts = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((FOLDER / "parts").glob("*.json"))
    }
    axe = [part for name, part in parts.items() if name.startswith("axe-")]
    checks = [check for part in axe for check in part["checks"]]

    def seen(key: str) -> list[str]:
        return list(dict.fromkeys(check[key] for check in checks))

    return {
        "date": min(part["date"] for part in parts.values()),
        "states": len(seen("state")),
        "languages": seen("language"),
        "schemes": seen("scheme"),
        "axe_version": axe[0]["axe_version"] if axe else None,
        "chromium_version": axe[0]["chromium_version"] if axe else None,
        "checks": len(checks),
        "violations": [
            {key: check[key] for key in ("state", "language", "scheme")}
            | {"rule": found["id"], "nodes": found["nodes"]}
            for check in checks
            for found in check["violations"]
        ],
        "to_judge": _to_judge(checks),
        "rules_passed": sorted({rule for check in checks for rule in check["passed"]}),
        "announcements": parts.get("announcements"),
    }


def _to_judge(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rules = sorted({found["id"] for check in checks for found in check["incomplete"]})
    left = []
    for rule in rules:
        where = [
            (check["state"], found)
            for check in checks
            for found in check["incomplete"]
            if found["id"] == rule
        ]
        left.append(
            {
                "rule": rule,
                "elements": sum(len(found["nodes"]) for _, found in where),
                "states": sorted({state for state, _ in where}),
            }
        )
    return left
