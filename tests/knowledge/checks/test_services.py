from datetime import date
from pathlib import Path

from knowledge.checks.services import check_services
from knowledge.problems import Severity
from tests.knowledge.articles import write_article
from tests.knowledge.checks.bases import CATALOGUE, SERVICE, read, said, write_base, write_yaml

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


def test_a_text_that_a_language_lacks_is_a_warning(tmp_path: Path) -> None:
    write_base(tmp_path)
    catalogue = {"meta": CATALOGUE["meta"] | {"language": "tr"}, "utter": {"greet": "Merhaba."}}
    write_yaml(tmp_path / "texts" / "tr.yml", catalogue)
    closure = {"from": date(2026, 12, 24), "to": date(2026, 12, 24), "reason": {"fr": "travaux"}}
    service = SERVICE | {"hours": {"weekly": {}, "closures": [closure]}}
    path = tmp_path / "directory" / "services" / "accueil.yml"
    write_yaml(path, service)
    name, reason = check_services(read(tmp_path))
    assert (name.field, name.line, name.severity) == ("name", 3, Severity.WARNING)
    assert reason.field == "hours.closures.0.reason"
    assert name.reason == reason.reason == "is shown in French in tr"
    closure["reason"] = {"fr": "travaux", "tr": "bakım"}
    write_yaml(path, service | {"name": {"fr": "Accueil", "tr": "Danışma"}})
    assert list(check_services(read(tmp_path))) == []


def test_a_kind_without_a_service_is_a_warning(tmp_path: Path) -> None:
    write_base(tmp_path)
    kinds = {"central": {"topics": []}, "maison": {"topics": []}}
    routing = {"default": "accueil", "nearest": "maison-solidarite", "kinds": kinds}
    write_yaml(tmp_path / "directory" / "routing.yml", routing)
    (problem,) = check_services(read(tmp_path))
    assert (problem.field, problem.severity) == ("kinds.maison", Severity.WARNING)
