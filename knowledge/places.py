"""The places of a département: communes and arrondissements, and how to find them in what a resident writes.

The facts come from `directory/places/<code>.json` (INSEE and La Poste, with their source and licence), the
ways of writing them from `directory/places/<code>.names.yml`.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from knowledge.place_finder import Finder
from knowledge.place_words import ARTICLES, Name, Phrase, PlaceWords, fold
from knowledge.problems import Problem
from knowledge.settings import DEPARTEMENT
from knowledge.yaml_files import ContentError, read_yaml


class PlaceKind(StrEnum):
    """What a place is."""

    COMMUNE = "commune"
    ARRONDISSEMENT = "arrondissement"


@dataclass(frozen=True)
class Place:
    """A commune, or a municipal arrondissement of one.

    Attributes:
        insee: its official code; that of a part is not that of the whole.
        name: its name ("Aix-en-Provence").
        postal_codes: its postal codes; others may share them.
        kind: commune or arrondissement.
        parent: the INSEE code of the commune it is a part of.
    """

    insee: str
    name: str
    postal_codes: tuple[str, ...]
    kind: PlaceKind
    parent: str | None

    @property
    def said(self) -> str:
        """What a resident may write to name this place and no other ("13100 Le Tholonet")."""
        return f"{self.postal_codes[0]} {self.name}" if self.postal_codes else self.name


@dataclass(frozen=True)
class Places:
    """All places of a département.

    Attributes:
        by_insee: places by INSEE code, in the order of the file.
        finder: what recognises them in a text.
        source: where the facts come from, with their licence.
    """

    by_insee: Mapping[str, Place]
    finder: Finder
    source: str

    @property
    def all(self) -> tuple[Place, ...]:
        """All places, communes first."""
        return tuple(self.by_insee.values())

    def __contains__(self, insee: object) -> bool:
        return insee in self.by_insee

    def place(self, insee: str) -> Place:
        """Return a place.

        Raises:
            KeyError: no place of the département has this INSEE code.
        """
        return self.by_insee[insee]

    def parts(self, place: Place) -> tuple[Place, ...]:
        """Return the arrondissements of a commune; () when it has none."""
        return tuple(part for part in self.all if part.parent == place.insee)

    def by_postal_code(self, postal_code: str) -> tuple[Place, ...]:
        """Return the places that have a postal code: several may share it; the smallest ones only."""
        return tuple(self.by_insee[insee] for insee in self.finder.postal_codes.get(postal_code.strip(), ()))

    def find(self, text: str) -> tuple[Place, ...]:
        """Return the places that a free text names, in the order of the text.

        Understands postal codes, names without accents, hyphens or capitals, "St" for "Saint", usual short
        names, small misspellings, and arrondissements. Several places mean that it is ambiguous, or that
        several are named; none, that no place of the département is.
        """
        return tuple(self.by_insee[insee] for insee in self.finder.find(text))


class _PlaceData(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    insee: Annotated[str, StringConstraints(pattern=r"^\d[\dAB]\d{3}$")]
    nom: Annotated[str, StringConstraints(min_length=1)]
    type: str
    commune_parent: str | None
    codes_postaux: tuple[Annotated[str, StringConstraints(pattern=r"^\d{5}$")], ...]
    acheminement: tuple[str, ...] = ()


class _PlacesData(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    licence: str
    communes: tuple[_PlaceData, ...]


def places_file(content_dir: Path, departement: str) -> Path:
    """Return where the places of a département are."""
    return content_dir / "directory" / "places" / f"{departement}.json"


def load_places(content_dir: Path, departement: str = DEPARTEMENT) -> Places:
    """Read the places of a département.

    Args:
        content_dir: the knowledge base.
        departement: its code.

    Raises:
        ContentError: a file is missing or wrong.
    """
    path = places_file(content_dir, departement)
    try:
        data = _PlacesData.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValidationError, json.JSONDecodeError) as error:
        raise ContentError(
            Problem(path, getattr(error, "lineno", 1), "file", f"cannot be read: {error}")
        ) from error
    places = {
        item.insee: Place(
            insee=item.insee,
            name=item.nom,
            postal_codes=item.codes_postaux,
            kind=PlaceKind.ARRONDISSEMENT if item.commune_parent else PlaceKind.COMMUNE,
            parent=item.commune_parent,
        )
        for item in data.communes
    }
    words = _read_words(path.with_suffix(".names.yml"), places)
    return Places(MappingProxyType(places), _finder(data, places, words), f"{data.source} · {data.licence}")


def _read_words(path: Path, places: Mapping[str, Place]) -> PlaceWords:
    if not path.exists():
        return PlaceWords()
    file = read_yaml(path)
    try:
        words = PlaceWords.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error
    unknown = [insee for insee in words.also if insee not in places]
    if unknown:
        raise ContentError(
            *(file.problem(("also", insee), "is no place of the département") for insee in unknown)
        )
    return words


def _finder(data: _PlacesData, places: Mapping[str, Place], words: PlaceWords) -> Finder:
    numbered = [place for place in places.values() if place.kind is PlaceKind.ARRONDISSEMENT]
    return Finder(
        words,
        _names(data, words),
        postal_codes=_postal_codes(places),
        parts={_number(place): place.insee for place in numbered},
        divided=next((place.parent for place in numbered), None),
    )


def _postal_codes(places: Mapping[str, Place]) -> Mapping[str, tuple[str, ...]]:
    codes: dict[str, list[str]] = defaultdict(list)
    divided = {place.parent for place in places.values() if place.parent}
    for place in places.values():
        if place.insee not in divided:
            for code in place.postal_codes:
                codes[code].append(place.insee)
    return MappingProxyType({code: tuple(found) for code, found in codes.items()})


def _names(data: _PlacesData, words: PlaceWords) -> Iterator[Name]:
    """Give every way of naming a commune; an official name is never taken for a part of another commune."""
    communes = [item for item in data.communes if item.commune_parent is None]
    official = {fold(item.nom): item.insee for item in communes}
    without_article = {name[1:]: insee for name, insee in official.items() if name[0] in ARTICLES}
    whole = without_article | official
    others: dict[Phrase, list[str]] = defaultdict(list)
    for item in communes:
        for text in (*item.acheminement, *words.also.get(item.insee, ())):
            written = fold(text)
            if written not in whole and item.insee not in others[written]:
                others[written].append(item.insee)
    ordinary = {fold(text) for text in words.ordinary}
    for written, insee in whole.items():
        yield Name(written, (insee,), short=False, ordinary=written in ordinary)
    for written, found in others.items():
        if found:
            yield Name(written, tuple(found), short=True, ordinary=written in ordinary)


def _number(place: Place) -> int:
    match = re.search(r"\d+", place.name)
    if match is None:
        raise ContentError(Problem(Path(place.insee), 1, "nom", f"{place.name!r} gives no number"))
    return int(match.group())
