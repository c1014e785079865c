"""A building where services receive residents, and the file it is read from (`directory/sites/<id>.yml`).

What is true of a building is written once: its address, its access, and the days when it closes with all the
services in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from knowledge.hours import Closure
from knowledge.problems import Problem
from knowledge.service_file import Accessibility, ClosureData, Identifier, Insee, Strict, Text, closures_of
from knowledge.yaml_files import ContentError, YamlFile, read_yaml

FOLDER = "sites"


@dataclass(frozen=True)
class Site:
    """A building.

    Attributes:
        id: its identifier, the name of its file.
        address: as it is shown.
        place: the INSEE code of its commune or arrondissement.
        accessibility: what it offers to disabled people.
        closures: when it closes, with all the services in it.
    """

    id: str
    address: str
    place: str
    accessibility: tuple[Accessibility, ...]
    closures: tuple[Closure, ...]


class _SiteData(Strict):
    id: Identifier
    address: Text
    place: Insee
    accessibility: tuple[Accessibility, ...] = ()
    closures: tuple[ClosureData, ...] = ()


def load_sites(folder: Path) -> tuple[Mapping[str, Site], tuple[Problem, ...]]:
    """Read the sites of a directory; a wrong one is left out, and said in the problems.

    Args:
        folder: the `directory` folder.
    """
    sites: dict[str, Site] = {}
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.yml")):
        try:
            site = _read_site(read_yaml(path))
        except ContentError as error:
            problems.extend(error.problems)
            continue
        sites[site.id] = site
    return MappingProxyType(sites), tuple(problems)


def _read_site(file: YamlFile) -> Site:
    try:
        data = _SiteData.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error
    if data.id != file.path.stem:
        raise ContentError(file.problem(("id",), f"must be the name of the file, {file.path.stem!r}"))
    return Site(data.id, data.address, data.place, data.accessibility, closures_of(data.closures))
