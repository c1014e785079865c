"""One human service of the directory, read from its file (`directory/services/<id>.yml`) and its site's."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import phonenumbers
from pydantic import ValidationError

from knowledge.hours import DAYS, Hours, Slot
from knowledge.service_file import Accessibility, Channel, HoursData, ServiceData, closures_of, parsed_phone
from knowledge.sites import Site
from knowledge.texts import SOURCE_LANGUAGE
from knowledge.yaml_files import ContentError, YamlFile

__all__ = ["EVERYWHERE", "Accessibility", "Channel", "Service", "read_service"]

EVERYWHERE = "*"
"""In `places`: the service receives residents of the whole département."""


@dataclass(frozen=True)
class Service:
    """A human service.

    Attributes:
        id: its identifier, the name of its file.
        name: its name by language; French at least.
        kind: a kind of `routing.yml`.
        phone: as it is shown ("04 65 71 13 13").
        email: its address.
        address: where it receives residents.
        url: its page.
        topics: topics of the taxonomy that it deals with, those of its kind included.
        places: INSEE codes of the communes and arrondissements it receives, or `("*",)` for all.
        hours: when it is open, the closures of its site included.
        channels: how it can be reached.
        languages: codes of the languages that its people speak.
        accessibility: what it offers to disabled people, what its site offers included.
        site: the identifier of its site, when it shares one.
    """

    id: str
    name: Mapping[str, str]
    kind: str
    phone: str | None
    email: str | None
    address: str | None
    url: str | None
    topics: tuple[str, ...]
    places: tuple[str, ...]
    hours: Hours
    channels: tuple[Channel, ...]
    languages: tuple[str, ...]
    accessibility: tuple[Accessibility, ...]
    site: str | None = None

    def name_in(self, language: str) -> str:
        """Return its name in a language, in French when it has none there."""
        return self.name.get(language) or self.name[SOURCE_LANGUAGE]

    @property
    def everywhere(self) -> bool:
        """Whether it receives residents of the whole département."""
        return EVERYWHERE in self.places

    @property
    def phone_uri(self) -> str | None:
        """The `tel:` link of its phone (RFC 3966)."""
        if self.phone is None:
            return None
        return phonenumbers.format_number(parsed_phone(self.phone), phonenumbers.PhoneNumberFormat.RFC3966)


def read_service(file: YamlFile, sites: Mapping[str, Site], departement: str | None = None) -> Service:
    """Turn a service file into a service, with its own topics only.

    Args:
        file: the file of the service.
        sites: the sites that it may name.
        departement: the code of the département, for its public holidays.

    Raises:
        ContentError: the file is wrong.
    """
    try:
        data = ServiceData.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error
    if data.id != file.path.stem:
        raise ContentError(file.problem(("id",), f"must be the name of the file, {file.path.stem!r}"))
    if data.site is not None and data.site not in sites:
        raise ContentError(file.problem(("site",), f"no site {data.site!r} can be read"))
    site = sites[data.site] if data.site is not None else None
    accessibility = (*(site.accessibility if site else ()), *data.accessibility)
    return Service(
        id=data.id,
        name=MappingProxyType(data.name),
        kind=data.kind,
        phone=data.phone,
        email=data.email,
        address=site.address if site else data.address,
        url=data.url,
        topics=tuple(data.topics),
        places=(EVERYWHERE,) if data.places == EVERYWHERE else tuple(data.places),
        hours=_hours(data.hours, site, departement),
        channels=tuple(data.channels),
        languages=tuple(data.languages),
        accessibility=tuple(dict.fromkeys(accessibility)),
        site=data.site,
    )


def _hours(data: HoursData, site: Site | None, departement: str | None) -> Hours:
    by_day: Mapping[str, list[Slot]] = {str(day): slots for day, slots in data.weekly.items()}
    return Hours(
        weekly=tuple(tuple(by_day.get(day, ())) for day in DAYS),
        # The service's own first: it knows best why it closes, and who replaces it.
        closures=(*closures_of(data.closures), *(site.closures if site else ())),
        holidays_closed=data.holidays == "closed",
        departement=departement,
    )
