from pathlib import Path

from knowledge.article import parse_article
from knowledge.checks.lines import line_of, lines_of
from tests.knowledge.articles import write_article


def test_each_line_knows_its_field_or_section(tmp_path: Path) -> None:
    path = write_article(tmp_path, "apa", questions=["Une ?", "Deux ?"], short="Court : un mot.")
    article = parse_article(path, layer="common", language="fr", domain="social_benefits")
    fields = {line.text: line.field for line in lines_of(article)}
    assert fields["- Deux ?"] == "questions"
    assert fields["Court : un mot."] == "short"
    assert fields["Texte steps de apa."] == "steps"
    assert all(line.text == path.read_text().splitlines()[line.number - 1] for line in lines_of(article))
    assert line_of(article, "questions", "Deux ?").text == "- Deux ?"
    assert line_of(article, "questions", "absent").text == "questions:"
    assert line_of(article, "nothing", "absent").number == 1
