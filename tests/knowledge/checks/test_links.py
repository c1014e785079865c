from pathlib import Path

from knowledge.checks.links import check_links
from knowledge.problems import Severity
from tests.knowledge.articles import SOURCE, write_article
from tests.knowledge.checks.bases import read, said, write_base


def problems_of(content: Path, short: str) -> list[str]:
    write_article(content, "apa", short=short)
    return said(check_links(read(content)))


def test_listed_sites_their_subdomains_and_our_services_pass(tmp_path: Path) -> None:
    write_base(tmp_path)
    links = [{"title": "CAF", "url": "http://www.caf.fr/allocataires"}]
    short = (
        "[Éduc](https://teleservices.education.gouv.fr/), anil.org, www.CAF.fr, "
        "https://www.garlaban.example/services/accueil. Un site de l'État finit par « .gouv.fr » ou gouv.fr."
    )
    write_article(tmp_path, "apa", short=short, links=links)
    assert list(check_links(read(tmp_path))) == []


def test_an_unlisted_site_is_an_error_in_a_link_or_in_the_text(tmp_path: Path) -> None:
    write_base(tmp_path)
    for short in ("Voyez caff.fr.", "Voyez [la CAF](https://caff.fr/x).", "Écrivez à moi@caff.fr"):
        assert ["short: the site caff.fr is not in" in each for each in problems_of(tmp_path, short)] == [
            True
        ], short
    write_article(tmp_path, "apa", links=[{"title": "CAF", "url": "https://notcaf.fr"}])
    (problem,) = check_links(read(tmp_path))
    assert (problem.field, problem.severity) == ("links", Severity.ERROR)


def test_a_listed_name_inside_another_name_does_not_pass(tmp_path: Path) -> None:
    write_base(tmp_path)
    assert len(problems_of(tmp_path, "https://caf.fr.example.com/ et https://mycaf.fr")) == 2


def test_a_cited_site_is_a_source_and_no_link(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "apa", sources=[SOURCE | {"url": "https://www.20minutes.fr/x"}])
    assert list(check_links(read(tmp_path))) == []
    assert "is only cited" in problems_of(tmp_path, "Lisez 20minutes.fr")[0]


def test_an_unlisted_source_is_a_warning(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "apa", sources=[SOURCE | {"url": "https://blog.fr/x"}])
    (problem,) = check_links(read(tmp_path))
    assert (problem.field, problem.severity) == ("sources", Severity.WARNING)
    assert "blog.fr" in problem.reason
