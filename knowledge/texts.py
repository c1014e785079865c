"""The message catalogues: every sentence a resident can read that comes from no article.

One file a language, `content/texts/<language>.yml`: a `meta` group about the language itself, a `common`
group whose values any other text may use (`{departement}`), then groups of texts. Keys are dotted:
`utter.greet`. Adding a language is adding a file.
"""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from knowledge.problems import Problem, Severity
from knowledge.yaml_files import ContentError, Location, YamlFile, read_yaml

SOURCE_LANGUAGE = "fr"
"""The language that has every text; the others fall back on it."""

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Meta(BaseModel):
    """What a catalogue says of its language: its code, its name in itself, and how it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: NonEmpty
    name: NonEmpty
    direction: Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language.

    Attributes:
        file: where it was read, with the lines of its keys.
        meta: what it says of its language.
        common: values that every text may use without being given them.
        texts: text by dotted key, in the order of the file.
    """

    file: YamlFile
    meta: Meta
    common: Mapping[str, str]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Texts:
    """All catalogues.

    Attributes:
        catalogues: by language, French first, then in the order of their codes.
    """

    catalogues: Mapping[str, Catalogue]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a catalogue, French first."""
        return tuple(self.catalogues)

    def name(self, language: str) -> str:
        """Return the name of a language in itself ("English").

        Raises:
            KeyError: no catalogue has this language.
        """
        return self.catalogues[language].meta.name

    def direction(self, language: str) -> Literal["ltr", "rtl"]:
        """Return how a language is written.

        Raises:
            KeyError: no catalogue has this language.
        """
        return self.catalogues[language].meta.direction

    def written_in(self, language: str, key: str) -> str:
        """Return the language that `get` really answers in: `language`, or French when it lacks the text.

        Raises:
            KeyError: the key is in no language.
        """
        for candidate in (language, SOURCE_LANGUAGE):
            if candidate in self.catalogues and key in self.catalogues[candidate].texts:
                return candidate
        raise KeyError(f"no text has the key {key!r}")

    def get(self, language: str, key: str, /, **values: object) -> str:
        """Return a text, its `{names}` replaced by `values`; in French when the language lacks it.

        Raises:
            KeyError: the key is in no language, or a value that the text needs is not given.
        """
        catalogue = self.catalogues[self.written_in(language, key)]
        return catalogue.texts[key].format_map({**catalogue.common, **values})

    def suggestion(self, language: str, key: str, /, **values: object) -> tuple[str, str]:
        """Return a button: what it shows, and the sentence it sends for the resident.

        Args:
            language: the resident's.
            key: a name of the `suggestions` group (`simplify`), or a dotted key (`starters.apa`).
            values: what the two texts need.

        Raises:
            KeyError: there is no such button, or a value is missing.
        """
        root = key if "." in key else f"suggestions.{key}"
        return self.get(language, f"{root}.label", **values), self.get(language, f"{root}.text", **values)

    def names(self, group: str) -> tuple[str, ...]:
        """Return the names directly under a group, in the order of the French file; () when it is unknown."""
        start = f"{group}."
        keys = [key for key in self.catalogues[SOURCE_LANGUAGE].texts if key.startswith(start)]
        return tuple(dict.fromkeys(key.removeprefix(start).split(".")[0] for key in keys))


def load_texts(content_dir: Path) -> Texts:
    """Read every catalogue of a knowledge base. What a language only lacks falls back on French.

    Raises:
        ContentError: a catalogue is wrong, or there is no French one.
    """
    texts, problems = _read_all(content_dir)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors or texts is None:
        raise ContentError(*errors)
    return texts


def check_texts(content_dir: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the catalogues, and as warnings what a language lacks or has too many of."""
    return _read_all(content_dir)[1]


def placeholders(text: str) -> frozenset[str]:
    """Return the `{names}` of a text.

    Raises:
        ValueError: a brace is not closed, or holds more than a name.
    """
    names = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(text)]
    found = [(name, spec, conversion) for name, spec, conversion in names if name is not None]
    if any(not name.isidentifier() or spec or conversion for name, spec, conversion in found):
        raise ValueError("braces may only hold a plain name, such as {place}")
    return frozenset(name for name, _, _ in found)


def _read_all(content_dir: Path) -> tuple[Texts | None, tuple[Problem, ...]]:
    folder = content_dir / "texts"
    found: dict[str, Catalogue] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            found[path.stem] = _read_catalogue(read_yaml(path))
        except ContentError as error:
            problems.extend(error.problems)
    if SOURCE_LANGUAGE not in found:
        required = folder / f"{SOURCE_LANGUAGE}.yml"
        problems.append(Problem(required, 1, "file", "the French catalogue is required"))
        return None, tuple(problems)
    source = found.pop(SOURCE_LANGUAGE)
    for other in found.values():
        problems.extend(_compare(source, other))
    ordered = {SOURCE_LANGUAGE: source, **found}
    return Texts(MappingProxyType(ordered)), tuple(problems)


def _read_catalogue(file: YamlFile) -> Catalogue:
    data = dict(file.data)
    try:
        meta = Meta.model_validate(data.pop("meta", None))
    except ValidationError as error:
        raise ContentError(*file.problems_of(error, inside=("meta",))) from error
    problems: list[Problem] = []
    if meta.language != file.path.stem:
        reason = f"must be the name of the file, {file.path.stem!r}"
        problems.append(file.problem(("meta", "language"), reason))
    texts: dict[Location, str] = {}
    for location, value in _leaves(data, ()):
        refused = _refusal(value)
        if refused:
            problems.append(file.problem(location, refused))
        else:
            texts[location] = value.strip()
    if problems:
        raise ContentError(*problems)
    return Catalogue(
        file=file,
        meta=meta,
        common=MappingProxyType({str(key[1]): text for key, text in texts.items() if key[0] == "common"}),
        texts=MappingProxyType({".".join(map(str, key)): text for key, text in texts.items()}),
    )


def _leaves(value: Any, location: Location) -> Iterator[tuple[Location, Any]]:
    if isinstance(value, dict) and value:
        for key, inside in value.items():
            yield from _leaves(inside, (*location, str(key)))
    else:
        yield location, value


def _refusal(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return f"must be a text, not {value!r}; quote it if YAML reads it otherwise"
    try:
        placeholders(value)
    except ValueError as error:
        return str(error)
    return None


def _compare(source: Catalogue, other: Catalogue) -> Iterator[Problem]:
    for key, text in source.texts.items():
        location = tuple(key.split("."))
        if key not in other.texts:
            yield other.file.problem(location, "is missing: residents read it in French", Severity.WARNING)
        elif placeholders(text) != placeholders(other.texts[key]):
            expected = ", ".join(sorted(placeholders(text))) or "none"
            yield other.file.problem(location, f"must use the names in braces of the French: {expected}")
    for key in other.texts:
        if key not in source.texts:
            reason = "is not in the French catalogue"
            yield other.file.problem(tuple(key.split(".")), reason, Severity.WARNING)
