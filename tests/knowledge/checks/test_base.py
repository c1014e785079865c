from pathlib import Path

from knowledge.checks.base import read_knowledge_base
from tests.knowledge.articles import write_article
from tests.knowledge.checks.bases import TODAY, read, write_base


def test_a_part_that_cannot_be_read_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "apa")
    for name in ("directory/routing.yml", "directory/national_numbers.yml", "texts/fr.yml"):
        (tmp_path / name).write_text("[]", encoding="utf-8")
    base, problems = read_knowledge_base(tmp_path, today=TODAY)
    assert (base.directory, base.numbers, base.texts) == (None, None, None)
    assert base.hosts is not None
    assert [article.id for article in base.library.articles] == ["apa"]
    assert {problem.path.name for problem in problems} == {"routing.yml", "national_numbers.yml", "fr.yml"}


def test_ours_are_the_articles_that_no_import_wrote(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "apa")
    write_article(tmp_path, "sp-f1", layer="national")
    assert [article.id for article in read(tmp_path).ours] == ["apa"]
