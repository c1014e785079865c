from pathlib import Path

from knowledge.checks.services import check_services
from knowledge.problems import Severity
from tests.knowledge.articles import write_article
from tests.knowledge.checks.bases import SERVICE, read, said, write_base, write_yaml

PAGE = "https://www.garlaban.example/services"


def write_two_services(content: Path) -> None:
    write_base(content)
    other = SERVICE | {"id": "routes", "url": f"{PAGE}/routes"}
    write_yaml(content / "directory" / "services" / "routes.yml", other)


def test_a_link_to_the_page_of_no_service_is_an_error(tmp_path: Path) -> None:
    write_two_services(tmp_path)
    write_article(tmp_path, "apa", short=f"[Oui]({PAGE}/routes/), {PAGE}/accueil.")
    assert list(check_services(read(tmp_path))) == []
    write_article(tmp_path, "apa", short=f"[Non]({PAGE}/route)")
    assert said(check_services(read(tmp_path))) == [
        f"apa.md:short: no service of the directory has the page {PAGE}/route"
    ]


def test_a_kind_without_a_service_is_a_warning(tmp_path: Path) -> None:
    write_base(tmp_path)
    kinds = {"central": {"topics": []}, "maison": {"topics": []}}
    routing = {"default": "accueil", "nearest": "maison-solidarite", "kinds": kinds}
    write_yaml(tmp_path / "directory" / "routing.yml", routing)
    (problem,) = check_services(read(tmp_path))
    assert (problem.field, problem.severity) == ("kinds.maison", Severity.WARNING)
