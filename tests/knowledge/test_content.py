from datetime import date
from pathlib import Path

import pytest

from knowledge import content as module
from knowledge.content import ContentReader
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article
from tests.knowledge.contents import edit, small_content


@pytest.fixture
def settings(tmp_path: Path) -> KnowledgeSettings:
    return small_content(tmp_path)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed."""
    names: list[str] = []
    real = module.read_article

    def counted(path: Path, **folder: str):
        names.append(path.name)
        return real(path, **folder)

    monkeypatch.setattr(module, "read_article", counted)
    return names


def test_one_changed_file_costs_one_parse(settings, parsed: list[str]) -> None:
    content = settings.content_dir
    write_article(content, "apa")
    reader = ContentReader(settings)
    first = reader.read()
    assert sorted(parsed) == ["apa.md", "routes.md"]
    edit(content, "un")
    second = reader.read()
    assert parsed[2:] == ["routes.md"]
    assert second.signature != first.signature
    assert second.library.article("apa", "fr") is first.library.article("apa", "fr")
    (content / "common" / "fr" / "social_benefits" / "apa.md").unlink()
    assert reader.read().library.article("apa", "fr") is None


def test_passages_are_cut_once(settings) -> None:
    reader = ContentReader(settings)
    (article,) = reader.read().library.articles
    assert reader.cut(article) is reader.cut(article)


def test_the_signature_follows_what_is_in_the_files(settings) -> None:
    reader, content = ContentReader(settings), settings.content_dir
    before = reader.signature()
    edit(content, "zéro")  # saved again as it was
    for name in (
        "common/fr/general/.#routes.md",
        "common/README.md",
        "texts/fr.yml~",
        "directory/.fr.yml.swp",
    ):
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text("x")
    assert reader.signature() == before == reader.read().signature
    assert reader.read().errors == ()
    (content / "texts" / "en.yml").unlink()
    assert reader.signature() != before


def test_the_companions_are_the_bytes_of_the_directory_and_the_texts(settings) -> None:
    content = ContentReader(settings).read()
    assert {name.split("/")[0] for name in content.companions} == {"directory", "texts"}
    for name, data in content.companions.items():
        assert (settings.content_dir / name).read_bytes() == data


@pytest.mark.parametrize("name", ["texts/en.yml", "directory/services/accueil.yml", "directory/routing.yml"])
def test_errors_are_found_everywhere(settings, name: str) -> None:
    reader = ContentReader(settings)
    assert reader.read().errors == ()
    (settings.content_dir / name).write_text("une clé: [", encoding="utf-8")
    assert any(str(error.path).endswith(name) for error in reader.read().errors)
    edit(settings.content_dir, "un")
    assert reader.read().errors, "still there when another file is saved"


def test_an_article_that_cannot_be_read_is_an_error_until_it_can(settings) -> None:
    reader, path = ContentReader(settings), edit(settings.content_dir, "un")
    text = path.read_bytes()
    path.unlink()
    path.symlink_to(settings.content_dir / "nowhere.md")
    (error,) = reader.read().errors
    assert error.path == path
    path.unlink()
    path.write_bytes(text)
    assert reader.read().errors == ()


def test_it_waits_while_files_are_being_written(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    content, markers = settings.content_dir, iter(("un", "deux"))

    def check_then_save(folder: Path):
        marker = next(markers, None)
        if marker:
            edit(content, marker)
        return ()

    monkeypatch.setattr(module, "check_texts", check_then_save)
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.0)
    (article,) = ContentReader(settings).read().library.articles
    assert article.short == "Marque un."


def test_the_day_decides_what_has_expired(settings) -> None:
    source = {"title": "Fiche", "url": "https://example.org/f", "consulted": date(2026, 1, 1)}
    write_article(
        settings.content_dir,
        "sp-carte",
        layer="national",
        written=date(2026, 1, 1),
        review_by=None,
        sources=[source],
    )
    reader = ContentReader(settings)
    young, old = reader.read(today=date(2026, 2, 1)), reader.read(today=date(2028, 2, 1))
    assert young.library.article("sp-carte", "fr")
    assert old.library.article("sp-carte", "fr") is None
