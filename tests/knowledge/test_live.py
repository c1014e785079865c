import gc
import shutil
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import IndexUnusableError, current_id
from knowledge.live import Knowledge, LiveKnowledge
from knowledge.publish import Publisher
from knowledge.settings import KnowledgeSettings
from tests.knowledge.contents import edit, small_content


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> CachedEmbedder:
    return CachedEmbedder(load_question_encoder(), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def settings(tmp_path: Path) -> KnowledgeSettings:
    return small_content(tmp_path)


@pytest.fixture
def publisher(settings: KnowledgeSettings, embedder: CachedEmbedder) -> Publisher:
    publisher = Publisher(settings, embedder)
    publisher.publish()
    return publisher


@pytest.fixture
def live(settings: KnowledgeSettings, publisher: Publisher) -> Iterator[LiveKnowledge]:
    live = LiveKnowledge(settings)
    yield live
    live.stop()


def shown(knowledge: Knowledge) -> str:
    article = knowledge.library.article("routes", "fr")
    assert article is not None
    return article.short


def test_a_new_generation_is_taken_and_a_turn_keeps_its_own(live, settings, publisher) -> None:
    before = live.current()
    assert live.refresh() is before
    edit(settings.content_dir, "un")
    (settings.content_dir / "texts" / "en.yml").unlink()
    publisher.publish()
    after = live.refresh()
    assert after is live.current()
    assert after.generation == current_id(settings.index_dir)
    assert (shown(before), shown(after)) == ("Marque zéro.", "Marque un.")
    assert set(before.texts.languages) - set(after.texts.languages) == {"en"}
    for knowledge in (before, after):
        (hit,) = knowledge.search.search("un trou sur la route", language="fr").hits
        assert hit.article.short == shown(knowledge)


def test_nothing_is_read_from_the_content_folder(settings, publisher) -> None:
    shutil.rmtree(settings.content_dir)
    knowledge = LiveKnowledge(settings).current()
    assert shown(knowledge) == "Marque zéro."
    assert knowledge.directory.default.phone
    assert knowledge.places.by_postal_code("13400")
    assert knowledge.texts.get("fr", "utter.greet")


@pytest.mark.parametrize("name", ["articles.json", "vectors.npy", "texts/fr.yml", "manifest.json"])
def test_a_generation_that_cannot_be_loaded_is_not_used(live, settings, publisher, name: str) -> None:
    before = live.current()
    edit(settings.content_dir, "deux")
    damaged = publisher.publish().manifest.id
    path = settings.index_dir / damaged / name
    path.write_bytes(path.read_bytes()[:-5])
    assert live.refresh() is before
    edit(settings.content_dir, "trois")
    publisher.publish()
    assert shown(live.refresh()) == "Marque trois."


def test_what_warming_refuses_is_not_used(settings, publisher) -> None:
    def warm(knowledge: Knowledge) -> None:
        if "quatre" in shown(knowledge):
            raise RuntimeError("out of memory")

    live = LiveKnowledge(settings, warm=warm)
    before = live.current()
    edit(settings.content_dir, "quatre")
    publisher.publish()
    assert live.refresh() is before


def test_the_pointer_may_go_for_a_moment(live, settings) -> None:
    before = live.current()
    (settings.index_dir / "current").unlink()
    assert live.refresh() is before


def test_a_search_is_opened_before_it_is_used(live, settings, publisher) -> None:
    assert live.current().lazy_search.is_open
    quiet = LiveKnowledge(settings, searches=False)
    assert not quiet.current().lazy_search.is_open
    edit(settings.content_dir, "cinq")
    publisher.publish()
    assert not quiet.refresh().lazy_search.is_open, "nobody has searched in this process"
    assert quiet.current().search is quiet.current().search
    edit(settings.content_dir, "six")
    publisher.publish()
    assert quiet.refresh().lazy_search.is_open


def test_without_an_index_only_who_searches_cannot_start(settings) -> None:
    with pytest.raises(IndexUnusableError):
        LiveKnowledge(settings)
    knowledge = LiveKnowledge(settings, searches=False).current()
    assert knowledge.generation is None
    assert shown(knowledge) == "Marque zéro."
    with pytest.raises(IndexUnusableError):
        _ = knowledge.search


def test_the_old_generation_is_freed_when_no_turn_uses_it(live, settings, publisher) -> None:
    turn = live.current()
    old, index = weakref.ref(turn), weakref.ref(turn.search.generation)
    edit(settings.content_dir, "sept")
    publisher.publish()
    live.refresh()
    gc.collect()
    assert old() is not None
    del turn
    gc.collect()
    assert old() is None
    assert index() is None


def test_the_thread_follows_and_no_reader_ever_fails(live, settings, publisher) -> None:
    live.start()
    stop, seen, failures = threading.Event(), set[str](), list[Exception]()

    def read() -> None:
        while not stop.is_set():
            try:
                knowledge = live.current()
                (hit,) = knowledge.search.search("route", language="fr").hits
                assert hit.article.short == shown(knowledge)
                seen.add(shown(knowledge))
            except Exception as error:  # noqa: BLE001 - the test says which
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    followed = threading.Event()
    for number in range(4):
        edit(settings.content_dir, f"n{number}")
        published = publisher.publish().manifest.id
        while live.current().generation != published:
            followed.wait(0.02)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(seen) > 1
    assert shown(live.current()) == "Marque n3."
