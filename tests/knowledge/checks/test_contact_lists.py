from pathlib import Path

import pytest

from knowledge.check import CONTENT
from knowledge.checks.contact_lists import Hosts, read_hosts, read_numbers
from knowledge.yaml_files import ContentError
from tests.knowledge.checks.bases import HOSTS, NUMBERS, write_yaml


def test_a_number_given_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    again = NUMBERS[0] | {"number": "3039"}
    write_yaml(tmp_path / "directory" / "national_numbers.yml", {"numbers": [*NUMBERS, again]})
    with pytest.raises(ContentError, match=r"national_numbers\.yml:6: numbers\.1: 3039 is given twice"):
        read_numbers(tmp_path)


@pytest.mark.parametrize("field", ["label", "source", "consulted"])
def test_a_number_says_who_answers_and_where_that_was_read(tmp_path: Path, field: str) -> None:
    number = {name: value for name, value in NUMBERS[0].items() if name != field}
    write_yaml(tmp_path / "directory" / "national_numbers.yml", {"numbers": [number]})
    with pytest.raises(ContentError, match=rf"numbers\.0\.{field}"):
        read_numbers(tmp_path)


def test_a_site_is_in_one_group(tmp_path: Path) -> None:
    hosts = HOSTS | {"cited": HOSTS["cited"] | {"caf.fr": "Encore"}}
    write_yaml(tmp_path / "directory" / "official_hosts.yml", hosts)
    with pytest.raises(ContentError, match=r"cited\.caf\.fr: is in two groups"):
        read_hosts(tmp_path)


def test_a_name_stands_for_its_subdomains_only() -> None:
    hosts = Hosts(HOSTS["official"], HOSTS["partners"], HOSTS["cited"])
    assert hosts.may_be_proposed("caf.fr")
    assert hosts.may_be_proposed("mon.espace.caf.fr")
    assert not hosts.may_be_proposed("gouv.fr")
    assert not hosts.may_be_proposed("autrecaf.fr")
    assert not hosts.may_be_proposed("20minutes.fr")
    assert hosts.may_be_cited("20minutes.fr")


def test_the_sources_of_our_numbers_are_listed_sites() -> None:
    hosts = read_hosts(CONTENT)
    for number in read_numbers(CONTENT).known.values():
        host = number.source.split("/")[2].removeprefix("www.")
        assert hosts.may_be_cited(host), host
