"""The directory alone, without the articles: what an administrator checks after changing a service."""

from collections.abc import Iterator
from pathlib import Path

from knowledge.directory import load_directory
from knowledge.places import places_file
from knowledge.problems import Problem
from knowledge.services import EVERYWHERE
from knowledge.settings import DEPARTEMENT
from knowledge.yaml_files import ContentError, read_yaml


def check_directory(content_dir: Path, departement: str = DEPARTEMENT) -> tuple[Problem, ...]:
    """Return what is wrong in services, sites, places and rules, by file.

    Args:
        content_dir: the knowledge base.
        departement: the code of the département.
    """
    missing = places_file(content_dir, departement)
    if not missing.exists():
        wanted = Problem(
            missing,
            1,
            "file",
            f"is not there: `guichet directory places {departement} --communes FILE` makes it from the "
            "State's communes; docs/extending.md says what else a département needs",
        )
        return wanted, *sorted(_of_another(content_dir / "directory", departement))
    try:
        return tuple(sorted(load_directory(content_dir, departement)[1]))
    except ContentError as error:
        return tuple(sorted(error.problems))


def _of_another(folder: Path, departement: str) -> Iterator[Problem]:
    """One line for each site and service of another département: what remains to be written."""
    for kind, field in (("sites", "place"), ("services", "places")):
        for path in sorted((folder / kind).glob("*.yml")):
            try:
                file = read_yaml(path)
            except ContentError as error:
                yield from error.problems
                continue
            named = file.data.get(field) if isinstance(file.data, dict) else None
            codes = [str(each) for each in (named if isinstance(named, list) else [named]) if each]
            foreign = [code for code in codes if code != EVERYWHERE and not code.startswith(departement)]
            if foreign:
                yield file.problem((field,), f"{foreign[0]!r} is not in the département {departement!r}")
