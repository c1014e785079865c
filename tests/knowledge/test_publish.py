import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import IndexUnusableError, current_id, generation_ids, load_articles_of
from knowledge.keeper import environment_of
from knowledge.publish import (
    ContentRefusedError,
    Outcome,
    Publisher,
    TooManyToEmbedError,
    content_errors,
    roll_back,
)
from knowledge.settings import KnowledgeSettings
from tests.knowledge.articles import write_article
from tests.knowledge.contents import edit, small_content


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> CachedEmbedder:
    return CachedEmbedder(load_question_encoder(), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def settings(tmp_path: Path) -> KnowledgeSettings:
    return small_content(tmp_path)


@pytest.fixture
def publisher(settings: KnowledgeSettings, embedder: CachedEmbedder) -> Publisher:
    return Publisher(settings, embedder)


def shown(settings: KnowledgeSettings) -> str:
    article = load_articles_of(settings.index_dir).article("routes", "fr")
    assert article is not None
    return article.short


def break_it(settings: KnowledgeSettings) -> Path:
    path = edit(settings.content_dir, "cassée")
    path.write_text(
        path.read_text(encoding="utf-8").replace("topic: routes", "topic: rien"), encoding="utf-8"
    )
    return path


def test_what_changed_is_published_and_what_did_not_is_not(publisher, settings) -> None:
    built = publisher.publish()
    assert (built.outcome, built.manifest.id) == (Outcome.BUILT, current_id(settings.index_dir))
    assert built.manifest.source == publisher.signature()
    assert publisher.publish().outcome is Outcome.UNCHANGED
    assert publisher.publish(always=True).outcome is Outcome.BUILT
    for change in ("article", "texts", "directory"):
        if change == "article":
            edit(settings.content_dir, "un")
        else:
            path = min((settings.content_dir / change).glob("*.yml"))
            path.write_text(path.read_text(encoding="utf-8") + "# une remarque\n", encoding="utf-8")
        assert publisher.publish().outcome is Outcome.BUILT, change


def test_a_broken_file_is_refused_and_the_last_good_generation_stays(publisher, settings) -> None:
    good = publisher.publish().manifest.id
    path = break_it(settings)
    with pytest.raises(ContentRefusedError) as refused:
        publisher.publish()
    (problem,) = refused.value.problems
    assert (problem.path, problem.field) == (path, "topic")
    assert path.read_text(encoding="utf-8").splitlines()[problem.line - 1] == "topic: rien"
    assert str(problem) in str(refused.value)
    assert current_id(settings.index_dir) == good
    assert generation_ids(settings.index_dir) == (good,)
    errors = content_errors(settings.index_dir)
    assert errors is not None
    assert errors.problems == (str(problem),)
    with pytest.raises(ContentRefusedError):
        publisher.publish(always=True)
    edit(settings.content_dir, "réparée")
    assert publisher.publish().outcome is Outcome.BUILT
    assert content_errors(settings.index_dir) is None
    assert shown(settings) == "Marque réparée."


@pytest.mark.parametrize("damaged", [False, True])
def test_without_a_good_generation_the_valid_files_are_published(publisher, settings, damaged: bool) -> None:
    if damaged:
        first = publisher.publish().manifest.id
        (settings.index_dir / first / "vectors.npy").write_bytes(b"")
    write_article(
        settings.content_dir, "apa", topic="apa", type="benefit", sections={"easy": "Sans le reste."}
    )
    published = publisher.publish()
    assert published.outcome is Outcome.BUILT
    assert [problem.path.name for problem in published.problems] == ["apa.md"]
    assert [article.id for article in load_articles_of(settings.index_dir).articles] == ["routes"]
    assert content_errors(settings.index_dir) is not None
    edit(settings.content_dir, "un")
    with pytest.raises(ContentRefusedError):
        publisher.publish()


def test_too_many_new_passages_are_left_to_others(publisher, settings) -> None:
    publisher.publish()
    before = current_id(settings.index_dir)
    edit(settings.content_dir, "tout à fait nouvelle")
    with pytest.raises(TooManyToEmbedError):
        publisher.publish(at_most=0)
    assert current_id(settings.index_dir) == before
    assert publisher.publish(at_most=1).outcome is Outcome.BUILT


def test_going_back_holds_until_the_content_changes(publisher, settings, embedder) -> None:
    first = publisher.publish().manifest.id
    edit(settings.content_dir, "un")
    second = publisher.publish().manifest.id
    assert roll_back(settings, embedder.fingerprint) == first == current_id(settings.index_dir)
    assert shown(settings) == "Marque zéro."
    assert publisher.publish().outcome is Outcome.HELD
    assert current_id(settings.index_dir) == first
    assert second in generation_ids(settings.index_dir)
    edit(settings.content_dir, "deux")
    assert publisher.publish().outcome is Outcome.BUILT
    assert shown(settings) == "Marque deux."
    assert roll_back(settings, embedder.fingerprint, second) == second
    assert publisher.publish(always=True).outcome is Outcome.BUILT


def test_one_can_only_go_back_to_a_whole_generation_of_this_model(publisher, settings, embedder) -> None:
    with pytest.raises(IndexUnusableError):
        roll_back(settings, embedder.fingerprint)
    first = publisher.publish().manifest.id
    with pytest.raises(IndexUnusableError, match="no older"):
        roll_back(settings, embedder.fingerprint)
    edit(settings.content_dir, "un")
    second = publisher.publish().manifest.id
    with pytest.raises(IndexUnusableError, match=first):
        roll_back(settings, embedder.fingerprint, "../elsewhere")
    with pytest.raises(IndexUnusableError, match="was built with"):
        roll_back(settings, "another-model", first)
    (settings.index_dir / first / "articles.json").unlink()
    with pytest.raises(IndexUnusableError):
        roll_back(settings, embedder.fingerprint, first)
    assert current_id(settings.index_dir) == second


def test_several_publish_at_once_and_one_builds(settings, embedder) -> None:
    publishers = [Publisher(settings, embedder) for _ in range(3)]
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda each=each: outcomes.append(each.publish().outcome))
        for each in publishers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [Outcome.BUILT, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert len(generation_ids(settings.index_dir)) == 1


def test_it_publishes_as_a_program(publisher, settings) -> None:
    publisher.publish()
    words = [sys.executable, "-m", "knowledge.publish"]
    environment = os.environ | environment_of(settings)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "unchanged"), done.stderr
    path = break_it(settings)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{path}:" in done.stderr
