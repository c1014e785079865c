"""Makes `directory/places/<département>.json` from the State's open data (INSEE and La Poste).

The data are two files: `communes.json` of the npm package `@etalab/decoupage-administratif`, and, for
the names that mail is addressed to, `codes-postaux.json` of `codes-postaux`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from knowledge.problems import Problem
from knowledge.yaml_files import ContentError

SOURCE = "@etalab/decoupage-administratif + codes-postaux (npm)"
LICENCE = "Licence Ouverte (Etalab); data of INSEE and La Poste"
_KINDS = ("commune-actuelle", "arrondissement-municipal")


def make_places(departement: str, communes: Path, postal_codes: Path | None = None) -> dict[str, Any]:
    """Return the places of a département, as `load_places` reads them.

    Args:
        departement: its code ("67", "2A").
        communes: every commune of France.
        postal_codes: the names that mail is addressed to, by commune.

    Raises:
        ContentError: a file cannot be read, or holds no commune of the département.
    """
    names = _delivery_names(_read(postal_codes)) if postal_codes else {}
    found = [
        _place(commune, names)
        for commune in _read(communes)
        if commune.get("departement") == departement and commune.get("type") in _KINDS
    ]
    if not found:
        raise ContentError(
            Problem(communes, 1, "departement", f"no commune is in the département {departement!r}")
        )
    ordered = sorted(found, key=lambda place: (place["commune_parent"] is not None, place["insee"]))
    return {"departement": {"code": departement}, "source": SOURCE, "licence": LICENCE, "communes": ordered}


def written(places: Mapping[str, Any]) -> str:
    """Return the text of the file: one place a line, so that a newer one is easily compared."""
    head = {key: value for key, value in places.items() if key != "communes"}
    lines = ",\n".join(f"  {json.dumps(place, ensure_ascii=False)}" for place in places["communes"])
    opened = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{opened},\n "communes": [\n{lines}\n ]\n}}\n'


def _place(commune: Mapping[str, Any], names: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    return {
        "insee": commune["code"],
        "nom": commune["nom"],
        "type": commune["type"],
        "commune_parent": commune.get("commune"),
        "codes_postaux": commune.get("codesPostaux", []),
        "population": commune.get("population"),
        "acheminement": sorted(names.get(commune["code"], ())),
    }


def _delivery_names(rows: Iterable[Mapping[str, str]]) -> Mapping[str, set[str]]:
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        names[row["codeCommune"]].add(row["libelleAcheminement"])
    return names


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ContentError(
            Problem(path, getattr(error, "lineno", 1), "file", f"cannot be read: {error}")
        ) from error
    if not isinstance(data, list):
        raise ContentError(Problem(path, 1, "file", "must be a list"))
    return data
