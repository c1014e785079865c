"""What a reply shows of an article that is only partly in the resident's language."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.compose import Circumstances, Composer
from knowledge.directory import load_directory
from knowledge.library import load_library
from knowledge.reply import Reply
from knowledge.sections import SectionKey
from knowledge.settings import KnowledgeSettings
from knowledge.texts import load_texts
from tests.knowledge.articles import write_article, write_translation

CONTENT = KnowledgeSettings().content_dir
TRANSLATED = {"easy": "Easily.", "steps": "The steps.", "documents": "The papers."}


@pytest.fixture
def composer(tmp_path: Path) -> Composer:
    source = write_article(tmp_path, "apa", type="procedure")
    write_translation(tmp_path, source, type="procedure", short="The answer.", sections=TRANSLATED)
    library, _ = load_library(tmp_path, ("fr", "en"))
    return Composer(library, load_directory(CONTENT)[0], load_texts(CONTENT))


def answer(composer: Composer, section: SectionKey | None, language: str = "en") -> Reply:
    article = composer.library.best("apa", language)
    assert article is not None
    seen = Circumstances(language, datetime(2026, 11, 23, 9, tzinfo=UTC))
    return composer.answer(article, section, seen, 0.9)


def test_a_translated_section_is_shown_with_the_short_answer(composer: Composer) -> None:
    reply = answer(composer, SectionKey.DOCUMENTS)
    assert [(said.type, said.lang) for said in reply.messages] == [("text", "en")]
    assert "The answer." in reply.messages[0].markdown
    assert "The papers." in reply.messages[0].markdown
    assert reply.sources[0].lang == "en"


def test_a_section_that_is_not_translated_follows_in_french_and_the_reply_says_so(composer: Composer) -> None:
    reply = answer(composer, SectionKey.DELAYS)
    assert [(said.type, said.lang) for said in reply.messages] == [
        ("text", "en"),
        ("notice", "en"),
        ("text", "fr"),
    ]
    assert reply.messages[0].markdown == "The answer."
    assert reply.messages[1].markdown == composer.texts.get("en", "answer.part_in_french")
    assert "Texte delays de apa." in reply.messages[2].markdown
    assert (reply.sources[0].section, reply.sources[0].lang) == ("delays", "fr")


def test_what_is_not_translated_is_offered_too(composer: Composer) -> None:
    texts = composer.texts
    labels = [suggestion.label for suggestion in answer(composer, SectionKey.DOCUMENTS).suggestions]
    assert texts.suggestion("en", "conditions", title="")[0] in labels


def test_a_language_without_the_article_gets_it_whole_in_french(composer: Composer) -> None:
    reply = answer(composer, SectionKey.DELAYS, "it")
    assert [(said.type, said.lang) for said in reply.messages] == [("notice", "it"), ("text", "fr")]
