from pathlib import Path

import pytest

from knowledge.taxonomy import load_taxonomy


def test_topics_know_their_family() -> None:
    taxonomy = load_taxonomy()
    assert taxonomy.family_of("apa") == "social_benefits"
    assert taxonomy.family_of("college-bourse") == "college"
    assert taxonomy.family_of("routes") == "general"
    assert taxonomy.family_of("redirect-caf") == "redirect"
    assert taxonomy.family_of("emergency-suicide") == "emergency"
    assert {taxonomy.family_of(topic) for topic in taxonomy.topics} == set(taxonomy.domains)


@pytest.mark.parametrize("name", ["", "caf", "suicide", "redirect-apa", "redirect-", "emergency-caf", "APA"])
def test_what_is_no_topic(name: str) -> None:
    assert not load_taxonomy().is_topic(name)


def test_emergencies_carry_their_numbers() -> None:
    emergencies = load_taxonomy().emergencies
    assert emergencies["violences-femmes"].numbers == ("3919", "17")
    assert all(number.isdigit() for each in emergencies.values() for number in each.numbers)


def test_a_topic_in_two_families_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yml"
    path.write_text("kinds: {}\nowners: {}\nemergencies: {}\ndomains: {a: {rsa: x}, b: {rsa: y}}\n")
    with pytest.raises(ValueError, match="rsa"):
        load_taxonomy(path)
