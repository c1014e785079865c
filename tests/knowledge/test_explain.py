from dataclasses import replace

import pytest

from knowledge.article import Audience
from knowledge.calibration import Decision
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.explain import explain
from knowledge.index import build_index
from knowledge.library import load_library
from knowledge.search import Found, Search, open_search
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article, write_translation

QUESTION = "il y a un trou dans la chaussée"


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    folder = tmp_path_factory.mktemp("explain")
    content = folder / "content"
    source = write_article(content, "routes", topic="routes", title="Les routes", questions=["Un trou"])
    write_translation(content, source, topic="routes", title="Roads", questions=["A pothole"])
    write_article(content, "apa", title="L'allocation personnalisée d'autonomie")
    write_article(content, "routes-agents", topic="routes", audience="staff", title="Consignes")
    settings = KnowledgeSettings(content_dir=content, data_dir=folder / "var")
    library, _ = load_library(content, settings.languages)
    build_index(library, CachedEmbedder(load_question_encoder(), settings.cache_dir), settings.index_dir)
    return open_search(settings)


def test_the_parts_of_a_score_add_up_and_the_most_useful_comes_first(search: Search) -> None:
    found = search.search(QUESTION, language="fr")
    explained = explain(search, found, language="fr", audience=Audience.PUBLIC)
    for hit, why in zip(found.hits, explained.hits, strict=True):
        assert (why.article, why.passage) == (hit.article.id, hit.passage)
        assert sum(part.adds for part in why.parts.values()) == pytest.approx(hit.score)
        adds = [abs(part.adds) for part in why.parts.values()]
        assert adds == sorted(adds, reverse=True)
        for name, part in why.parts.items():
            assert part.weight == search.calibration.weights.get(name)
            if part.weight and part.value is not None:
                assert part.value * part.weight == pytest.approx(part.adds)


def test_the_filters_are_told(search: Search) -> None:
    passages = search.generation.passages
    counts = {
        (language, audience): explain(
            search, Found((), Decision.ABSTAIN, 0.0), language=language, audience=audience
        ).searched
        for language in ("fr", "en")
        for audience in Audience
    }
    assert counts["en", Audience.STAFF] == len(passages)
    assert counts["fr", Audience.STAFF] == sum(p.language == "fr" for p in passages)
    assert counts["fr", Audience.PUBLIC] == sum(
        p.language == "fr" and p.article_id != "routes-agents" for p in passages
    )


@pytest.mark.parametrize(
    ("decision", "confidence", "why"),
    [
        (Decision.ANSWER, 0.8, "reaches answer_from 0.700"),
        (Decision.CLARIFY, 0.5, "not answer_from 0.700"),
        (Decision.CLARIFY, 0.8, "another rule"),
        (Decision.ABSTAIN, 0.2, "below clarify_from 0.300"),
    ],
)
def test_the_comparison_that_decided_is_told(
    search: Search, decision: Decision, confidence: float, why: str
) -> None:
    calibration = replace(search.calibration, answer_from=0.7, clarify_from=0.3)
    other = Search(search.library, search.generation, search._embedder, calibration)
    found = replace(search.search(QUESTION, language="fr"), decision=decision, confidence=confidence)
    explained = explain(other, found, language="fr", audience=Audience.PUBLIC)
    assert why in explained.why
    assert explained.thresholds["answer_from"] == 0.7
    assert explained.emergencies_left_out


def test_nothing_found_is_told(search: Search) -> None:
    explained = explain(search, search.search("?!", language="fr"), language="fr", audience=Audience.PUBLIC)
    assert "nothing to search for" in explained.why
    assert explained.hits == ()
