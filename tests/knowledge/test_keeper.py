import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import structlog

from knowledge import keeper as module
from knowledge.embedding import CachedEmbedder, Encoder, load_question_encoder
from knowledge.index import IndexUnusableError, current_id, load_articles_of
from knowledge.keeper import Keeper, TwoAtOnce
from knowledge.publish import content_errors, roll_back
from knowledge.settings import KnowledgeSettings
from tests.knowledge.contents import edit, small_content

SECONDS = 60


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_question_encoder()


@pytest.fixture
def settings(tmp_path: Path) -> KnowledgeSettings:
    return small_content(tmp_path)


@pytest.fixture
def keeper(settings: KnowledgeSettings, encoder: Encoder) -> Iterator[Keeper]:
    keeper = Keeper(settings, encoder)
    yield keeper
    keeper.stop()


def shown(settings: KnowledgeSettings) -> str:
    try:
        article = load_articles_of(settings.index_dir).article("routes", "fr")
    except IndexUnusableError:
        return ""
    return article.short if article else ""


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_saving_is_enough(keeper: Keeper, settings: KnowledgeSettings) -> None:
    keeper.start()
    wait_for(lambda: shown(settings) == "Marque zéro.")
    edit(settings.content_dir, "un")
    wait_for(lambda: shown(settings) == "Marque un.")
    # As editors save: written beside, then renamed.
    path = edit(settings.content_dir, "un")
    beside = path.with_suffix(".tmp")
    beside.write_text(path.read_text(encoding="utf-8").replace("Marque un", "Marque deux"), encoding="utf-8")
    beside.replace(path)
    wait_for(lambda: shown(settings) == "Marque deux.")


def test_another_folder_in_the_place_of_the_first_is_watched(
    keeper: Keeper, settings: KnowledgeSettings
) -> None:
    keeper.start()
    wait_for(lambda: shown(settings) == "Marque zéro.")
    other = small_content(settings.content_dir.parent / "other").content_dir
    edit(other, "trois")
    settings.content_dir.rename(settings.content_dir.parent / "old")
    other.rename(settings.content_dir)
    wait_for(lambda: shown(settings) == "Marque trois.")
    time.sleep(0.5)
    edit(settings.content_dir, "quatre")
    wait_for(lambda: shown(settings) == "Marque quatre.")


def test_what_is_refused_is_said_once(keeper: Keeper, settings: KnowledgeSettings) -> None:
    told: list[str] = []
    keeper._on_published = lambda: told.append("x")
    with structlog.testing.capture_logs() as logs:
        keeper.attend()
        path = edit(settings.content_dir, "cinq")
        path.write_text(path.read_text(encoding="utf-8").replace("title:", "titre:"), encoding="utf-8")
        keeper.attend()
        (settings.content_dir / "texts" / "en.yml").write_text(
            (settings.content_dir / "texts" / "en.yml").read_text(encoding="utf-8") + "# x\n",
            encoding="utf-8",
        )
        keeper.attend()
    refused = [log["reason"] for log in logs if log["event"] == "generation_refused"]
    assert len(refused) == 1
    assert f"{path}:" in refused[0]
    assert shown(settings) == "Marque zéro."
    assert content_errors(settings.index_dir) is not None
    edit(settings.content_dir, "six")
    keeper.attend()
    assert shown(settings) == "Marque six."


def test_it_does_nothing_when_nothing_changed(keeper, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.attend()
    built = current_id(settings.index_dir)
    monkeypatch.setattr(keeper._publisher, "publish", lambda **_: pytest.fail("nothing has changed"))
    edit(settings.content_dir, "zéro")
    keeper.attend()
    assert current_id(settings.index_dir) == built


def test_a_new_day_counts_as_a_change(keeper, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.attend()
    days: list[date] = []
    monkeypatch.setattr(keeper._publisher, "publish", lambda **given: days.append(given["today"]))
    monkeypatch.setattr(keeper, "_attended", (keeper._attended[0], date(2026, 1, 1)))
    with pytest.raises(AttributeError):  # what the double returns is no publication
        keeper.attend()
    assert len(days) == 1


def test_going_back_is_respected_even_after_a_restart(keeper, settings, encoder) -> None:
    keeper.attend()
    first = current_id(settings.index_dir)
    edit(settings.content_dir, "sept")
    keeper.attend()
    embedder = CachedEmbedder(encoder, settings.cache_dir)
    roll_back(settings, embedder.fingerprint)
    keeper.attend()
    Keeper(settings, encoder).attend()
    assert current_id(settings.index_dir) == first
    edit(settings.content_dir, "huit")
    keeper.attend()
    assert shown(settings) == "Marque huit."


def test_many_new_passages_are_embedded_by_another_process(settings, encoder) -> None:
    class Refusing:
        encode_query = staticmethod(encoder.encode_query)

        def encode_document(self, inputs: list[str]):
            raise AssertionError("these passages are for the other process")

    Keeper(settings, encoder).attend()
    published: list[bool] = []
    keeper = Keeper(settings, Refusing(), embedded_here=0, on_published=lambda: published.append(True))
    edit(settings.content_dir, "neuf")
    keeper.attend()
    assert published == [True]
    assert shown(settings) == "Marque neuf."


def test_two_at_once_give_the_same_vectors_in_the_same_order(encoder) -> None:
    texts = ["court", "un texte nettement plus long que les autres", "encore un", "et le dernier"]
    assert np.array_equal(TwoAtOnce(encoder).encode_document(texts), encoder.encode_document(texts))


def test_a_failure_is_logged_and_the_keeper_goes_on(
    keeper, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 1)
    calls: list[int] = []

    def fail_once() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("no space left on device")

    monkeypatch.setattr(keeper, "attend", fail_once)
    with structlog.testing.capture_logs() as logs:
        keeper.start()
        wait_for(lambda: len(calls) > 1)
    assert [log["event"] for log in logs] == ["keeper_failed"]
