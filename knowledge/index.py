"""The index: generations, each built aside and never changed, one of them current.

Every generation is a folder of `index_dir` (generation.py). The file `current` names the one in use and is
replaced atomically, so that a reader finds the old one or the new one, never half of one; the previous ones
stay, to go back to.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from knowledge.article import Article
from knowledge.embedding import CachedEmbedder, Progress, Vectors
from knowledge.generation import (
    MANIFEST,
    Generation,
    IndexUnusableError,
    Manifest,
    content_fingerprint,
    load_articles,
    load_index,
    read_manifest,
    verify,
    verify_companions,
    write_generation,
)
from knowledge.library import Library
from knowledge.passages import Passage, passages_of
from knowledge.section_phrases import load_phrases

__all__ = [
    "KEPT_GENERATIONS",
    "Generation",
    "IndexUnusableError",
    "Manifest",
    "build_index",
    "current_id",
    "current_manifest",
    "generation_folder",
    "generation_ids",
    "is_stale",
    "load_articles_of",
    "load_generation",
    "passages_in",
    "point_to",
    "replace_file",
    "verify_companions",
]

KEPT_GENERATIONS = 3  # besides the current one
_CURRENT = "current"
_ASIDE = ".building-"
_SYNCED_AT_ONCE = 8
_ABANDONED_SECONDS = 3600  # what a killed build left is removed after that
_PROBES = 50  # passages that must find themselves before a new generation is used
_NO_FILES: Mapping[str, bytes] = {}

Cut = Callable[[Article], tuple[Passage, ...]]


def passages_in(library: Library, cut: Cut = passages_of) -> tuple[Passage, ...]:
    """Return the passages of all articles in force; `cut` gives those of one."""
    return tuple(passage for article in library.winning() for passage in cut(article))


def is_stale(
    library: Library, index_dir: Path, companions: Mapping[str, bytes] = _NO_FILES, cut: Cut = passages_of
) -> bool:
    """Tell whether the current generation is absent, damaged, or made of other content than this."""
    try:
        manifest = read_manifest(generation_folder(index_dir))
    except IndexUnusableError:
        return True
    return manifest.content != content_fingerprint(library.winning(), passages_in(library, cut), companions)


def build_index(
    library: Library,
    embedder: CachedEmbedder,
    index_dir: Path,
    *,
    companions: Mapping[str, bytes] = _NO_FILES,
    source: str = "",
    cut: Cut = passages_of,
    on_progress: Progress | None = None,
) -> Generation:
    """Build a generation aside, check it, and make it the current one.

    Args:
        library: the articles.
        embedder: the model; only passages it has never seen are embedded.
        index_dir: the folder of the generations.
        companions: the files of the directory and of the texts, by their path in the content folder; those
            who answer with the generation need them.
        source: the signature of the content folder.
        cut: gives the passages of an article.
        on_progress: called with (passages embedded, passages in all).

    Raises:
        IndexUnusableError: there is nothing to index, or what was written does not find its own passages; the
            current generation stays.
    """
    passages = passages_in(library, cut)
    if not passages:
        raise IndexUnusableError("there is no valid article to index")
    vectors = embedder.passages([passage.text for passage in passages], on_progress=on_progress)
    phrase_vectors = embedder.phrases([phrase.text for phrase in load_phrases()])
    index_dir.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=index_dir))
    try:
        manifest = write_generation(
            aside,
            library.winning(),
            passages,
            companions,
            vectors=vectors,
            phrase_vectors=phrase_vectors,
            origin=(source, embedder.fingerprint),
        )
        generation = load_index(aside)
        _check(generation, vectors)
        load_articles(aside)
        verify(aside)
        _sync(aside)
        aside.replace(index_dir / manifest.id)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    point_to(index_dir, manifest.id)
    _prune(index_dir)
    return generation


def load_generation(index_dir: Path, generation_id: str | None = None) -> Generation:
    """Load the index of a generation, by default the current one.

    Raises:
        IndexUnusableError: there is none, or a file differs from what was built.
    """
    return load_index(generation_folder(index_dir, generation_id))


def load_articles_of(index_dir: Path, generation_id: str | None = None) -> Library:
    """Load the articles of a generation, by default the current one.

    Raises:
        IndexUnusableError: there is none, or a file differs from what was built.
    """
    return load_articles(generation_folder(index_dir, generation_id))


def current_id(index_dir: Path) -> str:
    """Return the name of the current generation.

    Raises:
        IndexUnusableError: there is none.
    """
    try:
        # A name only: what the file holds can lead nowhere else.
        return Path((index_dir / _CURRENT).read_text(encoding="utf-8").strip()).name
    except OSError as error:
        raise IndexUnusableError(f"no index in {index_dir}") from error


def current_manifest(index_dir: Path) -> Manifest:
    """Return what the current generation says of itself, once it is known to be whole.

    Raises:
        IndexUnusableError: there is none, or a file is missing, or differs from what was built.
    """
    return verify(generation_folder(index_dir))


def generation_folder(index_dir: Path, generation_id: str | None = None) -> Path:
    """Return the folder of a generation, by default the current one.

    Raises:
        IndexUnusableError: none is current.
    """
    return index_dir / Path(generation_id or current_id(index_dir)).name


def generation_ids(index_dir: Path) -> tuple[str, ...]:
    """Return the names of the generations that are kept, oldest first."""
    if not index_dir.is_dir():
        return ()
    names = (path.name for path in index_dir.iterdir() if (path / MANIFEST).is_file())
    return tuple(sorted(name for name in names if not name.startswith(".")))


def point_to(index_dir: Path, generation_id: str) -> None:
    """Make a generation the current one, atomically."""
    replace_file(index_dir / _CURRENT, f"{generation_id}\n")


def replace_file(path: Path, text: str) -> None:
    """Write a small file so that readers find what was there or what is there now, and it lasts."""
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(aside).replace(path)


def _check(generation: Generation, vectors: Vectors) -> None:
    """A passage asked as a question must come first, or tie: anything else means that rows are mixed up."""
    positions = np.arange(0, len(vectors), max(1, len(vectors) // _PROBES))
    found = [generation.vectors.nearest(vectors[position], 1) for position in positions.tolist()]
    best = np.array([float(near[0]) if len(near) else -1.0 for _, near in found])
    own = np.array(
        [generation.vectors.similarities(vectors[n : n + 1][0], np.array([n]))[0] for n in positions]
    )
    # Written so that a vector that is not a number fails too.
    lost = positions[~(own >= best - 1e-4)]
    if len(lost):
        raise IndexUnusableError(f"passage {lost[0]} does not find itself")


def _sync(folder: Path) -> None:
    """Make sure that all is on the disk; several files at once, which the disk writes together."""
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        list(pool.map(_sync_one, (*folder.rglob("*"), folder)))


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _prune(index_dir: Path) -> None:
    current = current_id(index_dir)
    older = [name for name in generation_ids(index_dir) if name < current]
    for name in older[:-KEPT_GENERATIONS]:
        shutil.rmtree(index_dir / name, ignore_errors=True)
    for aside in index_dir.glob(f"{_ASIDE}*"):
        if time.time() - aside.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(aside, ignore_errors=True)
