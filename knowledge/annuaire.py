"""Imports services from the State's directory (« annuaire de l'administration », DILA, Licence Ouverte 2.0).

Its files are JSON: the local database of data.gouv.fr (`{"service": [...]}`) or an answer of the API
(`{"results": [...]}`), whose nested values are JSON again, as texts. What it does not know is left for a
person: topics, languages, channels beyond the obvious. So each file is written into `directory/imported/`,
which the assistant does not read, and one that exists is never touched.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.hours import DAYS
from knowledge.problems import Problem
from knowledge.yaml_files import ContentError

FOLDER = "imported"
_DAYS = dict(
    zip(("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"), DAYS, strict=True)
)
_HEAD = """\
# From the State's directory (Service-Public.fr, DILA, Licence Ouverte 2.0), record {record}{changed}.
# To be read by a person, completed (kind, topics, places, languages, channels, accessibility, names in the
# other languages), then moved into ../services/.
"""


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        written: the files that were made.
        kept: the files that existed already, and were left as they are.
        problems: the records, or parts of one, that could not be used.
    """

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    problems: tuple[Problem, ...]


def import_services(path: Path, content_dir: Path) -> Imported:
    """Write one file for each service of an export, for a person to review.

    Args:
        path: the export.
        content_dir: the knowledge base.

    Raises:
        ContentError: the export cannot be read, or is of another format.
    """
    folder = content_dir / "directory" / FOLDER
    reviewed = content_dir / "directory" / "services"
    written, kept, problems = [], [], []
    for number, record in enumerate(_records(path), start=1):
        name = record.get("nom") if isinstance(record, dict) else None
        if not isinstance(name, str) or not name.strip():
            problems.append(Problem(path, 1, f"service.{number}", "has no name (nom)"))
            continue
        service_id = _identifier(name)
        target = folder / f"{service_id}.yml"
        if target.exists() or (reviewed / target.name).exists() or target in written:
            kept.append(target)
            continue
        service, wrong = _service(service_id, record)
        problems += [Problem(path, 1, f"service.{number}.{field}", reason) for field, reason in wrong]
        folder.mkdir(exist_ok=True)
        changed = f", last changed {record['date_modification']}" if record.get("date_modification") else ""
        head = _HEAD.format(record=record.get("id", number), changed=changed)
        body = yaml.safe_dump(service, allow_unicode=True, sort_keys=False, width=110)
        with target.open("x", encoding="utf-8") as file:  # "x": never over a file made meanwhile
            file.write(head + body)
        written.append(target)
    return Imported(tuple(written), tuple(kept), tuple(problems))


def _records(path: Path) -> list[Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ContentError(
            Problem(path, getattr(error, "lineno", 1), "file", f"cannot be read: {error}")
        ) from error
    for key in ("service", "results"):
        if isinstance(data, dict) and isinstance(data.get(key), list):
            return list(data[key])
    raise ContentError(Problem(path, 1, "file", "holds neither a list `service` nor a list `results`"))


def _service(service_id: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    phone = next((each for each in _values(record, "telephone") if each), None)
    email = next((each for each in _values(record, "adresse_courriel") if each), None)
    url = next((each for each in _values(record, "site_internet") if each.startswith("https://")), None)
    address, step_free = _address(_list(record, "adresse"))
    weekly, wrong = _weekly(_list(record, "plage_ouverture"))
    channels = {"phone": phone, "email": email, "counter": address}
    service = {
        "id": service_id,
        "name": {"fr": str(record["nom"]).strip()},
        "kind": "specialised",
        "phone": phone,
        "email": email,
        "address": address,
        "url": url,
        "topics": [],
        "places": _covered(record) or "*",
        "hours": {"weekly": weekly},
        "channels": [channel for channel, contact in channels.items() if contact],
        "languages": ["fr"],
        "accessibility": ["wheelchair"] if step_free else [],
    }
    return {key: value for key, value in service.items() if value is not None}, wrong


def _list(record: Mapping[str, Any], key: str) -> list[Any]:
    """Return a nested list, which the API writes as JSON in a text."""
    value = record.get(key)
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = json.loads(value)
    return value if isinstance(value, list) else [value] if value else []


def _values(record: Mapping[str, Any], key: str) -> Iterable[str]:
    for item in _list(record, key):
        value = item.get("valeur") if isinstance(item, dict) else item
        yield str(value or "").strip()


def _address(addresses: list[Any]) -> tuple[str | None, bool]:
    """Return where residents are received, not where letters are sent, and whether it is step-free."""
    known = [each for each in addresses if isinstance(each, dict)]
    received = [each for each in known if each.get("type_adresse") != "Adresse postale"] or known
    if not received:
        return None, False
    place = received[0]
    street = ", ".join(str(place[key]).strip() for key in ("complement1", "numero_voie") if place.get(key))
    town = " ".join(str(place[key]).strip() for key in ("code_postal", "nom_commune") if place.get(key))
    return ", ".join(filter(None, (street, town))) or None, place.get("accessibilite") == "ACC"


def _weekly(ranges: list[Any]) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    weekly: dict[str, list[str]] = {}
    wrong: list[tuple[str, str]] = []
    for each in ranges:
        if not isinstance(each, dict):
            continue
        first = _DAYS.get(str(each.get("nom_jour_debut", "")).strip().lower())
        last = _DAYS.get(str(each.get("nom_jour_fin") or each.get("nom_jour_debut", "")).strip().lower())
        slots = [slot for number in (1, 2) if (slot := _slot(each, number))]
        if first is None or last is None or not slots or DAYS.index(last) < DAYS.index(first):
            wrong.append(
                ("plage_ouverture", f"hours that cannot be read: {json.dumps(each, ensure_ascii=False)}")
            )
            continue
        if each.get("commentaire"):
            wrong.append(("plage_ouverture", f"hours with a comment, to be read: {each['commentaire']}"))
        for day in DAYS[DAYS.index(first) : DAYS.index(last) + 1]:
            weekly[day] = sorted({*weekly.get(day, []), *slots})
    return {day: weekly[day] for day in DAYS if day in weekly}, wrong


def _slot(written: Mapping[str, Any], number: int) -> str | None:
    times = [str(written.get(f"valeur_heure_{end}_{number}") or "") for end in ("debut", "fin")]
    found = [re.match(r"\d\d:\d\d", each) for each in times]
    return "-".join(match.group() for match in found if match) if all(found) else None


def _covered(record: Mapping[str, Any]) -> list[str]:
    """Return the INSEE codes of the communes that it is competent for, when the record says them."""
    codes = [
        code
        for pivot in _list(record, "pivot")
        if isinstance(pivot, dict)
        for code in pivot.get("code_insee_commune") or ()
    ]
    return sorted({str(code) for code in codes if re.fullmatch(r"\d[\dAB]\d{3}", str(code))})


def _identifier(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
