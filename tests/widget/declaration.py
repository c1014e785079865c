"""What the declaration of accessibility is written from: `python -m tests.widget.declaration`.

After `make test-full`: takes what it has left in var/accessibility/results.json, and writes the part that
`/accessibilite` shows into api/pages/accessibility/results.json. That file is committed: the page is the same
wherever the gateway runs.
"""

from __future__ import annotations

import json
from typing import Any

from api.accessibility_page import RESULTS
from tests.widget.results import FOLDER

COPIED = ("date", "states", "languages", "schemes", "axe_version", "chromium_version", "checks")


def shown(full: dict[str, Any]) -> dict[str, Any]:
    """The part of a full run that the declaration shows."""
    told = full["announcements"]
    return {key: full[key] for key in COPIED} | {
        "rules_passed": len(full["rules_passed"]),
        "violations": [
            {key: found[key] for key in ("rule", "state", "language")} for found in full["violations"]
        ],
        "to_judge": [{key: found[key] for key in ("rule", "elements")} for found in full["to_judge"]],
        "announcements": told
        and {key: told[key] for key in ("how", "turns", "messages", "announced")}
        | {key: len(told[key]) for key in ("twice", "lost")},
    }


if __name__ == "__main__":
    found = shown(json.loads((FOLDER / "results.json").read_text(encoding="utf-8")))
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{RESULTS}: {found['checks']} checks, {len(found['violations'])} violations")
