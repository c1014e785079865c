import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import CachedEmbedder, Vectors, load_question_encoder
from knowledge.index import (
    KEPT_GENERATIONS,
    IndexUnusableError,
    build_index,
    content_fingerprint,
    current_manifest,
    is_stale,
    load_articles_of,
    load_generation,
    passages_in,
)
from knowledge.library import Library, load_library
from tests.knowledge.articles import write_article, write_translation

FILES = (
    "vectors.npy",
    "passages.json",
    "phrases.npy",
    "phrases.json",
    "articles.json",
    "texts/fr.yml",
)


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> CachedEmbedder:
    return CachedEmbedder(load_question_encoder(), tmp_path_factory.mktemp("cache"))


def library_of(content: Path) -> Library:
    library, problems = load_library(content, ("fr", "en"))
    assert problems == ()
    return library


COMPANIONS = {"texts/fr.yml": b"meta: {}\n"}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    content = tmp_path / "content"
    source = write_article(content, "apa", title="Allocation personnalisée d'autonomie")
    write_translation(content, source, title="Help for older people")
    write_article(content, "routes", topic="routes", title="Les routes départementales")
    write_article(content, "interne", topic="apa", audience="staff", title="Consignes internes")
    return library_of(content)


def folders(index_dir: Path) -> list[str]:
    return sorted(path.name for path in index_dir.iterdir() if path.is_dir())


def test_a_generation_is_loaded_as_it_was_built(library, embedder, tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    built = build_index(library, embedder, index_dir)
    loaded = load_generation(index_dir)
    assert loaded.manifest == built.manifest
    assert loaded.passages == built.passages
    assert {passage.language for passage in loaded.passages} == {"fr", "en"}
    assert loaded.manifest.passages == len(loaded.passages) == 16
    assert folders(index_dir) == [loaded.manifest.id]
    question = embedder.question("nids de poule sur la route")
    best, score = (found[0] for found in loaded.vectors.nearest(question, 1))
    assert loaded.passages[best].article_id == "routes"
    assert tuple(found[0] for found in built.vectors.nearest(question, 1)) == (best, score)


def test_an_index_is_stale_when_what_an_answer_shows_changes(library, embedder, tmp_path: Path) -> None:
    content, index_dir = tmp_path / "content", tmp_path / "index"
    assert is_stale(library, index_dir)
    build_index(library, embedder, index_dir)
    assert not is_stale(library, index_dir)
    assert is_stale(library, index_dir, COMPANIONS)
    write_article(content, "routes", topic="routes", title="Les routes départementales", review_by=None)
    assert is_stale(library_of(content), index_dir), "no passage changed, but the article did"
    write_article(content, "routes", topic="routes", title="Les routes", questions=["Un trou"])
    changed = library_of(content)
    assert is_stale(changed, index_dir)
    build_index(changed, embedder, index_dir)
    assert not is_stale(changed, index_dir)


def test_the_previous_generations_are_kept_and_older_ones_removed(library, embedder, tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    built = [build_index(library, embedder, index_dir).manifest.id for _ in range(KEPT_GENERATIONS + 3)]
    assert folders(index_dir) == built[-KEPT_GENERATIONS - 1 :]
    (index_dir / "current").write_text(built[-2], encoding="utf-8")
    assert load_generation(index_dir).manifest.id == built[-2]


def test_a_failed_build_leaves_the_current_generation(library, embedder, tmp_path: Path) -> None:
    class Broken:
        def encode_document(self, inputs: list[str]) -> Vectors:
            raise RuntimeError("no memory")

        encode_query = encode_document

    index_dir = tmp_path / "index"
    current = build_index(library, embedder, index_dir).manifest.id
    with pytest.raises(RuntimeError, match="no memory"):
        build_index(library, CachedEmbedder(Broken(), tmp_path / "other"), index_dir)
    with pytest.raises(IndexUnusableError, match="no valid article"):
        build_index(library_of(tmp_path / "nothing"), embedder, index_dir)
    assert load_generation(index_dir).manifest.id == current
    assert folders(index_dir) == [current]


def test_vectors_that_do_not_find_themselves_are_not_used(library, tmp_path: Path) -> None:
    class NotANumber:
        def encode_document(self, inputs: list[str]) -> Vectors:
            return np.full((len(inputs), 4), np.nan, dtype=np.float32)

        encode_query = encode_document

    with pytest.raises(IndexUnusableError, match="find itself"):
        build_index(library, CachedEmbedder(NotANumber(), tmp_path / "other"), tmp_path / "index")
    assert not (tmp_path / "index" / "current").exists()


@pytest.mark.parametrize("name", [*FILES, "manifest.json", "current"])
def test_a_damaged_or_missing_file_is_told(library, embedder, tmp_path: Path, name: str) -> None:
    index_dir = tmp_path / "index"
    generation = build_index(library, embedder, index_dir, companions=COMPANIONS)
    path = index_dir / name if name == "current" else index_dir / generation.manifest.id / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(IndexUnusableError):
        current_manifest(index_dir)
    path.unlink()
    with pytest.raises(IndexUnusableError):
        current_manifest(index_dir)
    assert is_stale(library, index_dir, COMPANIONS) or name in FILES


def test_a_generation_holds_the_articles_and_their_companions(library, embedder, tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    generation = build_index(library, embedder, index_dir, companions=COMPANIONS)
    shutil.rmtree(tmp_path / "content")
    kept = load_articles_of(index_dir)
    assert kept.winning() == library.winning()
    assert kept.best("apa", "en") == library.article("apa", "en")
    assert kept.best("interne", "fr") is None
    folder = index_dir / generation.manifest.id
    assert {name: (folder / name).read_bytes() for name in COMPANIONS} == COMPANIONS


def test_the_fingerprint_does_not_depend_on_where_the_files_are(library, tmp_path: Path) -> None:
    (tmp_path / "content").rename(tmp_path / "elsewhere")
    moved = library_of(tmp_path / "elsewhere")

    def fingerprint(library: Library, companions: dict[str, bytes]) -> str:
        return content_fingerprint(library.winning(), passages_in(library), companions)

    assert fingerprint(moved, COMPANIONS) == fingerprint(library, COMPANIONS)
    assert fingerprint(moved, {}) != fingerprint(library, COMPANIONS)


def test_what_a_killed_build_left_is_removed(library, embedder, tmp_path: Path) -> None:
    left, recent = tmp_path / "index" / ".building-old", tmp_path / "index" / ".building-new"
    for folder in (left, recent):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))
    build_index(library, embedder, tmp_path / "index")
    assert not left.exists()
    assert recent.exists(), "another process may be building in it"


def test_current_cannot_name_a_folder_elsewhere(library, embedder, tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    name = build_index(library, embedder, tmp_path / "elsewhere").manifest.id
    index_dir.mkdir()
    (index_dir / "current").write_text(f"../elsewhere/{name}", encoding="utf-8")
    with pytest.raises(IndexUnusableError):
        load_generation(index_dir)


def test_readers_always_find_a_whole_generation_while_others_are_built(
    library, embedder, tmp_path: Path
) -> None:
    index_dir = tmp_path / "index"
    build_index(library, embedder, index_dir)
    stop, failures, reads = threading.Event(), list[Exception](), list[str]()

    def read() -> None:
        while not stop.is_set():
            try:
                reads.append(load_generation(index_dir).manifest.id)
            except IndexUnusableError as error:
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    built = [build_index(library, embedder, index_dir).manifest.id for _ in range(3)]
    while reads[-1:] != built[-1:] and not failures:
        pass
    stop.set()
    reader.join()
    assert failures == []


def test_the_manifest_says_what_the_index_is_made_of(library, embedder, tmp_path: Path) -> None:
    generation = build_index(library, embedder, tmp_path / "index")
    path = tmp_path / "index" / generation.manifest.id / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["model"] == embedder.fingerprint
    assert manifest["built"].endswith("+00:00")
    kept = {path.name for path in path.parent.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == kept
    assert "phrases.npy" in kept


def test_an_index_of_another_version_is_refused(library, embedder, tmp_path: Path) -> None:
    generation = build_index(library, embedder, tmp_path / "index")
    path = tmp_path / "index" / generation.manifest.id / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["files"]["phrases.npy"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(IndexUnusableError, match="another version"):
        load_generation(tmp_path / "index")
